"""A cluster of whole processes under load, whose servers are killed one after the other and started
again: clients move on, nothing hangs, no subscription survives its owner, and afterwards everything is
heard everywhere again. Of ours alone, and with one of the reference among them."""

import signal
import socket
import sys
import threading
import unittest

import broker

MORE = 50  # Messages and answers that show that work goes on.
CONFIG = """
server_name: s%d
cluster { name: faults, listen: "127.0.0.1:%d", routes: [%s] }
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Client(broker.Wire):
    def __init__(self, port, patience=broker.PATIENCE):
        super().__init__(port, patience=patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.hello(protocol=1, lang="raw", version="1.0", no_responders=True)

    def publish(self, subject, payload, reply=""):
        self.send("PUB %s %s %d\r\n%s\r\n" % (subject, reply, len(payload), payload))

    def delivery(self):
        """Subject, reply and payload of the next message; a status has no reply."""
        while True:
            line = self.line()
            if not line:
                raise ConnectionError("the server is gone")
            words = line.split()
            if words[0] in ("MSG", "HMSG"):
                data = self.read(int(words[-1]) + 2)[:-2].decode()
                plain = words[0] == "MSG"
                return words[1], words[3] if plain and len(words) == 5 else "", data
            if words[0] == "PING":
                self.send("PONG\r\n")


class Mover(threading.Thread):
    """A client that works where a server takes it, and elsewhere once that one is gone."""

    def __init__(self, ports, place):
        super().__init__(daemon=True)
        self.ports = ports
        self.place = place
        self.at = None  # Which server it is with.
        self.ends = False
        self.client = None

    def run(self):
        turn = self.place
        while not self.ends:
            try:
                self.client = Client(self.ports[turn % len(self.ports)], patience=3)
                self.at = turn % len(self.ports)
                self.work(self.client)
            except (OSError, AssertionError, ValueError):
                pass
            self.at = None
            turn += 1

    def end(self):
        self.ends = True
        if self.client:
            self.client.socket.close()


class Listener(Mover):
    """Counts what each asker says to all; nothing comes twice."""

    def __init__(self, ports, place):
        super().__init__(ports, place)
        self.heard = {}
        self.twice = []

    def work(self, client):
        client.send("SUB load 1\r\nSUB to.%d 2\r\n" % self.place)
        while not self.ends:
            subject, _, payload = client.delivery()
            who, number = payload.split()
            if subject.startswith("to."):
                who = subject + who
            if int(number) <= self.heard.get(who, 0):
                self.twice.append(payload)
            self.heard[who] = int(number)


class Answerer(Mover):
    def work(self, client):
        client.send("SUB service workers 1\r\n")
        while not self.ends:
            _, reply, payload = client.delivery()
            client.publish(reply, payload)


class Asker(Mover):
    """Says something to all and asks for something, again and again."""

    def __init__(self, ports, place):
        super().__init__(ports, place)
        self.number = 0
        self.answered = 0
        self.wrong = []

    def work(self, client):
        client.send("SUB _IN.%d 1\r\n" % self.place)
        while not self.ends:
            self.number += 1
            client.publish("load", "asker%d %d" % (self.place, self.number))
            client.publish("service", str(self.number), "_IN.%d" % self.place)
            while True:
                _, _, payload = client.delivery()
                if payload == str(self.number):
                    self.answered += 1
                    break
                if payload.startswith("NATS/1.0"):
                    break  # Nobody there, for the moment.
                if int(payload) > self.number:
                    self.wrong.append(payload)


class Scene:
    def __init__(self, binaries):
        self.routes = [free_port() for _ in binaries]
        urls = ", ".join('"nats-route://127.0.0.1:%d"' % port for port in self.routes)
        self.servers = [broker.Broker(binary, CONFIG % (place, self.routes[place], urls))
                        for place, binary in enumerate(binaries)]
        self.ports = [server.port for server in self.servers]
        places = range(len(binaries))
        self.listeners = [Listener(self.ports, place) for place in places]
        self.answerers = [Answerer(self.ports, place) for place in places]
        self.askers = [Asker(self.ports, place) for place in places]
        self.whole()
        for mover in self.movers():
            mover.start()

    def movers(self):
        return self.listeners + self.answerers + self.askers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for mover in self.movers():
            mover.end()
        for server in self.servers:
            server.__exit__()

    def whole(self):
        """Until each server knows all others."""
        for server in self.servers:
            broker.wait_for(lambda s=server: self.known_to(s) == len(self.servers) - 1,
                            "the servers to meet")

    @staticmethod
    def known_to(server):
        return len({route["remote_id"] for route in server.json("/routez")["routes"] or []})

    def goes_on(self):
        """Until every asker was answered and every listener has heard each of them often more."""
        answered = [asker.answered for asker in self.askers]
        heard = [dict(listener.heard) for listener in self.listeners]
        for asker, before in zip(self.askers, answered):
            broker.wait_for(lambda a=asker, b=before: a.answered >= b + MORE, "answers")
        for listener, before in zip(self.listeners, heard):
            for asker in self.askers:
                who = "asker%d" % asker.place
                broker.wait_for(lambda l=listener, w=who, b=before.get(who, 0):
                                l.heard.get(w, 0) >= b + MORE, "messages of " + who)

    @staticmethod
    def knows(server, subject):
        """Whether another server is known to listen there."""
        routes = server.json("/routez?subs=1")["routes"] or []
        return any(subject in (route.get("subscriptions_list") or []) for route in routes)


class ClusterFaultsTest(unittest.TestCase):
    def round(self, scene, victim, number):
        subject = "only.%d" % number
        owner = Client(scene.ports[victim])
        owner.send("SUB %s 1\r\nSUB %s q 2\r\n" % (subject, subject))
        others = [server for place, server in enumerate(scene.servers) if place != victim]
        for server in others:
            broker.wait_for(lambda s=server: scene.knows(s, subject), "interest to spread")
        scene.servers[victim].signal(signal.SIGKILL)
        scene.servers[victim].wait()
        for server in others:
            broker.wait_for(lambda s=server: not scene.knows(s, subject),
                            "the dead server's subscriptions to be forgotten")
        for mover in scene.movers():
            broker.wait_for(lambda m=mover: m.at is not None and m.at != victim,
                            "clients to move on")
        scene.goes_on()
        scene.servers[victim].start()
        scene.whole()
        self.reaches_everyone(scene, victim, number)
        scene.goes_on()

    def reaches_everyone(self, scene, place, number):
        """From the server that came back, each listener is reached once it is known there."""
        sender = Client(scene.ports[place])
        for listener in scene.listeners:
            subject = "to.%d" % listener.place
            if listener.at != place:
                broker.wait_for(lambda s=subject: scene.knows(scene.servers[place], s),
                                "interest in " + subject)
            sender.publish(subject, "round%d 1" % number)
        for listener in scene.listeners:
            who = "to.%dround%d" % (listener.place, number)
            broker.wait_for(lambda l=listener, w=who: l.heard.get(w) == 1, who)

    def play(self, binaries, victims):
        with Scene(binaries) as scene:
            scene.goes_on()
            for number, victim in enumerate(victims):
                self.round(scene, victim, number)
            for listener in scene.listeners:
                self.assertEqual(listener.twice, [], "came twice")
            for asker in scene.askers:
                self.assertEqual(asker.wrong, [], "answers to questions that were not asked")

    def test_servers_of_ours_killed_one_after_the_other(self):
        self.play([broker.OURS] * 3, [0, 1, 2, 0])

    def test_servers_killed_in_mixed_company(self):
        if not broker.reference():
            self.skipTest("no nats-server to mix with")
        self.play([broker.OURS, broker.reference(), broker.OURS], [0, 1, 2])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
