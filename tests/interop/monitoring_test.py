"""Compares the monitoring documents with those of the reference: keys, their order, their types."""

import json
import sys
import unittest
from collections import OrderedDict

import broker

# What the reference says of parts that are not built here, or that no client can rely on.
NOT_BUILT = {
    "/varz": {"feature_flags", "git_commit", "gomemlimit"},
    "/varz http_req_stats": {"/healthz"},
}
OWN = {"/varz": {"signalbox"}}

# What came after the installed version, so that the comparison holds with an old peer as well.
NEWER = {
    "/varz": {
        "in_client_msgs", "in_client_bytes", "out_client_msgs", "out_client_bytes",
        "stale_connections", "stalled_clients", "config_digest", "slow_consumer_stats",
        "stale_connection_stats", "disk_io_wait_stats", "metadata"},
    "connection": {"name_tag"},
    "subscription": {"account_tag"},
}
# The newest peer this was compared with in full.
COMPARED_IN_FULL = (2, 14, 4)


def ordered(text):
    return json.loads(text, object_pairs_hook=OrderedDict)


def kind(value):
    """A number is a number: 2 seconds and 2.5 seconds are of one type."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "text", list: "list", OrderedDict: "object", type(None): "null"}[type(value)]


class Comparison(unittest.TestCase):
    """Both servers with the same clients, which do the same in the same order."""

    CONFIG = """
    server_name: compared
    server_tags: ["a:1", "b"]
    max_subscriptions: 1000
    authorization { users = [ {user: ann, password: secret}, {user: bob, password: secret} ] }
    """

    @classmethod
    def setUpClass(cls):
        if not broker.reference():
            broker.skip("no nats-server to compare with")
        cls.old = broker.version_of(broker.reference()) < COMPARED_IN_FULL
        cls.servers = [broker.Broker(broker.reference(), cls.CONFIG),
                       broker.Broker(broker.OURS, cls.CONFIG)]
        cls.wires = [cls.populate(server) for server in cls.servers]

    @classmethod
    def tearDownClass(cls):
        for wires in cls.wires:
            for wire in wires:
                wire.close()
        for server in cls.servers:
            server.__exit__()

    @staticmethod
    def populate(server):
        def client(name, **options):
            return server.connect().hello(user="ann", **{"pass": "secret"}, name=name,
                                          lang="raw", version="1.0", **options)
        one = client("one", protocol=1)
        one.send("SUB foo.> 1\r\nSUB bar q 2\r\nUNSUB 1 100\r\n")
        one.ping()
        two = client("two")
        two.send("PUB foo.x 5\r\nhello\r\nPUB bar 2\r\nhi\r\n")
        two.ping()
        for _ in range(2):
            one.message()
        one.ping()
        three = server.connect().hello(user="bob", **{"pass": "secret"}, lang="raw")
        gone = client("gone")
        gone.send("SUB zz 9\r\n")
        gone.ping()
        gone.close()
        broken = client("broken")
        broken.send("ZZZ\r\n")
        broken.rest()
        broken.close()
        broker.wait_for(lambda: server.json("/connz?state=closed")["total"] == 2,
                        "two closed connections")
        return [one, two, three]

    def both(self, path):
        answers = [server.get(path) for server in self.servers]
        self.assertEqual(answers[0][0], answers[1][0], path)
        self.assertEqual(answers[0][1]["Content-Type"], answers[1][1]["Content-Type"], path)
        return [answer[2] for answer in answers]

    def both_json(self, path):
        return [ordered(text) for text in self.both(path)]

    def compare(self, theirs, ours, where):
        """The same keys in the same order, each with the same type, all the way down."""
        left_out = NOT_BUILT.get(where, set())
        added = OWN.get(where, set()) | (NEWER.get(where, set()) if self.old else set())
        kept = [key for key in theirs if key not in left_out]
        own = [key for key in ours if key not in added and key not in left_out]
        if self.old:
            # The order of old versions differs in places; it is compared with new ones.
            kept, own = sorted(kept), sorted(own)
        self.assertEqual(kept, own, where)
        for key in kept:
            self.assertEqual(kind(theirs[key]), kind(ours[key]), where + " " + key)
            if isinstance(theirs[key], OrderedDict):
                self.compare(theirs[key], ours[key], where + " " + key)

    def test_varz_has_the_same_keys_types_and_settings(self):
        theirs, ours = self.both_json("/varz")
        self.compare(theirs, ours, "/varz")
        for key in ("server_name", "host", "max_connections", "max_subscriptions",
                    "ping_interval", "ping_max", "http_base_path", "https_port", "auth_timeout",
                    "max_control_line", "max_payload", "max_pending", "tls_timeout",
                    "write_deadline", "auth_required", "tags", "connections",
                    "total_connections", "in_msgs", "in_bytes", "out_msgs", "out_bytes",
                    "slow_consumers", "routes", "remotes", "leafnodes", "jetstream", "cluster",
                    "gateway", "leaf", "mqtt", "websocket", "cores", "system_account"):
            self.assertEqual(theirs[key], ours[key], key)

    def test_config_digests_are_equal(self):
        theirs, ours = self.both_json("/varz")
        if "config_digest" in theirs:
            self.assertEqual(theirs["config_digest"], ours["config_digest"])

    SAME_OF_CONNECTION = (
        "kind", "type", "ip", "name", "lang", "version", "in_msgs", "out_msgs", "in_bytes",
        "out_bytes", "subscriptions", "reason", "authorized_user", "account",
        "subscriptions_list", "name_tag")

    def compare_connections(self, path):
        theirs, ours = self.both_json(path)
        self.compare(theirs, ours, path)
        for key in ("num_connections", "total", "offset", "limit"):
            self.assertEqual(theirs[key], ours[key], path + " " + key)
        self.assertEqual(len(theirs["connections"]), len(ours["connections"]), path)
        for left, right in zip(theirs["connections"], ours["connections"]):
            self.compare(left, right, "connection")
            for key in self.SAME_OF_CONNECTION:
                if not (self.old and key in NEWER["connection"]):
                    found = [sorted(c[key]) if isinstance(c.get(key), list) else c.get(key)
                             for c in (left, right)]
                    self.assertEqual(found[0], found[1], path + " " + key)
            lists = [c.get("subscriptions_list_detail", []) for c in (left, right)]
            lists = [sorted(each, key=lambda s: s["sid"]) for each in lists]
            self.assertEqual(len(lists[0]), len(lists[1]), path)
            for s_left, s_right in zip(*lists):
                self.compare(s_left, s_right, "subscription")
                for key in ("subject", "sid", "qgroup", "msgs", "max", "account"):
                    self.assertEqual(s_left.get(key), s_right.get(key), path + " " + key)

    def test_connz_has_the_same_keys_types_and_figures(self):
        for query in ("", "?auth=1", "?subs=1", "?subs=detail&auth=true", "?state=closed",
                      "?state=closed&subs=detail&auth=1", "?state=any", "?state=ALL&subs=1",
                      "?user=ann", "?user=ann&auth=1", "?user=bob&state=any", "?acc=$G",
                      "?acc=$G&state=closed", "?acc=$G&state=any", "?mqtt_client=x",
                      "?limit=1", "?limit=2&offset=1", "?offset=50", "?offset=-2&limit=-1",
                      "?limit=0", "?cid=9999", "?sort=cid", "?sort=start", "?sort=subs&limit=1",
                      "?sort=msgs_to&limit=1", "?sort=bytes_to&limit=1",
                      "?sort=msgs_from&limit=1", "?sort=bytes_from&limit=1", "?sort=uptime",
                      "?state=closed&sort=stop", "?state=closed&sort=reason",
                      "?limit=%zz", "?limit=1;offset=1", "?subs=&auth=&sort="):
            with self.subTest(query=query):
                self.compare_connections("/connz" + query)

    def test_a_connection_is_found_by_its_number(self):
        for server, wires in zip(self.servers, self.wires):
            cid = wires[0].info["client_id"]
            found = server.json("/connz?cid=%d" % cid)
            self.assertEqual([c["cid"] for c in found["connections"]], [cid])
            self.assertEqual(found["limit"], 1)
            self.assertEqual(found["connections"][0]["ip"], wires[0].info["client_ip"])

    def test_refusals_have_the_same_status_and_text(self):
        for path in ("/connz?sort=x", "/connz?sort=CID", "/connz?sort=stop",
                     "/connz?sort=reason&state=any", "/connz?auth=x", "/connz?subs=x",
                     "/connz?offset=x", "/connz?offset=%2B", "/connz?limit=1e3",
                     "/connz?limit=99999999999999999999", "/connz?cid=-1", "/connz?cid=x",
                     "/connz?cid=99999999999999999999", "/connz?state=Foo", "/subsz?subs=detail",
                     "/subsz?test=foo.*", "/subsz?test=foo..bar", "/subsz?limit=%22",
                     "/nothing", "/varz/", "/connz/x"):
            with self.subTest(path=path):
                theirs, ours = self.both(path)
                self.assertEqual(theirs, ours)

    def test_subsz_has_the_same_keys_and_types(self):
        # Old versions say less when no list is asked for.
        for query in () if self.old else ("", "?acc=$G", "?acc=none", "?acc=none&subs=1"):
            theirs, ours = self.both_json("/subsz" + query)
            self.compare(theirs, ours, "/subsz" + query)
        queries = ["?subs=1&acc=$G&test=foo.x", "?subs=1&acc=$G&test=bar"]
        if not self.old:
            queries.append("?subs=true&acc=$G&test=nothing.here")
        for query in queries:
            theirs, ours = self.both_json("/subsz" + query)
            self.compare(theirs, ours, "/subsz" + query)
            self.assertEqual(theirs["total"], ours["total"], query)
            lists = [document.get("subscriptions_list", []) for document in (theirs, ours)]
            self.assertEqual(len(lists[0]), len(lists[1]))
            for left, right in zip(*lists):
                self.compare(left, right, "subscription")
                for key in ("account", "subject", "qgroup", "sid", "msgs", "max"):
                    self.assertEqual(left.get(key), right.get(key), key)

    def test_healthz_says_the_same(self):
        self.both("/healthz")
        paths = ["/healthz", "/healthz?js-enabled=1", "/healthz?js-server-only=true"]
        if not self.old:
            paths += ["/healthz?stream=x", "/healthz?consumer=x&details=1", "/healthz?details=x",
                      "/healthz?account=x&stream=y", "/healthz?details=true",
                      "/healthz?js-meta-only=1"]
        for path in paths:
            with self.subTest(path=path):
                theirs, ours = self.both(path)
                self.assertEqual(theirs, ours)

    def test_documents_are_written_alike(self):
        for path in ("/varz", "/connz", "/subsz"):
            theirs, ours = self.both(path)
            for text in (theirs, ours):
                self.assertEqual(json.dumps(ordered(text), indent=2, ensure_ascii=False), text
                                 .replace("\\u003e", ">"))

    def test_any_method_is_served(self):
        for server in self.servers:
            for method in (b"GET", b"POST", b"DELETE", b"PUT"):
                wire = HttpWire(server.http_port)
                wire.send(method + b" /healthz HTTP/1.1\r\nHost: localhost\r\n"
                          b"Content-Length: 0\r\nConnection: close\r\n\r\n")
                answer = wire.rest()
                self.assertTrue(answer.startswith("HTTP/1.1 200 OK\r\n"), answer)
                self.assertTrue(answer.endswith('{"status":"ok"}'), answer)


class Own(unittest.TestCase):
    """What only our server promises."""

    def test_requests_are_counted(self):
        with broker.Broker(broker.OURS) as server:
            for _ in range(3):
                server.get("/varz")
            server.get("/subscriptionsz")
            stats = server.json("/varz")["http_req_stats"]
            self.assertEqual(stats["/varz"], 4)
            self.assertEqual(stats["/subsz"], 1)

    def test_a_base_path_stands_before_all(self):
        for binary in filter(None, (broker.reference(), broker.OURS)):
            with broker.Broker(binary, 'http_base_path: "/mon"\n') as server:
                self.assertEqual(server.get("/mon/varz")[0], 200)
                self.assertEqual(server.json("/mon/varz")["http_base_path"], "/mon")
                self.assertEqual(server.get("/mon")[0], 200)
                self.assertEqual(server.get("/varz")[0], 404)

    def test_no_foreign_page_may_read_unless_allowed(self):
        with broker.Broker(broker.OURS) as server:
            self.assertIsNone(server.get("/varz")[1]["Access-Control-Allow-Origin"])
        with broker.Broker(broker.OURS, "signalbox { monitoring_cors: true }\n") as server:
            self.assertEqual(server.get("/varz")[1]["Access-Control-Allow-Origin"], "*")

    def test_without_an_address_only_local_names_are_served(self):
        with broker.Broker(broker.OURS, host="") as server:
            for host, status in ((b"localhost", b"200"), (b"127.0.0.1:1", b"200"),
                                 (b"evil.example", b"403")):
                wire = HttpWire(server.http_port)
                wire.send(b"GET /varz HTTP/1.1\r\nHost: " + host + b"\r\n"
                          b"Connection: close\r\n\r\n")
                self.assertTrue(wire.rest().startswith("HTTP/1.1 " + status.decode()), host)

    def test_metrics_follow_the_text_format(self):
        with broker.Broker(broker.OURS) as server:
            with server.connect().hello() as wire:
                wire.send("SUB a 1\r\nPUB a 5\r\nhello\r\n")
                wire.message()
                wire.ping()
                status, headers, text = server.get("/metrics")
            self.assertEqual(status, 200)
            self.assertEqual(headers["Content-Type"],
                             "text/plain; version=0.0.4; charset=utf-8")
            values = dict(line.rsplit(" ", 1) for line in text.splitlines()
                          if not line.startswith("#"))
            self.assertEqual(values["signalbox_in_messages_total"], "1")
            self.assertEqual(values["signalbox_out_bytes_total"], "5")
            self.assertEqual(values["signalbox_connections"], "1")
            self.assertEqual(values["signalbox_healthy"], "1")
            self.assertEqual(values['signalbox_http_requests_total{path="/metrics"}'], "1")

    def test_unknown_round_trip_times_are_measured(self):
        with broker.Broker(broker.OURS) as server:
            wire = server.connect().hello(lang="raw")
            self.assertEqual(server.json("/connz")["connections"][0]["rtt"], "0s")
            while wire.line() != "PING":
                pass
            wire.send("PONG\r\n")
            wire.ping()
            self.assertNotEqual(server.json("/connz")["connections"][0]["rtt"], "0s")

    def test_a_large_document_holds_up_nobody(self):
        with broker.Broker(broker.OURS) as server:
            wires = [server.connect().hello(name="n" * 200) for _ in range(300)]
            stuck = HttpWire(server.http_port, receive_buffer=4096)
            stuck.send(b"GET /connz?subs=1&limit=5000 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
            for _ in range(20):
                self.assertEqual(wires[0].ping(), [])
                self.assertEqual(server.get("/healthz")[0], 200)
            stuck.close()
            self.assertEqual(len(server.json("/connz")["connections"]), 300)


class HttpWire(broker.Wire):
    """A connection to the monitoring listener, which says nothing of itself."""

    def __init__(self, port, receive_buffer=0):
        self.line = lambda: "INFO {}"
        super().__init__(port, receive_buffer)
        del self.line


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:], warnings="ignore")
