"""Clusters of this server and the reference, mixed: what a client of one of them says is heard by the
clients of all."""

import collections
import json
import os
import shutil
import sys
import tempfile
import time
import unittest

import broker
import certificates

ACCOUNTS = """
accounts {
  A {
    users [{user: a, password: a}]
    exports [{stream: "news.>"}, {service: "svc"}]
  }
  B {
    users [{user: b, password: b}]
    imports [{stream: {account: A, subject: "news.>"}}, {service: {account: A, subject: "svc"}}]
  }
  L { users [{user: l, password: l}], limits { max_connections: 2 } }
  SYS { users [{user: sys, password: sys}] }
}
system_account: SYS
"""


def peers():
    """The servers of others that are there, each once."""
    found = []
    for binary in (os.environ.get("NATS_SERVER"), shutil.which("nats-server"),
                   "/usr/sbin/nats-server"):
        if binary and os.path.exists(binary) and os.path.realpath(binary) not in found:
            found.append(os.path.realpath(binary))
    return found


class Client(broker.Wire):
    def __init__(self, server, user="a"):
        super().__init__(server.port)
        self.hello(user=user, **{"pass": user}, protocol=1, lang="raw", version="1.0",
                   no_responders=True)
        self.sids = 0
        self.ping()

    def subscribe(self, subject, queue=""):
        self.sids += 1
        self.send("SUB %s %s %d\r\n" % (subject, queue, self.sids))
        self.ping()
        return self.sids

    def publish(self, subject, payload, reply=""):
        self.send("PUB %s %s %d\r\n%s\r\n" % (subject, reply, len(payload), payload))

    def message(self):
        """As of a wire, but one that did not come whole in time is not lost."""
        while True:
            line, end, rest = self.bytes.partition(b"\r\n")
            words = line.decode(errors="replace").split() if end else []
            if end and (not words or words[0] not in ("MSG", "HMSG")):
                self.bytes = rest
                continue
            if end and len(rest) >= int(words[-1]) + 2:
                size = int(words[-1])
                self.bytes = rest[size + 2:]
                return words[1], rest[:size]
            if not self._more():
                raise AssertionError("the server is gone")

    def drain(self, count, patience=5.0):
        """So many messages, or those that come in time: subject and payload."""
        self.socket.settimeout(patience)
        found = []
        while len(found) < count:
            try:
                subject, payload = self.message()
            except (TimeoutError, OSError):
                break
            found.append((subject, payload.decode()))
        return found

    def request(self, subject, payload):
        inbox = "_IN.%d.%d" % (os.getpid(), self.subscribe("_IN.%d.*" % os.getpid()))
        self.publish(subject, payload, inbox)
        return self.drain(1)[0][1]


class Cluster:
    """Servers of these binaries, each told of the first alone."""

    def __init__(self, binaries, cluster="", top="", options=None):
        self.servers = []
        self.route_ports = []
        for place, binary in enumerate(binaries):
            more = options[place] if options else ""
            routes = "routes: [\"nats-route://%s127.0.0.1:%d\"]" % (
                "u:p@" if "authorization" in cluster else "", self.route_ports[0]) \
                if self.route_ports else ""
            config = "%s%s\nserver_name: s%d\ncluster { name: mixed, listen: \"127.0.0.1:-1\"\n%s\n%s\n%s }\n" % (
                ACCOUNTS, top, place, routes, cluster, more)
            server = broker.Broker(binary, config)
            self.servers.append(server)
            self.route_ports.append(int(server.ports["cluster"][0].rsplit(":", 1)[1]))
        self.wait()

    def wait(self):
        for server in self.servers:
            broker.wait_for(lambda s=server: self.peers_of(s) == len(self.servers) - 1,
                            "all servers to meet: %s" % [self.peers_of(s) for s in self.servers])

    @staticmethod
    def peers_of(server):
        return len({route["remote_id"] for route in server.json("/routez")["routes"] or []})

    def interest(self, subject, servers=None):
        """Until all servers know of it."""
        for server in servers or self.servers:
            broker.wait_for(lambda s=server: subject in s.get("/subsz?subs=1&test=" + subject)[2],
                            "interest in " + subject)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.__exit__()


def mixtures():
    """Which servers meet: who is first is told of nobody."""
    ours = broker.OURS
    others = sorted(peers(), key=broker.version_of)
    if not others:
        return [[ours, ours, ours]]
    old, new = others[0], others[-1]
    return [[ours, new, old if new != old else ours], [old, ours, new], [ours, ours, ours]]


class Mixed(unittest.TestCase):
    def each(self, most=1, **options):
        for binaries in mixtures()[:most]:
            names = [os.path.basename(os.path.dirname(b)) + "/" + os.path.basename(b)
                     for b in binaries]
            with self.subTest(" ".join(names)), Cluster(binaries, **options) as cluster:
                yield cluster

    def messages(self, cluster):
        clients = [Client(server) for server in cluster.servers]
        for client in clients:
            client.subscribe("all.*")
            client.subscribe("work", "crew")
        self.meet(clients)
        count = 60
        for place, client in enumerate(clients):
            for number in range(count):
                client.publish("all.%d" % place, "%d" % number)
        for client in clients:
            got = client.drain(3 * count)
            expected = collections.Counter(
                ("all.%d" % place, str(number)) for place in range(3) for number in range(count))
            self.assertEqual(collections.Counter(got), expected)
            for place in range(3):
                self.assertEqual([p for s, p in got if s == "all.%d" % place],
                                 [str(n) for n in range(count)])
        self.queue(clients)
        self.large(clients)
        for client in clients:
            client.close()

    @staticmethod
    def meet(clients):
        """Until each hears each: the connection for an account may come after the first one."""
        heard = [set() for _ in clients]

        def all_hear_all():
            for place, client in enumerate(clients):
                client.publish("all.hello", str(place))
            for place, client in enumerate(clients):
                heard[place].update(payload for _, payload in client.drain(50, 0.1))
            return all(len(each) == len(clients) for each in heard)

        broker.wait_for(all_hear_all, "all to hear all")
        for client in clients:
            client.drain(1000, 0.3)
            client.socket.settimeout(broker.PATIENCE)

    def queue(self, clients):
        total = 900
        for number in range(total):
            clients[number % 3].publish("work", str(number))
        got = []
        for client in clients:
            mine = [p for subject, p in client.drain(total, 0.5) if subject == "work"]
            self.assertGreater(len(mine), total / 6)
            got += mine
        seen = collections.Counter(got)
        self.assertEqual(set(seen), {str(n) for n in range(total)})
        self.assertEqual(sum(seen.values()), total)
        for client in clients:
            client.socket.settimeout(broker.PATIENCE)

    def large(self, clients):
        listener = clients[2]
        listener.subscribe("large")
        time.sleep(0.3)
        payload = "x" * 500_000
        clients[0].publish("large", payload)
        while True:
            subject, data = listener.message()
            if subject == "large":
                self.assertEqual(data.decode(), payload)
                return

    def test_messages_reach_all(self):
        for cluster in self.each(most=3):
            self.messages(cluster)

    def test_requests(self):
        for cluster in self.each(most=2):
            service = Client(cluster.servers[2])
            service.subscribe("help", "desk")
            asker = Client(cluster.servers[0])
            other = Client(cluster.servers[1])
            time.sleep(0.3)
            for client in (asker, other):
                inbox = "_IN.x%d" % id(client)
                client.subscribe(inbox)
                time.sleep(0.1)
                client.publish("help", "me", inbox)
                line = service.line()
                while not line.startswith("MSG help"):
                    line = service.line()
                self.assertEqual(service.read(4), b"me\r\n")
                service.publish(line.split()[3], "yes")
                self.assertEqual(client.drain(1), [(inbox, "yes")])
                client.publish("nobody.there", "x", inbox)
                self.assertEqual(client.message()[0], inbox)

    def test_accounts_share_over_servers(self):
        for cluster in self.each(most=2):
            exporter = Client(cluster.servers[2], "a")
            importer = Client(cluster.servers[0], "b")
            importer.subscribe("news.*")
            importer.subscribe("inbox.1")
            exporter.subscribe("svc")
            time.sleep(0.3)
            exporter.publish("news.x", "hot")
            self.assertEqual(importer.drain(1), [("news.x", "hot")])
            importer.publish("svc", "question", "inbox.1")
            line = exporter.line()
            while " svc " not in line:
                line = exporter.line()
            exporter.read(int(line.split()[-1]) + 2)
            exporter.publish(line.split()[3], "answer")
            self.assertEqual(importer.drain(1), [("inbox.1", "answer")])

    def test_passwords(self):
        for cluster in self.each(cluster="authorization { user: u, password: p, timeout: 2 }"):
            self.messages(cluster)

    @unittest.skipUnless(certificates.available(), "no openssl")
    def test_tls(self):
        folder = tempfile.mkdtemp(prefix="interop-")
        authority = certificates.Authority(folder)
        pair = authority.issue("server", extra=["extendedKeyUsage=serverAuth,clientAuth"])
        tls = "tls { cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: true, " \
              "timeout: 5 }" % (pair.cert, pair.key, authority.cert)
        try:
            for cluster in self.each(cluster=tls):
                self.messages(cluster)
        finally:
            shutil.rmtree(folder)

    def test_servers_are_asked_over_servers(self):
        for cluster in self.each():
            asker = Client(cluster.servers[0], "sys")
            asker.subscribe("_IN.sys")
            ids = {server.json("/varz")["server_id"] for server in cluster.servers}

            def answered(subject):
                asker.publish(subject, "", "_IN.sys")
                found = [json.loads(payload) for name, payload in asker.drain(20, 0.4)
                         if name == "_IN.sys"]
                return {each["server"]["id"] for each in found}

            broker.wait_for(lambda: answered("$SYS.REQ.SERVER.PING.STATSZ") == ids,
                            "all to answer")
            for one in ids:
                self.assertEqual(answered("$SYS.REQ.SERVER.%s.VARZ" % one), {one})

    def test_limits_of_accounts_hold_for_all_servers_together(self):
        for cluster in self.each(most=2):
            with Client(cluster.servers[0], "l"), Client(cluster.servers[0], "l"):
                for server in cluster.servers[1:]:
                    def refused(of=server):
                        try:
                            with Client(of, "l"):
                                return False
                        except AssertionError as error:
                            return "maximum account active connections" in str(error)
                    broker.wait_for(refused, "the limit to be known")

    def test_events_are_heard_on_all(self):
        for cluster in self.each():
            listener = Client(cluster.servers[0], "sys")
            listener.subscribe("$SYS.ACCOUNT.A.CONNECT")

            def heard():
                with Client(cluster.servers[2]):
                    return [p for _, p in listener.drain(1, 0.4)]

            event = json.loads(broker.wait_for(heard, "the event")[0])
            self.assertEqual(event["server"]["name"], "s2")
            self.assertEqual(event["server"]["cluster"], "mixed")

    def test_clients_are_told_of_all_servers(self):
        for cluster in self.each():
            expected = {"127.0.0.1:%d" % server.port for server in cluster.servers}
            for server in cluster.servers:
                def told(of=server):
                    with of.connect() as wire:
                        return set(wire.info.get("connect_urls", [])) == expected
                broker.wait_for(told, "the addresses of all")

    def test_a_server_comes_back(self):
        for cluster in self.each():
            for place in (0, 2, 1):
                cluster.servers[place].stop()
                for other, server in enumerate(cluster.servers):
                    if other != place:
                        broker.wait_for(lambda s=server: cluster.peers_of(s) == 1, "it to be gone")
                # Its port for servers is another one now, but for that of the first, which is told.
                cluster.servers[place].config = cluster.servers[place].config.replace(
                    "127.0.0.1:-1", "127.0.0.1:%d" % cluster.route_ports[place])
                cluster.servers[place].start()
                cluster.wait()
            self.messages(cluster)


class Newer(unittest.TestCase):
    """What servers have since 2.10, with the newest there is."""

    def mixtures(self):
        newest = max(peers(), key=broker.version_of, default=broker.OURS)
        if newest == broker.OURS or broker.version_of(newest) < (2, 11, 2):
            return [[broker.OURS] * 3] * 2
        return [[broker.OURS, newest, broker.OURS], [newest, broker.OURS, newest]]

    def test_compression(self):
        for number, mode in enumerate(("off", "s2_fast", "s2_better", "s2_best", "s2_auto")):
            with self.subTest(mode), \
                    Cluster(self.mixtures()[number % 2], cluster="compression: " + mode) as cluster:
                Mixed().messages(cluster)

    def test_pools_of_unequal_size(self):
        for binaries in self.mixtures():
            with Cluster(binaries, options=["pool_size: 5", "pool_size: 2", "pool_size: 1"]) \
                    as cluster:
                Mixed().messages(cluster)

    def test_one_connection_as_of_old(self):
        with Cluster(self.mixtures()[0], cluster="pool_size: -1") as cluster:
            Mixed().messages(cluster)

    def test_accounts_with_a_connection_of_their_own(self):
        with Cluster(self.mixtures()[1], cluster="accounts: [A, B]") as cluster:
            Mixed().messages(cluster)
            for server in cluster.servers:
                names = collections.Counter(
                    route.get("account") for route in server.json("/routez")["routes"])
                self.assertEqual(names["A"], 2)


if __name__ == "__main__":
    unittest.main(verbosity=2, warnings="ignore", argv=[sys.argv[0]] + sys.argv[1:])
