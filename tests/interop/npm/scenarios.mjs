// One scenario of the official client against the server at NATS_URL. Prints what happened, line by
// line, without anything that differs from run to run: the lines of two servers are compared.
//
// A line that starts with `@` asks the test for something: it is done once a line comes back.

import { connect, createInbox, headers, Empty, nkeyAuthenticator, tokenAuthenticator }
  from "@nats-io/transport-node";
import { createInterface } from "node:readline";

const url = process.env.NATS_URL;
const text = (message) => new TextDecoder().decode(message.data);
const say = (...parts) => console.log(parts.join(" "));

/** The error's class and text, and that of what caused it. */
function named(error) {
  const cause = error.cause ? ` <- ${named(error.cause)}` : "";
  return `${error.name}: ${error.message}${cause}`;
}

async function refused(promise) {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return named(error);
  }
}

async function open(options = {}) {
  return connect({ servers: url, timeout: 5000, ...options });
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function ask(what) {
  say(`@${what}`);
  await answers.next();
}

/** The next `n` messages of a subscription. */
async function take(subscription, n) {
  const taken = [];
  for await (const message of subscription) {
    taken.push(message);
    if (taken.length === n) {
      break;
    }
  }
  return taken;
}

// Of two users; the first is known to the server, and both are known to everybody.
const ANN = "SUAG423FPEWW6ZRNMFXG4LLGN5ZC25DIMUWXIZLTORZS2LJNFUWS2LMDOI";
const BOB = "SUAG423FPEWW6ZRNMJXWELLGN5ZC25DIMUWXIZLTORZS2LJNFUWS2LLPW4";

const scenarios = {
  async info() {
    const nc = await open({ name: "info" });
    const info = nc.info;
    for (const key of ["proto", "headers", "max_payload", "auth_required", "tls_required",
      "tls_available", "jetstream", "client_ip", "connect_urls", "ldm", "nonce"]) {
      say(key, JSON.stringify(info[key]));
    }
    for (const key of ["server_id", "server_name", "version", "go", "host", "port", "client_id"]) {
      say(key, typeof info[key]);
    }
    say("server id", /^N[A-Z2-7]{55}$/.test(info.server_id));
    say("rtt", typeof (await nc.rtt()));
    await nc.close();
  },

  async publish_and_subscribe() {
    const nc = await open();
    const plain = nc.subscribe("orders.new");
    const star = nc.subscribe("orders.*");
    const rest = nc.subscribe("orders.>");
    const other = nc.subscribe("orders.*.eu");
    for (const subject of ["orders.new", "orders.old", "orders.new.eu", "orders", "order.new"]) {
      nc.publish(subject, subject.toUpperCase());
    }
    await nc.flush();
    for (const [name, sub] of Object.entries({ plain, star, rest, other })) {
      await sub.drain();
      const got = [];
      for await (const message of sub) {
        got.push(`${message.subject}=${text(message)}`);
      }
      say(name, got.join(" "));
    }
    await nc.close();
  },

  async payloads() {
    const nc = await open();
    const sub = nc.subscribe("p");
    const sizes = [0, 1, 2, 1024, 65535, 65536, nc.info.max_payload];
    for (const size of sizes) {
      nc.publish("p", new Uint8Array(size).map((_, i) => i % 251));
    }
    nc.publish("p", "crlf\r\nPING\r\nMSG x 1 1\r\n");
    for (const message of await take(sub, sizes.length + 1)) {
      const sum = message.data.reduce((a, b) => (a * 31 + b) % 1000003, 7);
      say(message.data.length, sum);
    }
    try {
      nc.publish("p", new Uint8Array(nc.info.max_payload + 1));
      await nc.flush();
      say("too large: no error");
    } catch (error) {
      say("too large:", named(error));
    }
    await nc.close();
  },

  async queue_groups() {
    const clients = await Promise.all([open(), open(), open()]);
    const counts = [0, 0, 0];
    let plain = 0;
    clients.forEach((nc, i) => {
      nc.subscribe("work", { queue: "workers", callback: () => counts[i]++ });
    });
    clients[0].subscribe("work", { callback: () => plain++ });
    await Promise.all(clients.map((nc) => nc.flush()));
    for (let i = 0; i < 600; ++i) {
      clients[1].publish("work", `${i}`);
    }
    await clients[1].flush();
    await Promise.all(clients.map((nc) => nc.flush()));
    say("each once", counts.reduce((a, b) => a + b), "plain", plain);
    say("shared", counts.every((n) => n > 120));
    await clients[2].close();
    // The server hears of it in its own time.
    do {
      counts.fill(0);
      for (let i = 0; i < 100; ++i) {
        clients[1].publish("work", `${i}`);
      }
      await clients[1].flush();
      await clients[0].flush();
    } while (counts[0] + counts[1] !== 100);
    say("after one left", counts.reduce((a, b) => a + b), "of the left", counts[2]);
    await Promise.all(clients.slice(0, 2).map((nc) => nc.close()));
  },

  async requests() {
    const [asker, replier] = await Promise.all([open(), open()]);
    replier.subscribe("double", {
      callback: (_, message) => {
        const h = headers();
        h.set("Was", text(message));
        message.respond(`${2 * Number(text(message))}`, { headers: h });
      },
    });
    replier.subscribe("silent", { callback: () => {} });
    await replier.flush();
    const answer = await asker.request("double", "21", { timeout: 2000 });
    say("answer", text(answer), answer.headers.get("Was"));
    const many = await Promise.all(
      Array.from({ length: 100 }, (_, i) => asker.request("double", `${i}`)),
    );
    say("many", many.map(text).join(","));
    say("nobody:", await refused(asker.request("nobody.there", Empty, { timeout: 2000 })));
    say("silent:", await refused(asker.request("silent", Empty, { timeout: 200 })));
    const noMux = await asker.request("double", "4", { noMux: true, timeout: 2000 });
    say("own inbox", text(noMux));
    await Promise.all([asker.close(), replier.close()]);
  },

  async message_headers() {
    const nc = await open();
    const sub = nc.subscribe("h");
    const h = headers();
    h.append("Multi", "a");
    h.append("Multi", "b");
    h.set("Empty", "");
    h.set("Text", "späße: yes");
    nc.publish("h", "with", { headers: h });
    nc.publish("h", "without");
    nc.publish("h", Empty, { headers: h });
    for (const message of await take(sub, 3)) {
      say(text(message), message.headers
        ? JSON.stringify(message.headers.keys().map((k) => [k, message.headers.values(k)]))
        : "none");
    }
    await nc.close();
  },

  async unsubscribing() {
    const nc = await open();
    let got = 0;
    const sub = nc.subscribe("u", { max: 3, callback: () => got++ });
    for (let i = 0; i < 10; ++i) {
      nc.publish("u");
    }
    await nc.flush();
    say("max", got, "closed", sub.isClosed());
    let later = 0;
    const second = nc.subscribe("u", { callback: () => later++ });
    nc.publish("u");
    await nc.flush();
    second.unsubscribe();
    nc.publish("u");
    await nc.flush();
    say("until unsubscribed", later);
    await nc.close();
  },

  async no_echo() {
    const quiet = await open({ noEcho: true });
    const other = await open();
    let own = 0;
    quiet.subscribe("e", { callback: () => own++ });
    await quiet.flush();
    quiet.publish("e");
    await quiet.flush();
    other.publish("e");
    await other.flush();
    await quiet.flush();
    say("heard", own);
    await Promise.all([quiet.close(), other.close()]);
  },

  async draining() {
    const [nc, publisher] = await Promise.all([open(), open()]);
    let got = 0;
    nc.subscribe("d", { callback: () => got++ });
    await nc.flush();
    for (let i = 0; i < 50; ++i) {
      publisher.publish("d", `${i}`);
    }
    await publisher.flush();
    await nc.drain();
    say("drained", got, "closed", nc.isClosed());
    say("closed with", (await nc.closed()) ?? "nothing");
    say("after:", await refused((async () => nc.publish("d"))()));
    await publisher.close();
  },

  async pedantic_and_verbose() {
    const nc = await open({ pedantic: true, verbose: true });
    const sub = nc.subscribe("v");
    nc.publish("v", "heard");
    say(text((await take(sub, 1))[0]));
    await nc.flush();
    await nc.close();
  },

  async users() {
    const nc = await open({ user: "ann", pass: "secret" });
    say("in, auth required", nc.info.auth_required);
    await nc.close();
    const hashed = await open({ user: "bob", pass: "password" });
    say("bcrypt in", !hashed.isClosed());
    await hashed.close();
    say("wrong:", await refused(open({ user: "ann", pass: "wrong" })));
    say("nobody:", await refused(open({ user: "eve", pass: "secret" })));
    say("none:", await refused(open()));
    say("token:", await refused(open({ authenticator: tokenAuthenticator("secret") })));
  },

  async tokens() {
    const nc = await open({ token: "s3cr3t" });
    say("in", !nc.isClosed());
    await nc.close();
    say("wrong:", await refused(open({ token: "wrong" })));
    say("none:", await refused(open()));
  },

  async nkeys() {
    const seed = (text) => nkeyAuthenticator(new TextEncoder().encode(text));
    const ann = await open({ authenticator: seed(ANN) });
    say("in", !ann.isClosed());
    await ann.close();
    // Right once more, with another nonce.
    await (await open({ authenticator: seed(ANN) })).close();
    say("unknown:", await refused(open({ authenticator: seed(BOB) })));
    say("none:", await refused(open()));
    say("password:", await refused(open({ user: "ann", pass: "x" })));
  },

  async permissions() {
    const admin = await open({ user: "admin", pass: "x" });
    const errors = [];
    const nc = await open({ user: "ann", pass: "x" });
    (async () => {
      for await (const status of nc.status()) {
        if (status.type === "error") {
          errors.push(named(status.error));
        }
      }
    })();
    const all = admin.subscribe("out.>");
    await admin.flush();
    nc.publish("out.a", "may");
    nc.publish("secret", "may not");
    await nc.flush();
    const denied = [];
    nc.subscribe("secret", { callback: (error) => error && denied.push(named(error)) });
    nc.subscribe("in.x", { queue: "q2", callback: (error) => error && denied.push(named(error)) });
    const wide = nc.subscribe("in.>");
    const group = nc.subscribe("in.x", { queue: "q1" });
    await nc.flush();
    admin.publish("in.hidden", "kept back");
    admin.publish("in.x", "seen");
    await admin.flush();
    say("got", (await take(wide, 1)).map((m) => m.subject).join(" "));
    say("as a group", (await take(group, 1)).map((m) => m.subject).join(" "));
    say("published", (await take(all, 1)).map((m) => m.subject).join(" "));
    await nc.flush();
    for (const line of [...errors, ...denied].sort()) {
      say(line);
    }
    say("open", !nc.isClosed());
    await nc.close();
    await admin.close();
  },

  async answering() {
    const service = await open({ user: "service", pass: "x" });
    const client = await open({ user: "admin", pass: "x" });
    service.subscribe("ask", {
      callback: (_, message) => {
        message.respond("one");
        message.respond("two");
      },
    });
    await service.flush();
    const inbox = client.subscribe("inbox.*");
    client.publish("ask", "q", { reply: "inbox.1" });
    say(text((await take(inbox, 1))[0]));
    say("request:", text(await client.request("ask", "q", { timeout: 2000 })));
    service.publish("inbox.2", "unasked");
    await service.flush();
    say("open", !service.isClosed());
    await service.close();
    await client.close();
  },

  async no_auth_user() {
    const nc = await open();
    const sub = nc.subscribe("open.>");
    nc.publish("open.a", "1");
    say(text((await take(sub, 1))[0]));
    await nc.close();
    say("wrong:", await refused(open({ user: "ann", pass: "wrong" })));
    const ann = await open({ user: "ann", pass: "x" });
    say("ann in", !ann.isClosed());
    await ann.close();
  },

  async tls() {
    const caFile = process.env.TLS_CA;
    const own = { certFile: process.env.TLS_CERT, keyFile: process.env.TLS_KEY };
    const nc = await open({ tls: { caFile, ...own } });
    say("in", nc.info.tls_required, nc.info.tls_verify, nc.protocol.transport.isEncrypted());
    const large = new Uint8Array(900_000).fill(7);
    const sub = nc.subscribe("large");
    for (let i = 0; i < 20; ++i) {
      nc.publish("large", large);
    }
    const got = await take(sub, 20);
    say("large", got.every((m) => m.data.length === large.length && m.data.at(-1) === 7));
    const answers = nc.subscribe("ask", { callback: (_, m) => m.respond("yes") });
    say("answer", text(await nc.request("ask", Empty, { timeout: 5000 })));
    answers.unsubscribe();
    await nc.drain();
    say("without a certificate:", (await refused(open({ tls: { caFile } }))) !== "no error");
    say("trusting nobody:", (await refused(open({ tls: own }))) !== "no error");
  },

  async tls_first() {
    const tls = { caFile: process.env.TLS_CA, handshakeFirst: true };
    const nc = await open({ tls });
    say("in", nc.info.tls_required, nc.protocol.transport.isEncrypted());
    await nc.flush();
    await nc.close();
  },

  async reconnecting() {
    const nc = await open({ reconnectTimeWait: 50, maxReconnectAttempts: -1 });
    const seen = [];
    (async () => {
      for await (const status of nc.status()) {
        if (["disconnect", "reconnect", "error"].includes(status.type)) {
          seen.push(status.type);
        }
      }
    })();
    const sub = nc.subscribe("r.*");
    nc.publish("r.before", "1");
    say("before", text((await take(sub, 1))[0]));
    const again = nc.subscribe("r.>");
    await nc.flush();
    await ask("restart");
    while (!seen.includes("reconnect")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    nc.publish("r.after", "2");
    say("after", text((await take(again, 1))[0]));
    say("seen", seen.join(" "));
    await nc.close();
  },

  /** Services and streams over the wall between accounts: see ACCOUNTS of clients_test.py. */
  async accounts() {
    const as = (user) => open({ user, pass: user, name: user });
    const [shop, web, gate] = await Promise.all([as("shop"), as("web"), as("gate")]);
    const told = (message) => {
      const info = JSON.parse(message.headers.get("Nats-Request-Info"));
      return ["acc", "svc", "name", "user", "host", "lang", "kind", "client_type", "server", "id"]
        .map((key) => `${key}=${key in info
          ? ["server", "id"].includes(key) ? typeof info[key] : info[key] : "-"}`).join(" ");
    };
    shop.subscribe("orders.*.*", {
      callback: (_, message) => {
        say("asked", message.subject, told(message),
          /^_R_\.[0-9A-Za-z]{6}\.[0-9A-Za-z]{6}/.test(message.reply));
        message.respond(`${text(message)}!`);
        message.respond("a second answer");
      },
    });
    shop.subscribe("list", {
      callback: (_, message) => {
        say("asked", message.subject, told(message));
        for (const each of ["a", "b", ""]) {
          message.respond(each);
        }
        message.respond("too late");
      },
    });
    const metrics = shop.subscribe("measured");
    const events = web.subscribe("by-state.>");
    const shared = web.subscribe("pre.tick", { queue: "q" });
    const own = shop.subscribe("tick", { queue: "q" });
    await Promise.all([shop.flush(), web.flush()]);

    say("answer", text(await web.request("api.1.2", "one", { timeout: 2000 })));
    say("own inbox", text(await web.request("api.3.4", "two", { noMux: true, timeout: 2000 })));
    say("through two", text(await gate.request("way.5.6", "three", { timeout: 2000 })));
    for (const message of await take(metrics, 3)) {
      const metric = JSON.parse(text(message));
      say("measured", metric.type, metric.status, Object.keys(metric).join(" "),
        metric.requestor.acc, metric.requestor.name ?? "-", metric.responder.acc,
        metric.responder.name, metric.total >= metric.service);
    }

    const inbox = createInbox();
    const answers = web.subscribe(inbox);
    web.publish("list", Empty, { reply: inbox });
    say("list", JSON.stringify((await take(answers, 3)).map(text)));

    shop.publish("events.new.7", "seven");
    shop.publish("events.old.8", "eight");
    say("events", (await take(events, 2)).map((m) => `${m.subject}=${text(m)}`).join(" "));

    let counts = [0, 0];
    shared.callback = () => { counts[0] += 1; };
    own.callback = () => { counts[1] += 1; };
    for (let i = 0; i < 200; ++i) {
      shop.publish("tick");
    }
    await shop.flush();
    await web.flush();
    say("shared", counts[0] + counts[1], counts[0] > 50, counts[1] > 50);

    const leaks = gate.subscribe(">");
    await gate.flush();
    shop.publish("events.new.9", "nine");
    web.publish("private", "ten");
    await Promise.all([shop.flush(), web.flush(), gate.flush()]);
    say("leaks", leaks.getReceived());
    await Promise.all([shop.close(), web.close(), gate.close()]);
  },

  /** See MAPPINGS of clients_test.py. */
  async mappings() {
    const nc = await open();
    const all = nc.subscribe(">");
    const sent = ["v1.orders.x", "cut.abcdef", "parts.-a-b--c", "rest.of.all.this", "plain",
      "part.1", "part.2", "part.3", "swap.a.b", "v1.orders"];
    for (const subject of sent) {
      nc.publish(subject, subject);
    }
    for (const message of await take(all, sent.length)) {
      say(text(message), "->", message.subject);
    }
    const counts = {};
    nc.subscribe("weighed.>", {
      callback: (_, message) => { counts[message.subject] = (counts[message.subject] ?? 0) + 1; },
    });
    for (let i = 0; i < 2000; ++i) {
      nc.publish("weighed");
      nc.publish("weighed.lossy");
    }
    await nc.flush();
    const near = (n, wanted) => Math.abs((n ?? 0) - wanted) < 150;
    say("weights", near(counts["weighed.new"], 500), near(counts["weighed.lossy"], 1000),
      Object.keys(counts).sort().join(" "));
    await nc.close();
  },

  async stopping() {
    const nc = await open({ reconnect: false });
    await nc.flush();
    await ask("stop");
    const error = await nc.closed();
    say("closed with", error ? error.name : "nothing");
  },
};

await scenarios[process.argv[2]]();
process.exit(0);
