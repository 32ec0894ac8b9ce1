// One scenario of the official JetStream, key-value and object store clients against the server at
// NATS_URL. Prints what happened, line by line, without anything that differs from run to run: the
// lines of two servers are compared.

import { connect, headers } from "@nats-io/transport-node";
import {
  AckPolicy, DeliverPolicy, jetstream, jetstreamManager, ReplayPolicy,
} from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";

const url = process.env.NATS_URL;
const say = (...parts) => console.log(parts.join(" "));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function refused(promise) {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

/** A client, and a stream of subjects `a.>` that holds `count` messages on a.0, a.1 and a.2. */
async function open(count = 0, config = {}) {
  const nc = await connect({ servers: url, timeout: 5000 });
  const jsm = await jetstreamManager(nc);
  const js = jetstream(nc);
  await jsm.streams.add({ name: "S", subjects: ["a.>"], storage: "memory", ...config });
  for (let i = 0; i < count; i++) {
    await js.publish(`a.${i % 3}`, `m${i}`);
  }
  return { nc, js, jsm };
}

function shown(message) {
  const i = message.info;
  return `${message.subject} ${message.string()} #${i.streamSequence}/${i.deliverySequence}` +
    ` x${i.deliveryCount} left ${i.pending}`;
}

async function info(consumer) {
  const i = await consumer.info();
  say("info", i.name, "delivered", i.delivered.consumer_seq, i.delivered.stream_seq, "floor",
    i.ack_floor.consumer_seq, i.ack_floor.stream_seq, "unacked", i.num_ack_pending, "again",
    i.num_redelivered, "waiting", i.num_waiting, "left", i.num_pending);
}

/** Fetches, and does with each message what is told. */
// Acks are confirmed, so that what is told right after them is the same each time.
async function fetch(consumer, options, then = (m) => m.ackAck()) {
  const batch = await consumer.fetch({ expires: 1000, ...options });
  let count = 0;
  for await (const message of batch) {
    say(shown(message));
    await then(message);
    count++;
  }
  say("fetched", count);
}

function told(config) {
  const copy = { ...config };
  delete copy.metadata;
  return JSON.stringify(copy, Object.keys(copy).sort());
}

const scenarios = {
  async fetching() {
    const { nc, js, jsm } = await open(7);
    const made = await jsm.consumers.add("S", { durable_name: "c", ack_policy: AckPolicy.Explicit });
    say(told(made.config), made.num_pending);
    const consumer = await js.consumers.get("S", "c");
    await fetch(consumer, { max_messages: 3 });
    await info(consumer);
    await fetch(consumer, { max_messages: 10 });
    await fetch(consumer, { max_messages: 2 });
    say("next", await consumer.next({ expires: 1000 }));
    await js.publish("a.9", "more");
    say(shown(await consumer.next()));
    await info(consumer);
    await fetch(consumer, { max_bytes: 200, max_messages: undefined }, () => {});
    await nc.close();
  },

  async consuming() {
    const { nc, js, jsm } = await open(50);
    await jsm.consumers.add("S", { durable_name: "c", ack_policy: AckPolicy.Explicit });
    const consumer = await js.consumers.get("S", "c");
    const messages = await consumer.consume({ max_messages: 20 });
    let count = 0;
    for await (const message of messages) {
      // How many are left of those that come meanwhile is a matter of moments.
      say(count < 50 ? shown(message) : message.string());
      message.ack();
      if (++count === 50) {
        for (let i = 0; i < 10; i++) {
          await js.publish("a.x", `late ${i}`);
        }
      }
      if (count === 60) {
        break;
      }
    }
    await nc.flush();
    await sleep(100);
    await info(consumer);
    await nc.close();
  },

  async acking() {
    const { nc, js, jsm } = await open(4);
    await jsm.consumers.add("S", {
      durable_name: "c", ack_policy: AckPolicy.Explicit, ack_wait: 1_000_000_000, max_deliver: 3,
    });
    const advisories = nc.subscribe("$JS.EVENT.ADVISORY.CONSUMER.*.S.c", {
      callback: (_, m) => {
        const said = m.json();
        say(said.type, said.stream_seq, said.deliveries, said.reason ?? "");
      },
    });
    const consumer = await js.consumers.get("S", "c");
    await fetch(consumer, { max_messages: 4 }, async (m) => {
      switch (m.seq) {
        case 1:
          say("confirmed", await m.ackAck());
          break;
        case 2:
          m.nak();
          break;
        case 3:
          m.term("no good");
          break;
        default:
          m.nak(300);
      }
    });
    await fetch(consumer, { max_messages: 1 }, (m) => say("confirmed", m.seq));
    await fetch(consumer, { max_messages: 1 }, (m) => m.ackAck());
    await fetch(consumer, { max_messages: 1, expires: 2000 }, () => {});
    await fetch(consumer, { max_messages: 1, expires: 2000 }, () => {});
    await info(consumer);
    advisories.unsubscribe();
    await nc.close();
  },

  async starting() {
    const { nc, js, jsm } = await open(9);
    const starts = [
      { deliver_policy: DeliverPolicy.All },
      { deliver_policy: DeliverPolicy.Last },
      { deliver_policy: DeliverPolicy.New },
      { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 5 },
      { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: 20 },
      { deliver_policy: DeliverPolicy.StartTime, opt_start_time: "2020-01-01T00:00:00Z" },
      { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: "a.>" },
      { deliver_policy: DeliverPolicy.Last, filter_subject: "a.1" },
      { deliver_policy: DeliverPolicy.All, filter_subject: "a.2" },
      { deliver_policy: DeliverPolicy.All, filter_subject: "a.none" },
    ];
    for (const [i, start] of starts.entries()) {
      const made = await jsm.consumers.add("S", {
        durable_name: `c${i}`, ack_policy: AckPolicy.Explicit, ...start,
      });
      say(start.deliver_policy, made.delivered.stream_seq, made.num_pending);
      await js.publish("a.1", "new");
      await fetch(await js.consumers.get("S", `c${i}`), { max_messages: 50, expires: 1000 });
      await jsm.streams.deleteMessage("S", 10 + i);
    }
    await nc.close();
  },

  async limits() {
    const { nc, js, jsm } = await open(9);
    await jsm.consumers.add("S", {
      durable_name: "c", ack_policy: AckPolicy.All, max_ack_pending: 4, max_batch: 5,
    });
    const consumer = await js.consumers.get("S", "c");
    let last;
    await fetch(consumer, { max_messages: 5, expires: 1000 }, (m) => (last = m));
    await last.ackAck();
    await fetch(consumer, { max_messages: 3 });
    say(await refused((async () => {
      for await (const _ of await consumer.fetch({ max_messages: 6, expires: 1000 }));
    })()));
    await nc.flush();
    await info(consumer);
    await nc.close();
  },

  async managing() {
    const { nc, jsm } = await open(3);
    say(await refused(jsm.consumers.info("S", "none")));
    say(await refused(jsm.consumers.info("NONE", "none")));
    say(await refused(jsm.consumers.delete("S", "none")));
    say(await refused(jsm.consumers.add("NONE", { durable_name: "c" })));
    say(await refused(jsm.consumers.add("S", {
      durable_name: "c", ack_policy: AckPolicy.None, max_ack_pending: 4, deliver_subject: "x",
    })));
    for (const name of ["b", "a", "c"]) {
      await jsm.consumers.add("S", { durable_name: name, ack_policy: AckPolicy.Explicit });
    }
    const names = [];
    for await (const one of jsm.consumers.list("S")) {
      names.push(one.name);
    }
    say(names);
    const updated = await jsm.consumers.update("S", "a", { description: "x", max_ack_pending: 7 });
    say(told(updated.config));
    say(await refused(jsm.consumers.add("S", {
      durable_name: "a", ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.New,
    })));
    say(await jsm.consumers.delete("S", "b"));
    say((await jsm.streams.info("S")).state.consumer_count);
    await nc.close();
  },

  async ordered() {
    const { nc, js, jsm } = await open(12);
    const consumer = await js.consumers.get("S", { filter_subjects: "a.1" });
    const messages = await consumer.consume({ expires: 2000 });
    let count = 0;
    for await (const message of messages) {
      say(message.subject, message.string(), message.seq, message.info.pending);
      count++;
      if (count === 2) {
        // What is behind it goes: it makes another and continues.
        for await (const one of jsm.consumers.list("S")) {
          await jsm.consumers.delete("S", one.name);
        }
        await js.publish("a.1", "after");
      }
      if (count === 5) {
        break;
      }
    }
    const again = await js.consumers.get("S", { deliver_policy: DeliverPolicy.LastPerSubject,
      filter_subjects: "a.>" });
    for (let i = 0; i < 3; i++) {
      const message = await again.next({ expires: 2000 });
      say(message.subject, message.string(), message.info.pending);
    }
    await nc.close();
  },

  async pushing() {
    const { nc, js, jsm } = await open(5);
    await jsm.consumers.add("S", {
      durable_name: "c", ack_policy: AckPolicy.Explicit, deliver_subject: "here",
      idle_heartbeat: 500_000_000, flow_control: true,
    });
    const consumer = await js.consumers.getPushConsumer("S", "c");
    const messages = await consumer.consume();
    let count = 0;
    for await (const message of messages) {
      say(shown(message));
      await message.ackAck();
      if (++count === 5) {
        await sleep(700);
        await js.publish("a.5", "late");
      }
      if (count === 6) {
        break;
      }
    }
    await sleep(100);
    const i = await jsm.consumers.info("S", "c");
    say("bound", i.push_bound ?? false, i.num_pending, i.ack_floor.stream_seq);
    const plain = await jsm.consumers.add("S", {
      deliver_subject: "there", ack_policy: AckPolicy.None, headers_only: true,
      replay_policy: ReplayPolicy.Original, deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: 4, inactive_threshold: 1_000_000_000,
    });
    say(plain.config.deliver_subject, plain.num_pending);
    const sub = nc.subscribe("there", { max: 3 });
    for await (const m of sub) {
      say(m.subject, m.headers?.get("Nats-Msg-Size"), m.data.length);
    }
    await nc.close();
  },

  async retention() {
    const { nc, js, jsm } = await open(0, { retention: "interest" });
    const state = async (stream) => {
      await sleep(200);
      const s = (await jsm.streams.info(stream)).state;
      say(stream, s.messages, s.first_seq, s.last_seq);
    };
    await js.publish("a.1", "nobody cares");
    await state("S");
    for (const name of ["c", "d"]) {
      await jsm.consumers.add("S", { durable_name: name, ack_policy: AckPolicy.Explicit,
        filter_subject: "a.1" });
    }
    for (let i = 0; i < 4; i++) {
      await js.publish(`a.${i % 2}`, `m${i}`);
    }
    await state("S");
    await fetch(await js.consumers.get("S", "c"), { max_messages: 2 });
    await state("S");
    await fetch(await js.consumers.get("S", "d"), { max_messages: 1 });
    await state("S");
    await jsm.consumers.delete("S", "d");
    await state("S");
    await jsm.streams.add({ name: "W", subjects: ["w"], retention: "workqueue", storage: "memory" });
    await jsm.consumers.add("W", { durable_name: "c", ack_policy: AckPolicy.Explicit });
    say(await refused(jsm.consumers.add("W", { durable_name: "d", ack_policy: AckPolicy.Explicit })));
    for (let i = 0; i < 3; i++) {
      await js.publish("w", `w${i}`);
    }
    await fetch(await js.consumers.get("W", "c"), { max_messages: 2 });
    await state("W");
    await nc.close();
  },

  async key_value() {
    const { nc, js } = await open();
    const kv = await new Kvm(js).create("b", { history: 5, storage: "memory" });
    const entry = (e) => e === null ? "none"
      : `${e.key} ${e.string()} ${e.operation} r${e.revision} d${e.delta ?? "-"}`;
    const watched = [];
    const watch = await kv.watch({ key: "k.>" });
    (async () => {
      for await (const e of watch) {
        watched.push(`${e.key} ${e.operation} ${e.string()}`);
      }
    })();
    for (const [key, value] of [["k.a", "1"], ["k.a", "2"], ["k.b", "x"], ["other", "y"]]) {
      say(await kv.put(key, value));
    }
    say(entry(await kv.get("k.a")));
    say(entry(await kv.get("k.none")));
    say(await refused(kv.create("k.a", "3")));
    say(await refused(kv.update("k.a", "3", 1)));
    say(await kv.update("k.a", "3", 2));
    await kv.delete("k.b");
    say(entry(await kv.get("k.b")));
    say(await kv.create("k.b", "again"));
    const keys = [];
    for await (const key of await kv.keys()) {
      keys.push(key);
    }
    say("keys", keys.sort());
    for await (const e of await kv.history({ key: "k.*" })) {
      say("history", entry(e));
    }
    await kv.purge("k.a");
    for await (const e of await kv.history({ key: "k.a" })) {
      say("purged", entry(e));
    }
    for (const include of ["", "history", "updates"]) {
      const seen = [];
      const iterator = await kv.watch({ key: ">", include });
      setTimeout(() => iterator.stop(), 300);
      for await (const e of iterator) {
        seen.push(`${e.key}=${e.string()}${e.isUpdate ? "!" : ""}`);
      }
      say("watch", include, seen.join(" "));
    }
    await sleep(100);
    say("watched", watched.join(" | "));
    const status = await kv.status();
    say(status.bucket, status.values, status.history);
    await kv.destroy();
    await nc.close();
  },

  async objects() {
    const { nc, js } = await open();
    const objects = new Objm(js);
    const store = await objects.create("o", { storage: "memory" });
    const seen = [];
    const watch = await store.watch();
    (async () => {
      for await (const i of watch) {
        if (i) {
          seen.push(`${i.name}:${i.size}${i.deleted ? "-" : ""}`);
        }
      }
    })();
    const large = new Uint8Array(1_000_000).map((_, i) => i % 251);
    const put = await store.putBlob({ name: "large" }, large);
    say(put.name, put.size, put.chunks, put.digest);
    const back = await store.getBlob("large");
    say(back.length, back.every((byte, i) => byte === i % 251));
    await store.putBlob({ name: "small", description: "d" }, new TextEncoder().encode("hello"));
    await store.link("link", await store.info("small"));
    say(new TextDecoder().decode(await store.getBlob("link")));
    const other = await objects.create("p", { storage: "memory" });
    say((await store.linkStore("whole", other)).options.link.bucket);
    await store.update("small", { name: "smaller", description: "e" });
    say((await store.list()).map((i) => `${i.name} ${i.size}`).sort());
    await store.delete("large");
    say(await store.getBlob("large"));
    say((await store.list()).map((i) => i.name).sort());
    const status = await store.status();
    say(status.bucket, status.sealed, status.streamInfo.state.messages);
    await store.seal();
    say(await refused(store.putBlob({ name: "x" }, new Uint8Array(1))));
    await sleep(100);
    say(seen.join(" "));
    await nc.close();
  },

  async pausing() {
    const { nc, js, jsm } = await open(2);
    await jsm.consumers.add("S", { durable_name: "c", ack_policy: AckPolicy.Explicit });
    const paused = await jsm.consumers.pause("S", "c", new Date(Date.now() + 60_000));
    say(paused.paused);
    const consumer = await js.consumers.get("S", "c");
    await fetch(consumer, { max_messages: 2 });
    say((await jsm.consumers.resume("S", "c")).paused);
    await fetch(consumer, { max_messages: 2 });
    await nc.close();
  },

  async priorities() {
    const { nc, js, jsm } = await open(4);
    await jsm.consumers.add("S", {
      durable_name: "c", ack_policy: AckPolicy.Explicit, priority_groups: ["g"],
      priority_policy: "overflow",
    });
    const consumer = await js.consumers.get("S", "c");
    await fetch(consumer, { max_messages: 2, group: "g", min_pending: 10 });
    await fetch(consumer, { max_messages: 2, group: "g", min_pending: 3 });
    await fetch(consumer, { max_messages: 5, group: "g" });
    say(await refused((async () => {
      for await (const _ of await consumer.fetch({ max_messages: 1, expires: 1000 }));
    })()));
    await nc.close();
  },

  async message_headers() {
    const { nc, js, jsm } = await open();
    const h = headers();
    h.set("A", "one");
    h.append("A", "two");
    await js.publish("a.1", "with", { headers: h });
    await jsm.consumers.add("S", { durable_name: "c", ack_policy: AckPolicy.Explicit,
      headers_only: true });
    const message = await (await js.consumers.get("S", "c")).next();
    say(message.headers.values("A"), message.headers.get("Nats-Msg-Size"), message.data.length);
    await nc.close();
  },
};

await scenarios[process.argv[2]]();
