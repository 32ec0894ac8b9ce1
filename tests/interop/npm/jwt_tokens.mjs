// Makes an operator, its accounts and their users with the field's JavaScript library, and prints
// them as one JSON document: what the servers are configured with, and what clients show.

import * as jwt from "@nats-io/jwt";
import * as nkeys from "@nats-io/nkeys";

const seed = (key) => new TextDecoder().decode(key.getSeed());
const id = (key) => key.getPublicKey();
const now = Math.floor(Date.now() / 1000);

const operator = nkeys.createOperator();
const operatorSigning = nkeys.createOperator();
const strangerOperator = nkeys.createOperator();
const system = nkeys.createAccount();
const account = nkeys.createAccount();
const signing = nkeys.createAccount();
const scoped = nkeys.createAccount();
const noBearer = nkeys.createAccount();
const stranger = nkeys.createAccount();
const importer = nkeys.createAccount();
const expired = nkeys.createAccount();
const small = nkeys.createAccount();
const unknown = nkeys.createAccount();
const revokedUser = nkeys.createUser();

const unlimited = { conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true, subs: -1,
  data: -1, payload: -1 };
const scope = jwt.newScopedSigner(scoped, "role", {
  pub: { allow: ["u.{{name()}}.>", "t.{{tag(team)}}", "k.{{subject()}}"], deny: [] },
  sub: { allow: ["u.{{name()}}.>", "_INBOX.>"], deny: [] },
});

const users = {};
async function user(name, signer, claims = {}, options = {}, key = nkeys.createUser()) {
  const token = await jwt.encodeUser(options.called ?? name, key, signer, claims, options);
  users[name] = { jwt: token, seed: seed(options.seedOf ?? key), key: id(key) };
}

async function makeUsers() {
  const ofAccount = { issuer_account: id(account) };
  await user("by_account", account);
  await user("by_signing_key", signing, ofAccount);
  await user("by_signing_key_unnamed", signing);
  await user("by_unknown_key", stranger, ofAccount);
  await user("scoped", scoped, { ...ofAccount, tags: ["team:red", "team:blue"] },
    { scopedUser: true, called: "bob" });
  await user("scoped_untagged", scoped, ofAccount, { scopedUser: true, called: "bob" });
  await user("scoped_with_rights", scoped, { ...ofAccount, pub: { allow: ["x"] } },
    { called: "bob" });
  await user("permitted", account, { pub: { allow: ["p.>"], deny: ["p.no"] },
    sub: { allow: ["x.>", "q.> workers"], deny: ["x.no"] } });
  await user("bearer", account, { bearer_token: true });
  await user("bearer_refused", noBearer, { bearer_token: true });
  await user("signed_where_no_bearer", noBearer);
  await user("expired", account, {}, { exp: now - 10 });
  await user("too_early", account, {}, { nbf: now + 3600 });
  await user("expires_soon", account, {}, { exp: now + 8 });
  await user("revoked", account, {}, {}, revokedUser);
  await user("from_here", account, { src: ["127.0.0.0/8"] });
  await user("from_elsewhere", account, { src: ["192.0.2.0/24"] });
  await user("websocket_only", account, { allowed_connection_types: ["WEBSOCKET"] });
  await user("unknown_types_only", account, { allowed_connection_types: ["PIGEON"] });
  await user("standard_and_unknown", account, { allowed_connection_types: ["STANDARD", "PIGEON"] });
  await user("at_no_time", account, { times: [{ start: "00:00:00", end: "00:00:00" }] });
  await user("at_all_times", account, { times: [{ start: "00:00:00", end: "23:59:59" }] });
  await user("far_away", account, { times: [{ start: "00:00:00", end: "23:59:59" }],
    times_location: "America/New_York" });
  await user("nowhere", account, { times: [{ start: "00:00:00", end: "23:59:59" }],
    times_location: "Nowhere/At_All" });
  await user("of_stranger", stranger);
  await user("of_unknown", unknown);
  await user("of_expired", expired);
  await user("of_small", small);
  await user("of_importer", importer);
  await user("wrong_key", account, {}, { seedOf: nkeys.createUser() });
  await user("limited", account, { subs: 2, payload: 16 });
  await user("first_version", account, {}, { algorithm: "ed25519" });
  await user("system", system);
}

async function makeAccounts() {
  const make = (key, name, claims, options = {}) =>
    jwt.encodeAccount(name, key, { limits: unlimited, ...claims }, { signer: operator, ...options });
  return {
    [id(system)]: await make(system, "SYS", {}, {}),
    [id(account)]: await make(account, "ACC", {
      signing_keys: [id(signing), scope],
      revocations: { [id(revokedUser)]: now + 5 },
      exports: [{ name: "svc", subject: "svc.>", type: "service", description: "of services",
        service_latency: { sampling: 50, results: "lat.svc" }, response_threshold: 60000000000 },
      { name: "many", subject: "many.*", type: "service", response_type: "Stream",
        service_latency: { sampling: "headers", results: "lat.many" } },
      { name: "closed", subject: "closed", type: "stream", token_req: true,
        revocations: { [id(stranger)]: 77 } }],
      mappings: { "m.a": [{ subject: "m.b", weight: 30 }, { subject: "m.c", weight: 50, cluster: "X" }],
        "n.*": [{ subject: "n2.$1" }] },
      trace: { dest: "traces", sampling: 20 },
      tags: ["team:red", "prod"],
      description: "the account",
      info_url: "http://localhost/account",
      default_permissions: { pub: { deny: ["never.>"] }, sub: {} },
    }, { signer: operatorSigning }),
    [id(noBearer)]: await make(noBearer, "NOB",
      { limits: { ...unlimited, disallow_bearer: true } }),
    [id(stranger)]: await make(stranger, "STR", {}, { signer: strangerOperator }),
    [id(importer)]: await make(importer, "IMP", {
      imports: [{ name: "svc", subject: "svc.>", account: id(account), type: "service" },
        { name: "none", subject: "none.>", account: id(account), type: "service" },
        { name: "open", subject: "events", account: id(stranger), type: "stream", to: "from" }],
    }),
    [id(expired)]: await make(expired, "EXP", {}, { exp: now - 10 }),
    [id(small)]: await make(small, "SMALL", { limits: { ...unlimited, conn: 1 } }),
  };
}

await makeUsers();
const accounts = await makeAccounts();
const revoking = await jwt.encodeAccount("ACC", account, {
  limits: unlimited,
  signing_keys: [id(signing)],
  revocations: { "*": now + 60 },
}, { signer: operator });
const foreignPush = await jwt.encodeAccount("ACC", account, { limits: unlimited },
  { signer: strangerOperator });
const deletion = await jwt.encodeGeneric("delete", operator, "generic", { accounts: [id(account)] });

console.log(JSON.stringify({
  operator: await jwt.encodeOperator("OP", operator, {
    signing_keys: [id(operatorSigning)], system_account: id(system) }),
  system: id(system),
  account: id(account),
  accounts,
  users,
  pushes: { revoking, foreign: foreignPush, deletion },
}));
