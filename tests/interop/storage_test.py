"""Storage of a real process: what was acknowledged outlives being killed under load, again and again,
and a full disk refuses what is published, serves what is there, and recovers.

  storage_test.py [KILLS]
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

import broker

KILLS = 8
SEED = 20
SECOND = 1_000_000_000
IN_FLIGHT = 200
CONFIG = 'jetstream { store_dir: "%s" }\n'


class Client(broker.Wire):
    """Speaks the raw protocol, one thing after the other."""

    def __init__(self, server):
        super().__init__(server.port)
        self.hello(protocol=1, lang="raw", version="1.0", no_responders=True)
        self.send("SUB _IN.* 1\r\n")
        self.asked = 0

    def publish(self, subject, reply, body):
        self.send("PUB %s %s %d\r\n%s\r\n" % (subject, reply, len(body), body))

    def ask(self, subject, body=""):
        """The answer's document."""
        self.asked += 1
        inbox = "_IN.a%d" % self.asked
        self.publish(subject, inbox, json.dumps(body) if isinstance(body, dict) else body)
        while True:
            got, payload = self.message()
            if got == inbox:
                return json.loads(payload)

    def delivery(self):
        """Subject, reply and payload of the next message; for a status its line is the payload."""
        while True:
            line = self.line()
            if not line:
                raise ConnectionError("the server is gone")
            words = line.split()
            if words[0] == "MSG":
                size = int(words[-1])
                reply = words[3] if len(words) == 5 else ""
                return words[1], reply, self.read(size + 2)[:-2].decode()
            if words[0] == "HMSG":
                head, size = int(words[-2]), int(words[-1])
                reply = words[3] if len(words) == 6 else ""
                data = self.read(size + 2)[:-2]
                return words[1], reply, (data[head:] or data[:head]).decode()
            if words[0] == "PING":
                self.send("PONG\r\n")


class Publisher(threading.Thread):
    """Publishes with many in flight until the server is gone; remembers what was acknowledged."""

    def __init__(self, server, first, enough):
        super().__init__()
        self.client = Client(server)
        self.number = first  # Of the next message; never used again.
        self.acknowledged = {}  # Sequence to payload.
        self.enough = enough
        self.has_enough = threading.Event()
        self.refusals = []

    def run(self):
        sent = {}
        try:
            while True:
                while len(sent) < IN_FLIGHT:
                    body = "message %d" % self.number
                    sent["_IN.p%d" % self.number] = body
                    self.client.publish("k.%d" % (self.number % 11),
                                        "_IN.p%d" % self.number, body)
                    self.number += 1
                inbox, payload = self.client.message()
                ack = json.loads(payload)
                if "error" in ack:
                    self.refusals.append(ack["error"])
                else:
                    self.acknowledged[ack["seq"]] = sent[inbox]
                del sent[inbox]
                if len(self.acknowledged) >= self.enough:
                    self.has_enough.set()
        except (OSError, AssertionError, ValueError):
            self.has_enough.set()


class Worker(threading.Thread):
    """Takes messages of the consumer and acks them until the server is gone; remembers which of the
    acks were confirmed."""

    def __init__(self, server, enough):
        super().__init__()
        self.client = Client(server)
        self.confirmed = set()
        self.enough = enough
        self.has_enough = threading.Event()

    def run(self):
        waiting = {}
        pulls = 0
        try:
            while True:
                if pulls == 0:
                    self.client.publish("$JS.API.CONSUMER.MSG.NEXT.K.C", "_IN.pull",
                                        '{"batch":50,"expires":%d}' % (5 * SECOND))
                    pulls = 50
                subject, reply, _ = self.client.delivery()
                if subject in waiting:
                    self.confirmed.add(waiting.pop(subject))
                    if len(self.confirmed) >= self.enough:
                        self.has_enough.set()
                elif reply:
                    pulls -= 1
                    sequence = int(reply.split(".")[5])
                    waiting["_IN.w%d" % sequence] = sequence
                    self.client.publish(reply, "_IN.w%d" % sequence, "+ACK")
                else:
                    pulls = 0
        except (OSError, AssertionError, ValueError):
            self.has_enough.set()


def everything(client):
    """Sequence to payload of all that the stream holds, by a consumer that acks nothing."""
    client.ask("$JS.API.CONSUMER.CREATE.K", {"stream_name": "K", "config": {
        "ack_policy": "none", "deliver_policy": "all", "name": "all", "mem_storage": True}})
    pending = client.ask("$JS.API.CONSUMER.INFO.K.all")["num_pending"]
    found = {}
    while len(found) < pending:
        client.publish("$JS.API.CONSUMER.MSG.NEXT.K.all", "_IN.all",
                       '{"batch":500,"expires":%d}' % (20 * SECOND))
        for _ in range(min(500, pending - len(found))):
            _, reply, payload = client.delivery()
            found[int(reply.split(".")[5])] = payload
    client.ask("$JS.API.CONSUMER.DELETE.K.all")
    return found


class KillTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="interop-storage-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def test_what_was_acknowledged_outlives_being_killed_under_load(self):
        kills = int(ARGUMENTS[0]) if ARGUMENTS else KILLS
        chance = random.Random(SEED)
        acknowledged, confirmed = {}, set()
        number = 0
        with broker.Broker(broker.OURS, CONFIG % self.folder, http=False) as server:
            client = Client(server)
            client.ask("$JS.API.STREAM.CREATE.K", {"name": "K", "subjects": ["k.*"]})
            client.ask("$JS.API.CONSUMER.DURABLE.CREATE.K.C", {"stream_name": "K", "config": {
                "durable_name": "C", "ack_policy": "explicit", "ack_wait": SECOND}})
            for _ in range(kills):
                publisher = Publisher(server, number, chance.randrange(50, 1500))
                worker = Worker(server, chance.randrange(1, 200))
                publisher.start()
                worker.start()
                for thread in publisher, worker:
                    self.assertTrue(thread.has_enough.wait(broker.PATIENCE))
                server.signal(signal.SIGKILL)
                server.wait()
                publisher.join()
                worker.join()
                self.assertEqual(publisher.refusals, [])
                number = publisher.number
                self.assertFalse(acknowledged.keys() & publisher.acknowledged.keys(),
                                 "a sequence was given twice")
                acknowledged.update(publisher.acknowledged)
                confirmed |= worker.confirmed
                server.start()
                self.check(Client(server), acknowledged, confirmed)
            self.finish(Client(server), confirmed)

    def check(self, client, acknowledged, confirmed):
        found = everything(client)
        missing = {s: p for s, p in acknowledged.items() if found.get(s) != p}
        self.assertEqual(missing, {}, "acknowledged messages are lost or others")
        self.assertEqual(sorted(found), list(range(1, len(found) + 1)))
        self.assertEqual(len(set(found.values())), len(found), "a message is stored twice")
        info = client.ask("$JS.API.CONSUMER.INFO.K.C")
        self.assertGreaterEqual(info["delivered"]["stream_seq"], max(confirmed, default=0))

    def finish(self, client, confirmed):
        """All that was not confirmed comes, now or again, and nothing else does."""
        state = client.ask("$JS.API.STREAM.INFO.K")["state"]
        left = set(range(1, state["last_seq"] + 1)) - confirmed
        came = set()
        while True:
            info = client.ask("$JS.API.CONSUMER.INFO.K.C")
            if info["num_pending"] == 0 and info["num_ack_pending"] == 0:
                break
            client.publish("$JS.API.CONSUMER.MSG.NEXT.K.C", "_IN.rest",
                           '{"batch":100,"expires":%d}' % (2 * SECOND))
            for _ in range(min(100, info["num_pending"] + info["num_ack_pending"])):
                _, reply, _ = client.delivery()
                if not reply:
                    break
                sequence = int(reply.split(".")[5])
                came.add(sequence)
                client.publish(reply, "", "+ACK")
        self.assertFalse(came & confirmed, "delivered again after its ack was confirmed")
        self.assertLessEqual(came, left)


class FullDiskTest(unittest.TestCase):
    MEGABYTES = 96

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="interop-disk-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % self.MEGABYTES,
                                  "tmpfs", self.folder], capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("no small file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.folder], check=False)

    def fill(self, free):
        """Something else takes the disk until so many bytes are left."""
        space = os.statvfs(self.folder)
        path = os.path.join(self.folder, "ballast")
        with open(path, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, space.f_bavail * space.f_frsize - free)
        return path

    def test_a_full_disk_refuses_serves_and_recovers(self):
        store = os.path.join(self.folder, "store")
        with broker.Broker(broker.OURS, CONFIG % store) as server:
            client = Client(server)
            client.ask("$JS.API.STREAM.CREATE.D", {"name": "D", "subjects": ["d"]})
            self.assertEqual(client.ask("d", "kept")["seq"], 1)
            ballast = self.fill(free=1 << 20)
            refused = broker.wait_for(lambda: client.ask("d", "x" * 100).get("error"),
                                      "a publish to be refused")
            self.assertEqual((refused["code"], refused["err_code"]), (503, 10023))
            self.assertIn("signalbox_jetstream_storage_nearly_full 1", server.get("/metrics")[2])
            got = client.ask("$JS.API.STREAM.MSG.GET.D", {"seq": 1})
            self.assertEqual(got["message"]["data"], "a2VwdA==")
            last = client.ask("$JS.API.STREAM.INFO.D")["state"]["last_seq"]
            os.remove(ballast)
            ack = broker.wait_for(lambda: client.ask("d", "again").get("seq"),
                                  "a publish to be stored again")
            self.assertEqual(ack, last + 1)
            server.signal(signal.SIGKILL)
            server.wait()
            server.start()
            state = Client(server).ask("$JS.API.STREAM.INFO.D")["state"]
            self.assertEqual((state["messages"], state["last_seq"]), (last + 1, last + 1))


ARGUMENTS = sys.argv[1:]

if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
