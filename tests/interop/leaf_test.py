"""Leaf nodes: this server and the reference, each as the hub and as the leaf node of the other."""

import socket
import sys
import tempfile
import time
import unittest

import broker
import certificates
from cluster_test import Client, peers

USERS = """
accounts {
  A { users: [{user: a, password: a}] }
  SYS { users: [{user: sys, password: sys}] }
}
system_account: SYS
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pair:
    """A hub and a leaf node of these binaries. The texts stand in the blocks `leafnodes` of the one and in
    the only remote of the other."""

    def __init__(self, hub, leaf, hub_block="", remote="", user="a:a@", scheme="nats-leaf", meet=True):
        self.port = free_port()
        self.hub = broker.Broker(hub, """%s
server_name: hub
leafnodes {
  listen: "127.0.0.1:%d"
  %s
}
""" % (USERS, self.port, hub_block))
        self.leaf = broker.Broker(leaf, """%s
server_name: leaf
leafnodes {
  reconnect: 1
  remotes: [ { url: "%s://%s127.0.0.1:%d", account: A
    %s
  } ]
}
""" % (USERS, scheme, user, self.port, remote))
        if meet:
            self.wait()

    def wait(self):
        for server in (self.hub, self.leaf):
            broker.wait_for(lambda s=server: len(s.json("/leafz")["leafs"] or []) == 1, "the leaf node")

    def leafz(self, server, query=""):
        return server.json("/leafz" + query)["leafs"][0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hub.__exit__()
        self.leaf.__exit__()


def pairs(old=True):
    """Whom to attach to whom; `old`: also to servers before 2.10."""
    found = [(broker.OURS, broker.OURS)]
    for other in peers():
        if old or broker.version_of(other) >= (2, 10):
            found += [(broker.OURS, other), (other, broker.OURS)]
    return found


class Leaf(unittest.TestCase):
    def each(self, old=True, **options):
        for hub, leaf in pairs(old):
            with self.subTest(hub=hub, leaf=leaf), Pair(hub, leaf, **options) as pair:
                yield pair

    def interest(self, server, subject):
        broker.wait_for(lambda: subject in server.get("/leafz?subs=1")[2], "interest in " + subject)

    def exchange(self, pair):
        hub, leaf = Client(pair.hub), Client(pair.leaf)
        hub.subscribe("to.hub.*")
        leaf.subscribe("to.leaf.*")
        self.interest(pair.hub, "to.leaf.*")
        self.interest(pair.leaf, "to.hub.*")
        for number in range(50):
            hub.publish("to.leaf.x", "h%d" % number)
            leaf.publish("to.hub.x", "l%d" % number)
        self.assertEqual([text for _, text in leaf.drain(50)], ["h%d" % n for n in range(50)])
        self.assertEqual([text for _, text in hub.drain(50)], ["l%d" % n for n in range(50)])
        large = "z" * 200000
        leaf.publish("to.hub.large", large)
        self.assertEqual(hub.drain(1), [("to.hub.large", large)])

    def test_messages_and_requests(self):
        for pair in self.each():
            self.exchange(pair)
            self.assertFalse(pair.leafz(pair.hub).get("is_spoke", False))
            self.assertEqual(pair.leafz(pair.hub)["account"], "A")
            asked, answers = Client(pair.hub), Client(pair.leaf)
            asked.subscribe("svc", "workers")
            self.interest(pair.leaf, "svc")
            answers.subscribe("_IN.me")
            answers.publish("svc", "?", "_IN.me")
            subject, payload = asked.message()
            self.assertEqual((subject, payload), ("svc", b"?"))
            self.interest(pair.hub, "_IN.me")
            asked.publish("_IN.me", "!")
            self.assertEqual(answers.drain(1), [("_IN.me", "!")])

    def test_queue_groups(self):
        for pair in self.each():
            hub, leaf = Client(pair.hub), Client(pair.leaf)
            hub.subscribe("work", "crew")
            leaf.subscribe("work", "crew")
            self.interest(pair.hub, "work")
            self.interest(pair.leaf, "work")
            sender = Client(pair.leaf)
            for number in range(40):
                sender.publish("work", str(number))
            # Whoever is at home does it.
            self.assertEqual(len(leaf.drain(40)), 40)
            self.assertEqual(hub.drain(1, 0.2), [])
            leaf.close()
            broker.wait_for(lambda: "work" not in pair.hub.get("/leafz?subs=1")[2], "the member to go")
            for number in range(40):
                sender.publish("work", str(number))
            self.assertEqual(len(hub.drain(40)), 40)

    def test_denied_subjects(self):
        for pair in self.each(remote='deny_imports: ["no.in"], deny_exports: ["no.out"]'):
            hub, leaf = Client(pair.hub), Client(pair.leaf)
            hub.subscribe("*.out")
            leaf.subscribe("no.*")
            self.interest(pair.hub, "no.*")
            self.interest(pair.leaf, "*.out")
            hub.publish("no.in", "x")
            hub.publish("no.matter", "y")
            self.assertEqual(leaf.drain(1), [("no.matter", "y")])
            leaf.publish("no.out", "x")
            leaf.publish("yes.out", "y")
            self.assertEqual(hub.drain(1), [("yes.out", "y")])

    def test_permissions_of_the_user(self):
        top = ("authorization { users: [{user: edge, password: pw, permissions: {publish: \"up.>\", "
               "subscribe: \"down.>\"}}] }\n")
        for hub, leaf in pairs():
            with self.subTest(hub=hub, leaf=leaf):
                config = "server_name: hub\nleafnodes { listen: \"127.0.0.1:%d\" }\n%s" % (port := free_port(), top)
                with broker.Broker(hub, config + 'accounts { A { users: [{user: a, password: a}] } }') as one, \
                        broker.Broker(leaf, "server_name: leaf\nleafnodes { remotes: [{url: \"nats://edge:pw@127.0.0.1:%d\"}] }" % port) as two:
                    for server in (one, two):
                        broker.wait_for(lambda s=server: s.json("/leafz")["leafs"], "the leaf node")
                    mine, theirs = broker.Wire(two.port), broker.Wire(one.port)
                    mine.hello()
                    theirs.hello(user="edge", **{"pass": "pw"})
                    mine.send("SUB down.x 1\r\nSUB other 2\r\nPING\r\n")
                    self.interest(one, "down.x")
                    theirs.send("PUB up.y 2\r\nhi\r\n")
                    time.sleep(0.1)
                    # What it may not hear it does not ask for, and so it is not let go.
                    self.assertNotIn("other", one.get("/leafz?subs=1")[2])
                    self.assertTrue(two.json("/leafz")["leafs"])

    def test_credentials(self):
        cases = {
            "user": ('authorization { user: edge, password: pw, account: A }', "edge:pw@", ""),
            "users": ('authorization { users: [{user: edge, password: pw, account: A}, '
                      '{user: b, password: c}] }', "edge:pw@", ""),
        }
        for name, (block, user, remote) in cases.items():
            for pair in self.each(hub_block=block, user=user, remote=remote):
                self.assertEqual(pair.leafz(pair.hub)["account"], "A", name)

    def test_wrong_credentials(self):
        for pair in self.each(user="a:wrong@", meet=False):
            time.sleep(0.6)
            self.assertFalse(pair.hub.json("/leafz")["leafs"])
            self.assertIn("authentication error", open(pair.hub.log_path, encoding="utf-8").read())

    def test_tls(self):
        if not certificates.available():
            self.skipTest("no openssl")
        with tempfile.TemporaryDirectory() as folder:
            authority = certificates.Authority(folder)
            server = authority.issue("server")
            files = "cert_file: \"%s\", key_file: \"%s\"" % (server.cert, server.key)
            roots = "ca_file: \"%s\"" % authority.cert
            for first in ("", ", handshake_first: true"):
                for pair in self.each(hub_block="tls { %s%s }" % (files, first),
                                      remote="tls { %s%s }" % (roots, first), scheme="tls",
                                      old=not first):
                    self.exchange(pair)

    def test_compression(self):
        for mode in ("off", "s2_fast", "s2_best"):
            for pair in self.each(hub_block="compression: " + mode, remote="compression: " + mode,
                                  old=False):
                self.exchange(pair)
                self.assertEqual(pair.leafz(pair.hub).get("compression"), mode)

    def test_loop(self):
        for one, two in pairs():
            with self.subTest(one=one, two=two):
                ports = [free_port(), free_port()]
                config = "server_name: s%d\nleafnodes { listen: \"127.0.0.1:%d\", remotes: [{url: \"nats://127.0.0.1:%d\"}] }"
                with broker.Broker(one, config % (1, ports[0], ports[1])) as a, \
                        broker.Broker(two, config % (2, ports[1], ports[0])) as b:
                    broker.wait_for(lambda: any("Loop detected" in open(s.log_path, encoding="utf-8").read()
                                                for s in (a, b)), "the loop to be found")

    def test_restart_of_the_hub(self):
        for pair in self.each():
            leaf = Client(pair.leaf)
            leaf.subscribe("again")
            self.interest(pair.hub, "again")
            pair.hub.restart()
            pair.wait()
            self.interest(pair.hub, "again")
            hub = Client(pair.hub)
            hub.publish("again", "!")
            self.assertEqual(leaf.drain(1), [("again", "!")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
