// A service that is asked who may come in, and clients it is asked about, at the server at NATS_URL.
// `make FILE MODE` writes what the server is to be configured with; `run FILE` prints what came of
// each client.

import { connect, credsAuthenticator, jwtAuthenticator } from "@nats-io/transport-node";
import * as jwt from "@nats-io/jwt";
import * as nkeys from "@nats-io/nkeys";
import { readFileSync, writeFileSync } from "node:fs";

const say = (...parts) => console.log(parts.join(" "));
const bytes = (string) => new TextEncoder().encode(string);
const text = (array) => new TextDecoder().decode(array);
const seed = (key) => text(key.getSeed());

const unlimited = { conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true, subs: -1,
  data: -1, payload: -1 };

/** The keys of a trial, and the configuration of a server that knows their public halves. */
async function make(file, mode, sealed) {
  const xkey = nkeys.createCurve();
  const issuer = nkeys.createAccount();
  const keys = { mode, issuer: seed(issuer), xkey: sealed ? seed(xkey) : "" };
  if (mode === "configured") {
    keys.config = `
authorization {
  timeout: 3
  auth_callout {
    issuer: ${issuer.getPublicKey()}
    account: AUTH
    auth_users: [ service ]
    ${sealed ? `xkey: ${xkey.getPublicKey()}` : ""}
  }
}
accounts {
  AUTH { users: [ { user: service, password: service } ] }
  APP { users: [ { user: known, password: known } ] }
}
`;
    writeFileSync(file, JSON.stringify(keys));
    return;
  }
  const operator = nkeys.createOperator();
  const system = nkeys.createAccount();
  const app = nkeys.createAccount();
  const forbidden = nkeys.createAccount();
  const service = nkeys.createUser();
  const sentinel = nkeys.createUser();
  const account = (key, name, claims) =>
    jwt.encodeAccount(name, key, { limits: unlimited, ...claims }, { signer: operator });
  const accounts = {
    [system.getPublicKey()]: await account(system, "SYS", {}),
    [app.getPublicKey()]: await account(app, "APP", {}),
    [forbidden.getPublicKey()]: await account(forbidden, "NOT", {}),
    [issuer.getPublicKey()]: await account(issuer, "AUTH", {
      authorization: {
        auth_users: [service.getPublicKey()],
        allowed_accounts: [app.getPublicKey()],
        ...(sealed ? { xkey: xkey.getPublicKey() } : {}),
      },
    }),
  };
  keys.app = seed(app);
  keys.forbidden = seed(forbidden);
  keys.service = text(jwt.fmtCreds(await jwt.encodeUser("service", service, issuer), service));
  keys.sentinel = await jwt.encodeUser("sentinel", sentinel, issuer,
    { bearer_token: true, pub: { deny: [">"] }, sub: { deny: [">"] } });
  keys.config = `
authorization { timeout: 3 }
operator: ${await jwt.encodeOperator("OP", operator, { system_account: system.getPublicKey() })}
resolver: MEMORY
resolver_preload {
${Object.entries(accounts).map(([key, token]) => `  ${key}: ${token}`).join("\n")}
}
`;
  writeFileSync(file, JSON.stringify(keys));
}

/** What the service answers, by the name of the user it is asked about. */
async function answerTo(keys, request, seen) {
  const issuer = nkeys.fromSeed(bytes(keys.issuer));
  const stranger = nkeys.createAccount();
  const configured = keys.mode === "configured";
  const app = configured ? null : nkeys.fromSeed(bytes(keys.app));
  const { user_nkey: about, server_id: server, connect_opts: shown } = request.nats;
  const name = shown.user ?? "";
  seen.push(request);
  const respond = (data, { user = about, to = server.id, by = issuer } = {}) =>
    jwt.encodeAuthorizationResponse(nkeys.fromPublic(user), nkeys.fromPublic(to), by, data, {});
  const make = (claims = {}, { key = about, aud = "APP", by = configured ? issuer : app, exp } = {}) =>
    jwt.encodeUser(name, nkeys.fromPublic(key), by, claims,
      { ...(configured ? { aud } : {}), ...(exp ? { exp } : {}) });
  switch (name) {
    case "silent":
      return null;
    case "empty":
      return "";
    case "nonsense":
      return "eyJub25zZW5zZQ";
    case "error":
      return respond({ error: "no, thank you" });
    case "neither":
      return respond({});
    case "other_user":
      return respond({ jwt: await make() }, { user: nkeys.createUser().getPublicKey() });
    case "other_server":
      return respond({ jwt: await make() }, { to: nkeys.createServer().getPublicKey() });
    case "other_issuer":
      return respond({ jwt: await make() }, { by: stranger });
    case "user_of_other_issuer":
      return respond({ jwt: await make({}, { by: stranger }) });
    case "jwt_for_other_user":
      return respond({ jwt: await make({}, { key: nkeys.createUser().getPublicKey() }) });
    case "no_such_account":
      return respond({ jwt: await make({}, { aud: "NOWHERE" }) });
    case "forbidden_account":
      return respond({ jwt: await make({}, configured ? { aud: "" }
        : { by: nkeys.fromSeed(bytes(keys.forbidden)) }) });
    case "elsewhere":
      return respond({ jwt: await make({ src: ["192.0.2.0/24"] }) });
    case "brief":
      return respond({ jwt: await make({}, { exp: Math.floor(Date.now() / 1000) + 2 }) });
    case "limited":
      return respond({ jwt: await make({ pub: { allow: ["ok.>"] }, sub: { deny: ["no.>"] } }) });
    default:
      return shown.pass === "wrong" ? respond({ error: "wrong password" })
        : respond({ jwt: await make() });
  }
}

async function serve(keys, seen) {
  const xkey = keys.xkey ? nkeys.fromCurveSeed(bytes(keys.xkey)) : null;
  const nc = await connect({
    servers: process.env.NATS_URL,
    ...(keys.mode === "configured" ? { user: "service", pass: "service" }
      : { authenticator: credsAuthenticator(bytes(keys.service)) }),
  });
  nc.subscribe("$SYS.REQ.USER.AUTH", {
    callback: async (error, message) => {
      const from = message.headers?.get("Nats-Server-Xkey");
      seen.sealed = Boolean(from);
      const token = xkey ? text(xkey.open(message.data, from)) : text(message.data);
      const answer = await answerTo(keys, jwt.decode(token), seen);
      if (answer !== null) {
        message.respond(xkey && answer ? xkey.seal(bytes(answer), from) : answer);
      }
    },
  });
  await nc.flush();
  return nc;
}

async function attempt(keys, user, pass = "pass") {
  const options = { servers: process.env.NATS_URL, reconnect: false, timeout: 8000 };
  try {
    // The sentinel's token lets them ask, their name says who they are.
    return await connect(keys.mode === "configured" ? { ...options, user, pass } : {
      ...options,
      authenticator: [jwtAuthenticator(keys.sentinel), () => ({ user, pass })],
    });
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

async function run(keys) {
  const seen = [];
  const service = await serve(keys, seen);
  for (const user of ["carol", "known", "limited", "error", "silent", "empty", "nonsense",
    "neither", "other_user", "other_server", "other_issuer", "user_of_other_issuer",
    "jwt_for_other_user", "no_such_account", "forbidden_account", "elsewhere"]) {
    const nc = await attempt(keys, user);
    say(user, typeof nc === "string" ? nc : "admitted");
    if (typeof nc === "string") {
      continue;
    }
    if (user === "limited") {
      const errors = (async () => {
        for await (const status of nc.status()) {
          if (status.type === "error") {
            return status.error.message;
          }
        }
      })();
      nc.publish("ok.1");
      nc.publish("bad.1");
      await nc.flush();
      say(" ", await errors);
    }
    await nc.close();
  }
  const wrong = await attempt(keys, "carol", "wrong");
  say("wrong password", typeof wrong === "string" ? wrong : "admitted");
  const brief = await attempt(keys, "brief");
  const end = await brief.closed();
  say("brief", end ? end.message : "without a word");
  describe(keys, seen);
  await service.close();
}

/** What the questions held. */
function describe(keys, seen) {
  const { aud, iss, sub, exp, iat, nats } = seen[0];
  say("sealed", seen.sealed, "audience", aud, "seconds", exp - iat);
  say("issuer is server", iss === nats.server_id.id, "about issuer",
    sub === nkeys.fromSeed(bytes(keys.issuer)).getPublicKey());
  say("type", nats.type, nats.version, "xkey", typeof nats.server_id.xkey);
  say("members", Object.keys(nats).sort().join(","));
  say("client", Object.keys(nats.client_info).sort().join(","),
    nats.client_info.kind, nats.client_info.type, nats.client_info.user === "carol");
  say("shown", Object.keys(nats.connect_opts).sort().join(","), nats.connect_opts.user,
    nats.connect_opts.pass);
  say("users differ", new Set(seen.map((q) => q.nats.user_nkey)).size === seen.length);
}

if (process.argv[2] === "make") {
  await make(process.argv[3], process.argv[4], process.argv[5] === "sealed");
} else {
  await run(JSON.parse(readFileSync(process.argv[3], "utf8")));
}
process.exit(0);
