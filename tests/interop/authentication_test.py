"""Who may come in and what he may do, as processes: reloads under load, and the same answers as the
reference gives."""

import signal
import socket
import sys
import threading
import unittest

import broker

TWO = """
authorization { users = [
  { user: keep, password: "k", permissions: %s }
  { user: other, password: "%s" }
] }
"""
FREE = "{ publish: \">\" }"


class Load(threading.Thread):
    """Publishes to itself, and counts what comes back, until it is told to stop or is dropped."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.subject = "load.%d" % number
        self.wire = server.connect().hello(user="keep", **{"pass": "k"})
        self.wire.send("SUB %s 1\r\n" % self.subject)
        self.rounds = 0
        self.end = ""
        self.stopping = threading.Event()

    def run(self):
        message = ("PUB %s 2\r\nhi\r\n" % self.subject) * 50
        try:
            while not self.stopping.is_set():
                self.wire.send(message)
                for _ in range(100):
                    line = self.wire.line()
                    while line == "PING" or line.startswith("INFO"):
                        self.wire.send("PONG\r\n" if line == "PING" else "")
                        line = self.wire.line()
                    if not line:
                        self.end = "closed"
                        return
                    if line.startswith("-ERR"):
                        self.end = line
                        return
                self.rounds += 1
        except (OSError, socket.timeout) as error:
            self.end = repr(error)


class AuthenticationTest(unittest.TestCase):
    def serve(self, config, binary=broker.OURS):
        server = broker.Broker(binary, config, http=False)
        self.addCleanup(server.__exit__)
        return server

    def reload(self, server, config):
        """Waits until the new settings are in force."""
        with open(server.folder + "/server.conf", "w", encoding="utf-8") as file:
            file.write(config)
        done = server.log().count("Reloaded server configuration")
        server.signal(signal.SIGHUP)
        broker.wait_for(lambda: server.log().count("Reloaded server configuration") > done
                        or "Failed to reload" in server.log(), "the reload")
        self.assertNotIn("Failed to reload", server.log())

    def test_a_hundred_reloads_under_load_drop_nobody_who_stays(self):
        server = self.serve(TWO % (FREE, "o"))
        innocent = [Load(server, number) for number in range(8)]
        for load in innocent:
            load.start()
        for number in range(100):
            # Someone's password changes each time, and those who stay are asked again; now and
            # then their permissions change as well.
            permissions = FREE if number % 2 else '{ publish: { deny: "other.%d" } }' % number
            victim = server.connect().hello(**{"user": "other",
                                               "pass": "o" if number == 0 else "p%d" % number})
            self.reload(server, TWO % (permissions, "p%d" % (number + 1)))
            self.assertEqual(victim.rest(), "-ERR 'Authorization Violation'\r\n")
        before = [load.rounds for load in innocent]
        broker.wait_for(lambda: all(load.end or load.rounds > past
                                    for load, past in zip(innocent, before)), "more traffic")
        for load in innocent:
            load.stopping.set()
        for load in innocent:
            load.join(broker.PATIENCE)
        self.assertEqual([load.end for load in innocent], [""] * len(innocent))

    def outcomes(self, binary, steps):
        """What clients hear as the configuration changes: equal for both servers."""
        server = self.serve(steps[0], binary)
        clients = {}
        for user, password in (("keep", "k"), ("other", "o")):
            wire = server.connect().hello(**{"user": user, "pass": password})
            wire.send("SUB a.> 1\r\nSUB a.b q 2\r\nPING\r\n")
            self.assertEqual(wire.line(), "PONG")
            clients[user] = wire
        heard = []
        for step in steps[1:]:
            self.reload(server, step)
            for user, wire in clients.items():
                if wire is None:
                    continue
                lines = []
                try:
                    wire.send("PING\r\n")
                    line = wire.line()
                    while line and line != "PONG":
                        if not line.startswith("INFO"):
                            # Of old, the group was left out.
                            lines.append(line.replace(' using queue "q"', ""))
                        line = wire.line()
                except OSError:
                    line = ""
                if not line:
                    lines.append("closed")
                    clients[user] = None
                heard.append((user, lines))
        return heard

    def test_a_user_who_is_gone_is_told(self):
        # The reference closes without a word, and does not close at all when a lone user is left.
        for rest in ("authorization { users = [ { user: keep, password: k } ] }\n",
                     "authorization { user: keep, password: k }\n"):
            server = self.serve(TWO % (FREE, "o"))
            keep = server.connect().hello(user="keep", **{"pass": "k"})
            other = server.connect().hello(user="other", **{"pass": "o"})
            self.reload(server, rest)
            self.assertEqual(other.rest(), "-ERR 'Authorization Violation'\r\n")
            keep.send("PING\r\n")
            broker.wait_for(lambda wire=keep: wire.line() == "PONG", "an answer")

    def test_a_reload_is_told_as_the_reference_tells_it(self):
        if not broker.reference():
            self.skipTest("no nats-server to compare with")
        moved = """
accounts { A { users = [ { user: keep, password: k } ] } }
authorization { users = [ { user: other, password: o } ] }
"""
        cases = {
            "password changed": [TWO % (FREE, "o"), TWO % (FREE, "x")],
            "permissions narrowed": [
                TWO % (FREE, "o"),
                TWO % ('{ subscribe: { allow: ">", deny: "a.b" } }', "o"),
                TWO % ('{ subscribe: "b" }', "o"), TWO % (FREE, "o")],
            "moved to another account": [TWO % (FREE, "o"), moved],
        }
        for name, steps in cases.items():
            with self.subTest(name):
                self.assertEqual(self.outcomes(broker.OURS, steps),
                                 self.outcomes(broker.reference(), steps))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
