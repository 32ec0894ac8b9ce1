"""The API of streams beside that of the reference: the same requests in the same order get the same
answers, error codes and texts included; and what was acknowledged outlives a kill."""

import json
import re
import signal
import sys
import unittest

import broker

# The newest peer this was compared with in full; of older ones, what they have we must have.
COMPARED_IN_FULL = (2, 15, 0)

SECOND = 1_000_000_000
CONFIG = """
server_name: box
jetstream { store_dir: "%s", max_mem: 100M, max_file: 1G }
"""


class Client(broker.Wire):
    """Asks and publishes, with headers where there are any."""

    def __init__(self, server):
        super().__init__(server.port)
        self.inboxes = 0
        self.hello(protocol=1, lang="raw", version="1.0", no_responders=True)
        self.send("SUB _IN.* 1\r\n")

    def frame(self, subject, reply, body, headers):
        body = json.dumps(body) if isinstance(body, dict) else body
        body = body.encode() if isinstance(body, str) else body
        if headers is None:
            return ("PUB %s %s %d\r\n" % (subject, reply, len(body))).encode() + body + b"\r\n"
        block = "NATS/1.0\r\n" + "".join("%s: %s\r\n" % h for h in headers) + "\r\n"
        sizes = len(block), len(block) + len(body)
        return ("HPUB %s %s %d %d\r\n%s" % (subject, reply, *sizes, block)).encode() \
            + body + b"\r\n"

    def ask(self, subject, body="", headers=None, answers=1):
        """Headers and payload of so many answers."""
        self.inboxes += 1
        inbox = "_IN.%d" % self.inboxes
        self.send(self.frame(subject, inbox, body, headers))
        got = []
        while len(got) < answers:
            line = self.line()
            words = line.split(" ")
            if words[0] in ("MSG", "HMSG"):
                size = int(words[-1])
                head = int(words[-2]) if words[0] == "HMSG" else 0
                data = self.exactly(size + 2)[:-2]
                if words[1] == inbox:
                    got.append((data[:head].decode(), data[head:].decode()))
            elif words[0] == "PING":
                self.send("PONG\r\n")
            elif not line or words[0] == "-ERR":
                raise AssertionError("closed: " + line)
        return got

    def exactly(self, count):
        while len(self.bytes) < count:
            more = self.socket.recv(65536)
            if not more:
                raise AssertionError("closed")
            self.bytes += more
        data, self.bytes = self.bytes[:count], self.bytes[count:]
        return data


def create(name, **config):
    return "$JS.API.STREAM.CREATE." + name, {"name": name, **config}


def update(name, **config):
    return "$JS.API.STREAM.UPDATE." + name, {"name": name, **config}


def api(verb, body=""):
    return "$JS.API.STREAM." + verb, body


LIFE = [
    ("$JS.API.INFO",),
    api("INFO.A"), api("NAMES"), api("LIST"), api("DELETE.A"), api("CREATE.A"),
    create("A"), create("A"), create("A", max_msgs=5),
    ("$JS.API.STREAM.CREATE.A", {"name": "B"}),
    create("B", subjects=["A"]),
    create("B", subjects=["b.>"], description="two", metadata={"k": "v"}, storage="memory"),
    api("INFO.A"), api("LIST"), api("NAMES"), api("NAMES", {"subject": "b.c"}),
    api("NAMES", {"subject": "x"}), api("NAMES", {"offset": 1}), api("LIST", {"offset": 7}),
    ("A", "hello"), ("A", "hello", [("X", "y")]), ("b.c", "", [("Nats-Msg-Id", "m1")]),
    ("b.c", "", [("Nats-Msg-Id", "m1")]), ("b.d", "dd"),
    api("INFO.A", {"subjects_filter": ">"}), api("INFO.B", {"subjects_filter": "b.*"}),
    api("INFO.B", {"subjects_filter": "b.*", "offset": 1}), api("INFO.B"),
    api("MSG.GET.A", {"seq": 1}), api("MSG.GET.A", {"seq": 2}), api("MSG.GET.A", {"seq": 9}),
    api("MSG.GET.B", {"last_by_subj": "b.c"}), api("MSG.GET.B", {"next_by_subj": "b.d"}),
    api("MSG.GET.B", {"next_by_subj": "b.>", "seq": 2}), api("MSG.GET.A", {}), api("MSG.GET.A"),
    api("MSG.GET.A", {"seq": 1, "last_by_subj": "A"}), api("MSG.GET.Z", {"seq": 1}),
    api("MSG.DELETE.A", {"seq": 1}), api("MSG.DELETE.A", {"seq": 1}),
    api("MSG.DELETE.A", {"seq": 77}), api("MSG.DELETE.Z", {"seq": 1}),
    api("INFO.A", {"deleted_details": True}), ("A", "x"), api("MSG.DELETE.A", {"seq": 2}),
    ("A", "x"), ("A", "x"), api("MSG.DELETE.A", {"seq": 4, "no_erase": True}),
    api("INFO.A", {"deleted_details": True}),
    api("PURGE.B", {"filter": "b.c"}), api("PURGE.B", {"seq": 1, "keep": 1}),
    api("PURGE.B", {"keep": 1}), api("PURGE.B", {"seq": 2}), api("PURGE.B"), api("INFO.B"),
    api("PURGE.Z"), ("b.c", "after"), api("INFO.B"),
    update("A", max_msgs=1), api("INFO.A"), update("Z"), update("A", storage="memory"),
    update("A", retention="workqueue"), update("A", deny_delete=True, deny_purge=True),
    update("A"), api("MSG.DELETE.A", {"seq": 5}), api("PURGE.A"),
    update("A", sealed=True, deny_delete=True, deny_purge=True), ("A", "sealed"),
    api("DELETE.A", "x"), api("DELETE.A", "{}"), api("DELETE.A"), ("A", "gone"),
    ("$JS.API.INFO",), api("DELETE.B"),
]

PUBLISHING = [
    create("P", subjects=["p.*"], allow_rollup_hdrs=True, max_msg_size=50, allow_direct=True),
    ("p.a", "1", [("Nats-Expected-Stream", "Q")]), ("p.a", "1", [("Nats-Expected-Stream", "P")]),
    ("p.a", "2", [("Nats-Expected-Last-Sequence", "0")]),
    ("p.a", "2", [("Nats-Expected-Last-Sequence", "1"), ("Nats-Msg-Id", "two")]),
    ("p.a", "3", [("Nats-Expected-Last-Msg-Id", "one")]),
    ("p.a", "3", [("Nats-Expected-Last-Msg-Id", "two")]),
    ("p.b", "4", [("Nats-Expected-Last-Subject-Sequence", "1")]),
    ("p.b", "4", [("Nats-Expected-Last-Subject-Sequence", "0")]),
    ("p.b", "5", [("Nats-Expected-Last-Subject-Sequence", "4"),
                  ("Nats-Expected-Last-Subject-Sequence-Subject", "p.*")]),
    ("p.b", "5", [("Nats-Expected-Last-Subject-Sequence-Subject", "p.*")]),
    ("p.a", "x" * 51), ("p.a", "x", [("Long", "y" * 50)]),
    ("p.a", "ttl", [("Nats-TTL", "5s")]), ("p.a", "", [("Nats-Incr", "1")]),
    ("p.a", "", [("Nats-Rollup", "maybe")]), ("p.a", "rolled", [("Nats-Rollup", "sub")]),
    api("INFO.P", {"subjects_filter": ">"}), ("p.c", "all", [("Nats-Rollup", "ALL")]),
    api("INFO.P", {"subjects_filter": ">"}),
    ("p.c", "s", [("Nats-Stream-Source", "x 1 > > p.c")]),
    create("N", subjects=["n.*"], discard="new", max_msgs=2), ("n.a", "1"), ("n.a", "2"),
    ("n.a", "3"), update("N", subjects=["n.*"], discard="new", max_bytes=60), ("n.a", "3"),
    create("S", subjects=["s.*"], discard="new", max_msgs_per_subject=1,
           discard_new_per_subject=True), ("s.a", "1"), ("s.a", "2"), ("s.b", "1"),
    create("O", subjects=["o.*"], max_msgs_per_subject=2, max_msgs=3),
    ("o.a", "1"), ("o.a", "2"), ("o.a", "3"), ("o.b", "4"), ("o.c", "5"), api("INFO.O"),
    create("K", subjects=["$KV.k.>"], max_msgs_per_subject=1, discard="new", deny_delete=True,
           allow_rollup_hdrs=True, allow_direct=True),
    ("$KV.k.a", "1"), ("$KV.k.a", "2"), ("$KV.k.a", "", [("KV-Operation", "DEL")]), api("INFO.K"),
    create("X", subjects=["x.*"], subject_transform={"src": "x.*", "dest": "y.$1"}),
    ("x.a", "1"), api("MSG.GET.X", {"seq": 1}), create("F", first_seq=100), api("INFO.F"),
    ("F", "1"), api("INFO.F"),
    create("C", subjects=["c.*"], allow_msg_counter=True), ("c.a", ""),
    ("c.a", "", [("Nats-Incr", "1")]), ("c.a", "", [("Nats-Incr", "+41")]),
    ("c.a", "", [("Nats-Incr", "-50")]), ("c.a", "", [("Nats-Incr", "9" * 30)]),
    ("c.a", "", [("Nats-Incr", "x")]), ("c.a", "body", [("Nats-Incr", "1")]),
    ("c.a", "", [("Nats-Incr", "1"), ("Nats-Rollup", "sub")]), api("MSG.GET.C", {"seq": 4}),
    create("T", subjects=["t.*"], allow_msg_ttl=True), ("t.a", "1", [("Nats-TTL", "0")]),
    ("t.a", "1", [("Nats-TTL", "1h")]), ("t.a", "1", [("Nats-TTL", "never")]),
    ("t.a", "1", [("Nats-TTL", "500ms")]), ("t.a", "1", [("Nats-TTL", "x")]),
    create("I", subjects=["i.*"], retention="interest"), ("i.a", "1"),
]

GET = "$JS.API.DIRECT.GET."
DIRECT = [
    create("D", subjects=["d.>"], allow_direct=True),
    ("d.a", "1"), ("d.b", "2", [("H", "x")]), ("d.a", "3"), ("d.c.d", "4"), ("d.b", "5"),
    (GET + "D", {"seq": 2}), (GET + "D", {"seq": 9}), (GET + "D.d.a",), (GET + "D.d.z",),
    (GET + "D", {"last_by_subj": "d.b"}), (GET + "D", {"next_by_subj": "d.a", "seq": 2}),
    (GET + "D",), (GET + "D", "{"), (GET + "D", {"seq": 1, "last_by_subj": "d.a"}),
    (GET + "D", {}), (GET + "Z", {"seq": 1}), (GET + "D.d.a", {"seq": 1}),
    (GET + "D", {"seq": 1}, [("Nats-Required-Api-Level", "99")]),
    (GET + "D", {"seq": 1, "batch": 2}, None, 3), (GET + "D", {"batch": 9}),
    (GET + "D", {"batch": 9, "next_by_subj": "d.a"}, None, 3),
    (GET + "D", {"batch": 9, "seq": 77}), (GET + "D", {"seq": 1, "no_hdr": True}),
    (GET + "D", {"batch": 2, "last_by_subj": "d.a"}),
    (GET + "D", {"multi_last": ["d.a", "d.b"]}, None, 3),
    (GET + "D", {"multi_last": ["d.>"], "batch": 2}, None, 3),
    (GET + "D", {"multi_last": ["d.>"], "up_to_seq": 3}, None, 3),
    (GET + "D", {"multi_last": ["z"]}),
    ("$JS.API.STREAM.INFO.D", "", [("Nats-Required-Api-Level", "99")]),
    *(("$JS.API." + verb, "", [("Nats-Required-Api-Level", "99")])
      for verb in ("INFO", "STREAM.NAMES", "STREAM.LIST", "STREAM.PURGE.D", "CONSUMER.NAMES.D",
                   "CONSUMER.LIST.D", "CONSUMER.INFO.D.x")),
    ("$JS.API.STREAM.INFO.D", "", [("Nats-Required-Api-Level", "1")]),
]

WRONG = [create("W%d" % number, **config) for number, config in enumerate([
    {"num_replicas": 3}, {"num_replicas": 6}, {"num_replicas": -1}, {"max_age": -5},
    {"max_age": 5}, {"duplicate_window": 5}, {"max_age": SECOND, "duplicate_window": 2 * SECOND},
    {"max_msgs": -5, "pedantic": True}, {"deny_purge": True, "allow_rollup_hdrs": True},
    {"discard_new_per_subject": True}, {"discard_new_per_subject": True, "discard": "new"},
    {"subject_delete_marker_ttl": 5}, {"subject_delete_marker_ttl": -SECOND},
    {"subject_delete_marker_ttl": SECOND, "pedantic": True},
    {"allow_msg_counter": True, "discard": "new"}, {"allow_msg_counter": True,
                                                    "allow_msg_ttl": True},
    {"allow_msg_counter": True, "retention": "interest"},
    {"persist_mode": "async", "storage": "memory"},
    {"mirror": {"name": "Z"}, "first_seq": 5}, {"mirror": {"name": "Z"}, "subjects": ["a"]},
    {"mirror": {"name": "Z"}, "sources": [{"name": "Y"}]}, {"mirror": {"name": "a.b"}},
    {"mirror": {"name": "Z", "filter_subject": "a",
                "subject_transforms": [{"src": "a", "dest": "b"}]}},
    {"mirror": {"name": "Z", "subject_transforms": [{"src": "a", "dest": "b"},
                                                    {"src": "a", "dest": "c"}]}},
    {"mirror": {"name": "Z", "subject_transforms": [{"src": "a..b", "dest": "b"}]}},
    {"mirror": {"name": "Z"}, "subject_delete_marker_ttl": SECOND}, {"mirror_direct": True},
    {"sealed": True}, {"mirror": {"name": "Z", "external": {"api": "foo.*", "deliver": "x"}}},
    {"mirror": {"name": "Z", "external": {"api": "$JS.API", "deliver": "x"}}},
    {"mirror": {"name": "Z", "external": {"api": "$JS.hub.API", "deliver": "x.*"}}},
    {"sources": [{"name": "Z"}, {"name": "Z"}]}, {"sources": [{"name": "a.b"}]},
    {"sources": [{"name": "Z", "filter_subject": "a..b"}]}, {"sources": [{"name": "W34"}]},
    {"subjects": ["a..b"]}, {"subjects": ["a", "a"]}, {"subjects": ["a.*", "a.b"]},
    {"subjects": [">"]}, {"subjects": ["$JS.foo"]}, {"subjects": ["$SYS.foo"]},
    {"subjects": ["*.foo"]}, {"subject_transform": {"src": "a.*", "dest": "b.$2"}},
    {"subject_transform": {"src": "a..", "dest": "b"}},
    {"subjects": ["a.>"], "republish": {"src": "a.>", "dest": "a.x.>"}},
    {"subjects": ["a.>"], "republish": {"src": "a.*", "dest": "b.$2"}},
    {"placement": {"preferred": "x"}}, {"retention": "foo"}, {"foo": 1}, {"max_msgs": "x"},
])]

COPIES = [
    create("ORIGIN", subjects=["or.>"]), ("or.a", "1"), ("or.b", "2"), ("or.a", "3"),
    api("MSG.DELETE.ORIGIN", {"seq": 2}),
    create("MIRROR", mirror={"name": "ORIGIN"}),
    create("SOURCED", subjects=["own.*"], sources=[
        {"name": "ORIGIN", "subject_transforms": [{"src": "or.>", "dest": "got.>"}]}]),
    create("PART", mirror={"name": "ORIGIN", "filter_subject": "or.a", "opt_start_seq": 2}),
    ("wait", 1.0), ("or.c", "4", [("Nats-Msg-Id", "x")]), ("wait", 1.0), ("own.a", "mine"), 
    api("INFO.MIRROR"), api("MSG.GET.MIRROR", {"seq": 4}), api("INFO.PART"),
    ("$JS.API.STREAM.INFO.SOURCED", {"subjects_filter": ">"}),
    update("MIRROR", mirror={"name": "OTHER"}), ("or.d", "5"), ("wait", 1.0),
    api("MSG.GET.MIRROR", {"last_by_subj": "or.d"}),
    api("MSG.GET.SOURCED", {"last_by_subj": "got.d", "no_hdr": True}),
]

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def normal(answer):
    """Without what differs between two servers by nature."""
    head, body = answer
    head = TIME.sub("<time>", head)
    try:
        document = json.loads(body)
    except ValueError:
        return head, TIME.sub("<time>", body)
    return head, told(document)


def told(value):
    if isinstance(value, dict):
        out = {}
        for key, inner in value.items():
            if key in ("created", "ts", "first_ts", "last_ts", "time"):
                inner = "<time>" if not str(inner).startswith("0001") else inner
            elif key == "_nats.ver":
                inner = "<version>"
            elif key == "description" and value.get("err_code") == 10025:
                inner = "<words of a JSON reader>"
            elif key == "api":
                continue  # What is counted differs in corners.
            out[key] = told(inner)
        if "stream_detail" in out:
            out["stream_detail"].sort(key=lambda detail: detail["name"])
        return out
    return [told(inner) for inner in value] if isinstance(value, list) else value


def without_progress(answers):
    """When the two copied what is chance, and the reference adds an identity to a header."""
    for _, body in answers:
        if isinstance(body, dict):
            for key in ("mirror", "sources"):
                body.pop(key, None)
            body.get("state", {}).pop("bytes", None)
            body.get("message", {}).pop("hdrs", None)
    return answers


class StreamsTest(unittest.TestCase):
    maxDiff = None

    def both(self, steps):
        """Each step with the answers of ours and of the reference."""
        binary = broker.reference()
        if not binary:
            self.skipTest("no nats-server")
        servers = []
        for one in (broker.OURS, binary):
            server = broker.Broker.__new__(broker.Broker)
            servers.append(server)
            self.servers = servers
            folder = broker.tempfile.mkdtemp(prefix="interop-js-")
            self.addCleanup(broker.shutil.rmtree, folder, True)
            server.__init__(one, CONFIG % folder)
            self.addCleanup(server.__exit__)
        version = tuple(int(n) for n in
                        Client(servers[1]).info["version"].split("-")[0].split("."))
        if version < COMPARED_IN_FULL:
            self.skipTest("compared with %d.%d.%d and newer alone" % COMPARED_IN_FULL)
        clients = [Client(server) for server in servers]
        for step in steps:
            if step[0] == "wait":  # For what servers do by themselves.
                broker.time.sleep(step[1])
                continue
            subject, body, headers, answers = (list(step) + ["", None, 1][len(step) - 1:])
            yield step, *[[normal(a) for a in client.ask(subject, body, headers, answers)]
                          for client in clients]

    def compare(self, steps):
        for step, ours, theirs in self.both(steps):
            with self.subTest(step=str(step)[:200]):
                self.assertEqual(ours, theirs)

    def test_a_stream_lives_alike(self):
        self.compare(LIFE)

    def test_publishes_are_answered_alike(self):
        self.compare(PUBLISHING)

    def test_direct_gets_are_answered_alike(self):
        self.compare(DIRECT)

    def test_wrong_configurations_are_refused_alike(self):
        self.compare(WRONG)


    def test_copies_are_alike(self):
        for step, ours, theirs in self.both(COPIES):
            with self.subTest(step=str(step)[:200]):
                self.assertEqual(*[without_progress(answers) for answers in (ours, theirs)])

    def test_monitoring_is_alike(self):
        for _ in self.both(LIFE[:24]):
            pass
        for path in ("/jsz", "/jsz?accounts=1", "/jsz?streams=1", "/jsz?streams=1&config=1",
                     "/jsz?acc=NONE", "/jsz?acc=$G", "/jsz?streams=1&raft=1", "/jsz?limit=x",
                     "/jsz?accounts=x", "/healthz", "/healthz?js-enabled-only=1",
                     "/healthz?account=$G&stream=A", "/healthz?account=$G&stream=Z",
                     "/healthz?stream=A", "/healthz?account=XX", "/healthz?account=XX&details=1",
                     "/healthz?account=$G&stream=A&consumer=x"):
            with self.subTest(path=path):
                ours, theirs = (server.get(path) for server in self.servers)
                self.assertEqual(ours[0], theirs[0])
                self.assertEqual(shown(ours[2]), shown(theirs[2]))
        ours, theirs = (server.json("/varz")["jetstream"] for server in self.servers)
        self.assertEqual(shown(json.dumps(ours)), shown(json.dumps(theirs)))


def shown(text):
    """A monitoring document without what differs by nature: times, places, how it syncs, and a
    default that is not announced here."""
    try:
        document = json.loads(text)
    except ValueError:
        return text
    def walk(value):
        if isinstance(value, dict):
            return {k: walk(v) for k, v in value.items()
                    if k not in ("server_id", "now", "store_dir", "sync_interval", "sync_always",
                                 "default_max_consumers", "api", "compress_ok")}
        return [walk(v) for v in value] if isinstance(value, list) else value
    return told(walk(document))


class RestartTest(unittest.TestCase):
    def test_batches_of_one_subject_are_got_directly(self):
        folder = broker.tempfile.mkdtemp(prefix="interop-js-")
        self.addCleanup(broker.shutil.rmtree, folder, True)
        with broker.Broker(broker.OURS, CONFIG % folder) as server:
            client = Client(server)
            client.ask(*create("B", subjects=["b.*"], allow_direct=True))
            for number in range(6):
                client.ask("b.%d" % (number % 2), "m%d" % number)
            got = client.ask("$JS.API.DIRECT.GET.B", {"batch": 2, "next_by_subj": "b.1"},
                             answers=3)
            self.assertEqual([payload for _, payload in got], ["m1", "m3", ""])

    def test_what_was_acknowledged_outlives_a_kill(self):
        folder = broker.tempfile.mkdtemp(prefix="interop-js-")
        self.addCleanup(broker.shutil.rmtree, folder, True)
        with broker.Broker(broker.OURS, CONFIG % folder) as server:
            client = Client(server)
            client.ask(*create("R", subjects=["r.*"], allow_rollup_hdrs=True))
            acknowledged = 0
            for number in range(300):
                answer = client.ask("r.%d" % (number % 7), "m%d" % number,
                                    [("Nats-Msg-Id", "id%d" % number)])[0][1]
                acknowledged = json.loads(answer)["seq"]
            client.ask(*update("R", subjects=["r.*", "q.*"], allow_rollup_hdrs=True))
            client.ask("$JS.API.STREAM.MSG.DELETE.R", {"seq": 5})
            client.ask("$JS.API.STREAM.PURGE.R", {"filter": "r.3"})
            before = json.loads(client.ask("$JS.API.STREAM.INFO.R", {"deleted_details": True})[0][1])
            server.signal(signal.SIGKILL)
            server.wait()
            server.start()
            client = Client(server)
            after = json.loads(client.ask("$JS.API.STREAM.INFO.R", {"deleted_details": True})[0][1])
            self.assertEqual(before["state"], after["state"])
            self.assertEqual(before["config"], after["config"])
            self.assertEqual(before["created"], after["created"])
            self.assertEqual(acknowledged, 300)
            again = json.loads(client.ask("r.1", "again", [("Nats-Msg-Id", "id299")])[0][1])
            self.assertEqual(again, {"stream": "R", "seq": 300, "duplicate": True})
            got = json.loads(client.ask("$JS.API.STREAM.MSG.GET.R", {"seq": 300})[0][1])
            self.assertEqual(got["message"]["subject"], "r.5")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
