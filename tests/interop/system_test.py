"""The monitoring documents of accounts, the services of the system account and the events in it,
each beside those of the reference."""

import signal
import sys
import unittest

import broker
import documents

# The newest peer this was compared with in full; of older ones, what they have we must have.
COMPARED_IN_FULL = (2, 15, 0)

CONFIG = """
server_name: box
server_tags: [a, "b:c"]
lame_duck_grace_period: "100ms"
lame_duck_duration: "30s"
accounts {
  SYS { users [{user: sys, password: planted-sys}] }
  A {
    users [{user: a, password: planted-a, permissions: {publish: {deny: ["x.>"]}}}]
    exports: [{service: "svc", accounts: [B], latency: {sampling: 50, subject: "lat.x"}},
              {service: "s2", response_type: stream}, {stream: "st.>"}]
    mappings: {"m.a": [{destination: "m.b", weight: 30%}, {destination: "m.c", weight: 70%}]}
  }
  B {
    users [{user: b, password: planted-b}]
    imports: [{service: {account: A, subject: "svc"}, to: "loc.svc"},
              {stream: {account: A, subject: "st.>"}, prefix: "p"}]
  }
}
system_account: SYS
"""


class Client(broker.Wire):
    """Asks and listens."""

    def __init__(self, server, user, **more):
        super().__init__(server.port)
        self.server_id = self.info["server_id"]
        self.inboxes = 0
        self.hello(user=user, **{"pass": "planted-" + user}, protocol=1, lang="raw",
                   version="1.0", **more)
        self.ping()

    def ask(self, subject, body="", patience=broker.PATIENCE):
        """The answer's payload; nothing when there is none."""
        self.inboxes += 1
        inbox = "_IN.%d" % self.inboxes
        self.send("SUB %s 77\r\nPUB %s %s %d\r\n%s\r\n" % (inbox, subject, inbox, len(body), body))
        self.socket.settimeout(patience)
        try:
            while True:
                got, payload = self.message()
                if got == inbox:
                    return payload.decode()
        except (TimeoutError, OSError):
            return ""
        finally:
            self.socket.settimeout(broker.PATIENCE)
            self.send("UNSUB 77\r\n")

    def is_silent(self, subject, body=""):
        return self.ask(subject, body, patience=0.4) == ""

    def hear(self, subject):
        """The next message on `subject` or one that begins so."""
        while True:
            got, payload = self.message()
            if got == subject:
                return documents.ordered(payload.decode())


class Comparison(unittest.TestCase):
    """Both servers with the same accounts and the same clients."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not broker.reference():
            broker.skip("no nats-server to compare with")
        cls.old = broker.version_of(broker.reference()) < COMPARED_IN_FULL
        cls.servers = [broker.Broker(broker.reference(), CONFIG),
                       broker.Broker(broker.OURS, CONFIG)]
        cls.systems, cls.tenants, cls.others = [], [], []
        for server in cls.servers:
            cls.systems.append(Client(server, "sys", name="watch"))
            tenant = Client(server, "a", name="tenant")
            tenant.send("SUB foo.* q 5\r\nPUB foo.a 3\r\nabc\r\n")
            tenant.message()
            tenant.ping()
            cls.tenants.append(tenant)
            cls.others.append(Client(server, "b"))

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            server.__exit__()

    def compare(self, name, theirs, ours):
        self.assertEqual(documents.differences(name, theirs, ours, self.old), [])
        if not self.old:
            self.assertEqual(documents.misplaced(name, theirs, ours), [])

    def compare_answers(self, clients, subject, body=""):
        answers = [client.ask(subject.replace("<id>", client.server_id), body)
                   for client in clients]
        for answer in answers:
            self.assertTrue(answer, subject + " " + body)
        theirs, ours = map(documents.ordered, answers)
        self.compare(subject + " " + body, theirs, ours)
        return theirs, ours

    def test_documents_over_http(self):
        paths = ["/varz", "/connz?auth=1", "/connz?auth=1&subs=detail&acc=A", "/accountz",
                 "/accountz?acc=A", "/accountz?acc=B", "/accountz?acc=SYS", "/accstatz",
                 "/accstatz?unused=1", "/routez", "/routez?subs=detail", "/gatewayz",
                 "/gatewayz?accs=1", "/leafz", "/leafz?subs=1", "/jsz", "/jsz?acc=A&streams=1",
                 "/subsz?subs=1&acc=A&test=foo.a"]
        if not self.old:
            paths += ["/subsz?subs=1&acc=A", "/healthz?details=1", "/ipqueuesz"]
        for path in paths:
            with self.subTest(path=path):
                theirs, ours = (server.get(path) for server in self.servers)
                self.assertEqual((theirs[0], theirs[1]["Content-Type"]),
                                 (ours[0], ours[1]["Content-Type"]))
                self.compare(path, documents.ordered(theirs[2]), documents.ordered(ours[2]))

    def test_refusals_over_http(self):
        paths = ["/accountz?acc=Z", "/accstatz?unused=x", "/routez?subs=x", "/gatewayz?accs=x",
                 "/leafz?subs=x", "/jsz?accounts=x", "/jsz?offset=x"]
        if not self.old:
            paths += ["/ipqueuesz?all=x", "/raftz"]
        for path in paths:
            with self.subTest(path=path):
                theirs, ours = (server.get(path) for server in self.servers)
                self.assertEqual((theirs[0], theirs[2]), (ours[0], ours[2]))

    # What the reference had first in 2.10 or later.
    NEW_SERVICES = ("IDZ", "RELOAD", "KICK", "LDM", "IPQUEUESZ", "RAFTZ")

    def test_services_of_servers(self):
        services = [("STATSZ", ""), ("IDZ", ""), ("VARZ", ""), ("SUBSZ", ""),
                    ("SUBSZ", '{"subscriptions":true,"account":"A","test":"foo.a"}'),
                    ("CONNZ", ""), ("CONNZ", '{"auth":true,"acc":"A"}'),
                    ("CONNZ", '{"acc":"A","filter_subject":"foo.a","subscriptions_detail":true,'
                              '"subscriptions":true}'),
                    ("CONNZ", '{"state":1}'), ("CONNZ", '{"filter_subject":"foo.a"}'),
                    ("CONNZ", '{"sort":"foo"}'), ("CONNZ", '{"auth":3}'), ("CONNZ", "nope"),
                    ("ROUTEZ", ""), ("GATEWAYZ", ""), ("LEAFZ", ""), ("ACCOUNTZ", ""),
                    ("ACCOUNTZ", '{"account":"A"}'), ("ACCOUNTZ", '{"account":"Z"}'), ("JSZ", ""),
                    ("HEALTHZ", ""), ("IPQUEUESZ", ""), ("RAFTZ", ""),
                    ("KICK", '{"cid":9999}'), ("LDM", '{"cid":9999}')]
        for service, body in services:
            if self.old and (service in self.NEW_SERVICES or service == "HEALTHZ"
                             or (service == "SUBSZ" and not body)):
                continue
            for server in ("<id>",) if service in ("KICK", "LDM") else ("<id>", "PING"):
                with self.subTest(service=service, body=body, server=server):
                    theirs, ours = self.compare_answers(
                        self.systems, "$SYS.REQ.SERVER.%s.%s" % (server, service), body)
                    if "error" in theirs and service != "CONNZ":
                        self.assertEqual(theirs["error"], ours["error"])
                    elif "error" in theirs:
                        self.assertEqual(theirs["error"]["code"], ours["error"]["code"])
        self.compare_answers(self.systems, "$SYS.REQ.SERVER.PING")

    def test_services_of_accounts(self):
        asked = [("A.CONNZ", "{}"), ("A.LEAFZ", ""), ("A.INFO", ""), ("A.STATZ", ""),
                 ("A.CONNS", ""), ("Z.INFO", ""), ("Z.CONNZ", ""), ("A.JSZ", ""),
                 ("C.STATZ", ""), ("B.STATZ", '{"include_unused":true}'), ("PING.STATZ", ""),
                 ("PING.STATZ", '{"accounts":["B","A"],"include_unused":true}')]
        if not self.old:
            asked.append(("A.SUBSZ", ""))
        for what, body in asked:
            subject = "$SYS.REQ.ACCOUNT." + what
            with self.subTest(subject=subject, body=body):
                if what == "C.STATZ":
                    for client in self.systems:
                        self.assertTrue(client.is_silent(subject))
                    continue
                theirs, ours = self.compare_answers(self.systems, subject, body)
                if "error" in theirs:
                    self.assertEqual(theirs["error"], ours["error"])

    def test_filters(self):
        for body in ('{"server_name":"nomatch"}', '{"host":"1.2.3.4"}', '{"cluster":"c"}',
                     '{"tags":["z"]}', '{"tags":["a","z"]}', '{"domain":"d"}'):
            for client in self.systems:
                self.assertTrue(client.is_silent("$SYS.REQ.SERVER.PING", body), body)
        for body in ('{"server_name":"bo"}', '{"tags":["a"]}', '{"tags":["a","b:c"]}',
                     '{"host":"127.0"}'):
            self.compare_answers(self.systems, "$SYS.REQ.SERVER.PING", body)

    def test_what_tenants_may_ask(self):
        for subject, body in (("$SYS.REQ.ACCOUNT.PING.CONNZ", ""),
                              ("$SYS.REQ.SERVER.PING.CONNZ", '{"acc":"B"}'),
                              ("$SYS.REQ.ACCOUNT.PING.STATZ", '{"accounts":["B"]}')):
            theirs, ours = self.compare_answers(self.tenants, subject, body)
            for answer in (theirs, ours):
                self.assertNotIn('"B"', repr(answer))
        if not self.old:
            for clients in (self.tenants, self.others):
                theirs, ours = self.compare_answers(clients, "$SYS.REQ.USER.INFO")
                self.assertEqual(theirs["data"], ours["data"])
        for client in self.tenants:
            for subject in ("$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.VARZ",
                            "$SYS.REQ.ACCOUNT.A.CONNZ", "$SYS.REQ.ACCOUNT.B.INFO",
                            "$SYS.DEBUG.SUBSCRIBERS"):
                self.assertTrue(client.is_silent(subject), subject)

    def test_subscribers_are_counted(self):
        for client in self.systems:
            client.send("SUB foo.* 21\r\nSUB foo.a q 22\r\nSUB foo.a q 23\r\n")
            self.assertEqual([client.ask("$SYS.DEBUG.SUBSCRIBERS", body)
                              for body in ("foo.a", "foo.a q", "foo.>", "none")],
                             ["3", "2", "3", "0"])
            client.send("UNSUB 21\r\nUNSUB 22\r\nUNSUB 23\r\n")

    def test_events_of_clients(self):
        told = []
        for server in self.servers:
            watcher = Client(server, "sys")
            watcher.send("SUB $SYS.ACCOUNT.B.> 1\r\nSUB $SYS.SERVER.*.CLIENT.AUTH.ERR 2\r\n"
                         "SUB $SYS.SERVER.ACCOUNT.B.CONNS 3\r\n")
            watcher.ping()
            client = Client(server, "b", name="guest")
            events = [watcher.hear("$SYS.ACCOUNT.B.CONNECT")]
            client.send("PUB a 5\r\nhello\r\n")
            client.ping()
            client.close()
            events.append(watcher.hear("$SYS.ACCOUNT.B.DISCONNECT"))
            wire = server.connect()
            wire.send('CONNECT {"user":"b","pass":"planted-wrong","name":"evil"}\r\n')
            wire.rest()
            events.append(watcher.hear("$SYS.SERVER.%s.CLIENT.AUTH.ERR" % watcher.server_id))
            Client(server, "b").close()
            events.append(watcher.hear("$SYS.ACCOUNT.B.SERVER.CONNS"))
            Client(server, "b").close()
            events.append(watcher.hear("$SYS.SERVER.ACCOUNT.B.CONNS"))
            watcher.close()
            told.append(events)
        for name, theirs, ours in zip(("CONNECT", "DISCONNECT", "AUTH.ERR", "CONNS", "old CONNS"),
                                      *told):
            with self.subTest(event=name):
                self.compare(name, theirs, ours)
                self.assertEqual(theirs["type"], ours["type"])
                self.assertEqual(len(ours["id"]), 22)
                for key in ("reason", "sent", "received"):
                    if name in ("DISCONNECT", "AUTH.ERR"):
                        self.assertEqual(theirs[key], ours[key], name + " " + key)

    def test_figures_are_said_by_themselves(self):
        theirs, ours = (Client(server, "sys") for server in self.servers)
        heard = []
        for client in (theirs, ours):
            client.send("SUB $SYS.SERVER.*.STATSZ 1\r\n")
            heard.append(client.hear("$SYS.SERVER.%s.STATSZ" % client.server_id))
            client.close()
        self.compare("STATSZ", *heard)

    def test_no_planted_secret_is_told(self):
        server, client = self.servers[1], self.systems[1]
        seen = server.log() + "".join(server.get(path)[2] for path in (
            "/varz", "/connz?auth=1&subs=detail&state=any", "/accountz?acc=A", "/accstatz",
            "/subsz?subs=1", "/metrics"))
        for service in ("VARZ", "CONNZ", "ACCOUNTZ", "SUBSZ"):
            seen += client.ask("$SYS.REQ.SERVER.PING." + service,
                               '{"auth":true,"state":2,"account":""}')
        self.assertNotIn("planted", seen)


class Ending(unittest.TestCase):
    """What is said last, and what is asked of a server that it does not survive."""

    def test_the_end_is_told(self):
        if not broker.reference():
            self.skipTest("no nats-server to compare with")
        old = broker.version_of(broker.reference()) < (2, 10, 0)
        told = []
        for binary in (broker.reference(), broker.OURS):
            with broker.Broker(binary, CONFIG) as server:
                watcher = Client(server, "sys")
                watcher.send("SUB $SYS.SERVER.*.* 1\r\n")
                watcher.ping()
                server.signal(signal.SIGUSR2)
                events = [] if old else [
                    watcher.hear("$SYS.SERVER.%s.LAMEDUCK" % watcher.server_id)]
                self.assertEqual(server.wait(), 0)
                told.append(events)
        for theirs, ours in zip(*told):
            self.assertEqual(documents.differences("LAMEDUCK", theirs, ours), [])

    def test_a_reload_over_the_system_account(self):
        with broker.Broker(broker.OURS, CONFIG) as server:
            client = Client(server, "sys")
            subject = "$SYS.REQ.SERVER.%s.RELOAD" % client.server_id
            answer = documents.ordered(client.ask(subject))
            self.assertNotIn("error", answer)
            broker.wait_for(lambda: "Reloaded server configuration" in server.log(), "the log")
            with open(server.folder + "/server.conf", "a", encoding="utf-8") as file:
                file.write("nonsense: 1\n")
            answer = documents.ordered(client.ask(subject))
            self.assertIn("nonsense", answer["error"]["description"])
            self.assertEqual(client.ping(), [])

    def test_a_client_is_kicked_without_a_word(self):
        with broker.Broker(broker.OURS, CONFIG) as server:
            client, guest = Client(server, "sys"), Client(server, "a")
            answer = client.ask("$SYS.REQ.SERVER.%s.KICK" % client.server_id,
                                '{"cid":%d}' % guest.info["client_id"])
            self.assertNotIn("error", answer)
            self.assertEqual(guest.rest(), "")
            closed = broker.wait_for(
                lambda: server.json("/connz?state=closed")["connections"], "the close")
            self.assertEqual(closed[0]["reason"], "Kicked")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:], warnings="ignore")
