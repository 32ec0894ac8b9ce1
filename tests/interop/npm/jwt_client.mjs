// Comes to the server at NATS_URL as each of the users in the file TOKENS, and prints what came of
// it, without anything that differs from run to run. Lines that start with `@` ask the test for
// something, which is done once a line comes back.

import { connect, credsAuthenticator, jwtAuthenticator } from "@nats-io/transport-node";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const url = process.env.NATS_URL;
const tokens = JSON.parse(readFileSync(process.env.TOKENS, "utf8"));
const text = (message) => new TextDecoder().decode(message.data);
const bytes = (string) => new TextEncoder().encode(string);
const say = (...parts) => console.log(parts.join(" "));

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function ask(what) {
  say(`@${what}`);
  await answers.next();
}

/** Keys as who has them, and numbers of connections as such. */
function plain(string) {
  let out = string;
  for (const [name, { key }] of Object.entries(tokens.users)) {
    out = out.replaceAll(key, `<${name}>`);
  }
  return out.replaceAll(tokens.account, "<account>").replaceAll(tokens.system, "<system>")
    .replace(/cid:? ?\d+/, "cid");
}

async function open(user, options = {}) {
  const { jwt, seed } = tokens.users[user];
  return connect({
    servers: url,
    authenticator: jwtAuthenticator(jwt, bytes(seed)),
    reconnect: false,
    timeout: 5000,
    ...options,
  });
}

async function outcome(promise) {
  try {
    return await promise;
  } catch (error) {
    return plain(`${error.name}: ${error.message}`);
  }
}

/** What it may publish and subscribe to, by the server's words. */
async function rights(nc, subjects) {
  for (const subject of subjects) {
    const published = new Promise((resolve) => {
      (async () => {
        for await (const status of nc.status()) {
          if (status.type === "error") {
            resolve(plain(status.error.message));
            return;
          }
        }
      })();
      nc.publish(subject);
      nc.flush().then(() => setTimeout(() => resolve("published"), 30));
    });
    say(" pub", plain(subject), await published);
    const subscribed = await new Promise((resolve) => {
      const sub = nc.subscribe(subject, { callback: (error) => error && resolve(error.message) });
      nc.flush().then(() => setTimeout(() => { sub.unsubscribe(); resolve("subscribed"); }, 30));
    });
    say(" sub", plain(subject), plain(subscribed));
  }
}

const scenarios = {
  async everyone() {
    // One of them holds for a moment, and has a scenario of its own.
    for (const name of Object.keys(tokens.users).filter((n) => n !== "expires_soon")) {
      const nc = await outcome(open(name));
      if (typeof nc === "string") {
        say(name, nc);
        continue;
      }
      say(name, "admitted");
      await nc.close();
    }
  },

  async permissions() {
    const key = tokens.users.scoped.key;
    for (const [name, subjects] of [
      ["permitted", ["p.1", "p.no", "x.1", "x.no", "y"]],
      ["scoped", ["u.bob.1", "u.eve.1", "t.red", "t.blue", "t.green", `k.${key}`]],
      ["scoped_untagged", ["u.bob.1", "t.red"]],
      ["by_account", ["any", "never.1"]],
    ]) {
      say(name);
      const nc = await open(name);
      await rights(nc, subjects);
      await nc.close();
    }
  },

  async limits() {
    const nc = await open("limited");
    const closed = nc.closed();
    for (let i = 0; i < 3; i++) {
      nc.subscribe(`s.${i}`, { callback: () => {} });
    }
    const end = await Promise.race([closed, nc.flush().then(() => "still there")]);
    say("three subscriptions", end instanceof Error ? plain(end.message) : plain(String(end)));
    await nc.close();
  },

  async no_signature() {
    for (const [name, authenticator] of [
      ["by_account", jwtAuthenticator(tokens.users.by_account.jwt)],
      ["bearer", jwtAuthenticator(tokens.users.bearer.jwt)],
      ["nothing", () => ({})],
      ["nonsense", () => ({ jwt: "a.b.c", sig: "AAAA" })],
      ["user and password", () => ({ user: "a", pass: "b" })],
    ]) {
      const nc = await outcome(connect({ servers: url, authenticator, reconnect: false,
        timeout: 5000 }));
      say(name, typeof nc === "string" ? nc : "admitted");
      if (typeof nc !== "string") {
        await nc.close();
      }
    }
  },

  async credentials_file() {
    const { jwt, seed } = tokens.users.by_account;
    const file = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n` +
      `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
    const nc = await connect({ servers: url, authenticator: credsAuthenticator(bytes(file)) });
    say("admitted");
    await nc.close();
  },

  async full_account() {
    const first = await open("of_small");
    say("first admitted");
    say("second", await open("of_small").then(() => "admitted", () => "refused"));
    await first.close();
    const again = await open("of_small");
    say("after it left admitted");
    await again.close();
  },

  async expiring() {
    const nc = await open("expires_soon");
    say("admitted");
    const end = await nc.closed();
    say("closed", end ? plain(end.message) : "without a word");
  },

  async sharing() {
    const exporter = await open("by_account");
    exporter.subscribe("svc.>", { callback: (error, m) => m.respond(`${m.subject}!`) });
    await exporter.flush();
    const importer = await open("of_importer");
    const answer = await outcome(importer.request("svc.a", "", { timeout: 3000 }).then(text));
    say("service", answer);
    const other = await open("signed_where_no_bearer");
    say("not shared", await outcome(other.request("svc.a", "", { timeout: 3000 }).then(text)));
    for (const nc of [exporter, importer, other]) {
      await nc.close();
    }
  },

  async pushing() {
    const user = await open("by_account");
    const system = await open("system");
    const push = async (subject, token) => {
      const answer = await outcome(system.request(subject, token, { timeout: 3000 }).then(text));
      if (!answer.startsWith("{")) {
        say(plain(subject), answer);
        return;
      }
      const { data, error } = JSON.parse(answer);
      const { account, code } = data ?? error;
      say(plain(subject), data ? "data" : "error", code, plain(account), data ? data.message : "");
    };
    await push("$SYS.REQ.CLAIMS.UPDATE", "");
    await push("$SYS.REQ.CLAIMS.UPDATE", "nonsense");
    await push("$SYS.REQ.CLAIMS.UPDATE", tokens.pushes.foreign);
    await push(`$SYS.REQ.ACCOUNT.${tokens.system}.CLAIMS.UPDATE`, tokens.pushes.revoking);
    say("user still there", !user.isClosed());
    const closed = user.closed();
    await push(`$SYS.REQ.ACCOUNT.${tokens.account}.CLAIMS.UPDATE`, tokens.pushes.revoking);
    const end = await closed;
    say("user closed", end ? plain(end.message) : "without a word");
    say("again", await outcome(open("by_account").then(() => "admitted")));
    await system.close();
  },

  async visiting() {
    for (const name of ["by_account", "of_importer", "signed_where_no_bearer", "of_small"]) {
      await (await open(name)).close();
    }
  },
  async keeping() {
    const system = await open("system");
    const request = async (subject, body = "") =>
      outcome(system.request(subject, body, { timeout: 3000 }).then(text));
    const listed = async () => {
      const answer = JSON.parse(await request("$SYS.REQ.CLAIMS.LIST"));
      return `${answer.data.length} ${answer.data.includes(tokens.account)}`;
    };
    say("listed", await listed());
    const looked = await request(`$SYS.REQ.ACCOUNT.${tokens.account}.CLAIMS.LOOKUP`);
    say("looked up", looked === tokens.accounts[tokens.account]);
    const user = await open("by_account");
    const closed = user.closed();
    const { data, error } = JSON.parse(await request("$SYS.REQ.CLAIMS.DELETE",
      tokens.pushes.deletion));
    say("deleted", data ? data.message : `error ${error.code}`);
    const end = await closed;
    say("user closed", end ? plain(end.message) : "without a word");
    say("listed", await listed());
    say("looked up", JSON.stringify(
      await request(`$SYS.REQ.ACCOUNT.${tokens.account}.CLAIMS.LOOKUP`)));
    say("again", await outcome(open("by_account").then(() => "admitted")));
    await system.close();
  },
};

await scenarios[process.argv[2]]();
process.exit(0);
