"""Gateways: clusters of this server and of the reference, joined."""

import sys
import time
import unittest

import broker
from cluster_test import Client, peers
from leaf_test import free_port

USERS = """
accounts {
  A { users: [{user: a, password: a}] }
  SYS { users: [{user: sys, password: sys}] }
}
system_account: SYS
"""


class Super:
    """Clusters of one server each."""

    def __init__(self, binaries, more=""):
        ports = [free_port() for _ in binaries]
        names = ["C%d" % place for place in range(len(binaries))]
        known = ", ".join("{name: %s, url: \"nats://127.0.0.1:%d\"}" % pair
                          for pair in list(zip(names, ports))[:2])
        self.servers = [
            broker.Broker(binary, "%sserver_name: s%d\ngateway { name: %s, listen: \"127.0.0.1:%d\"\n"
                                  "%s\ngateways: [%s] }\n" % (USERS, place, names[place],
                                                              ports[place], more, known))
            for place, binary in enumerate(binaries)]
        for server in self.servers:
            broker.wait_for(lambda s=server: self.meets(s, len(binaries) - 1), "the clusters to meet")

    @staticmethod
    def meets(server, count):
        found = server.json("/gatewayz")
        return len(found["outbound_gateways"]) == count and len(found["inbound_gateways"]) == count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.__exit__()


def mixtures():
    ours = broker.OURS
    found = [[ours, ours]]
    for other in peers():
        found += [[ours, other], [ours, other, ours], [other, ours, other]]
    return found


class Gateways(unittest.TestCase):
    def each(self):
        for binaries in mixtures():
            with self.subTest(" ".join(binaries)), Super(binaries) as clusters:
                yield clusters

    def test_messages(self):
        for clusters in self.each():
            clients = [Client(server) for server in clusters.servers]
            for client in clients:
                client.subscribe("all.*")
            time.sleep(0.3)
            for place, client in enumerate(clients):
                for number in range(20):
                    client.publish("all.x", "%d.%d" % (place, number))
            wanted = sorted("%d.%d" % (place, number) for place in range(len(clients))
                            for number in range(20))
            for client in clients:
                self.assertEqual(sorted(text for _, text in client.drain(len(wanted))), wanted)
                self.assertEqual(client.drain(1, 0.2), [])

    def test_requests(self):
        for clusters in self.each():
            answers = Client(clusters.servers[1])
            answers.subscribe("svc", "workers")
            time.sleep(0.3)
            for number in range(10):
                # A new inbox each time: the answer must not wait for interest to be told.
                asks = Client(clusters.servers[0])
                asks.send("SUB _IN.%d 1\r\nPUB svc _IN.%d 1\r\n?\r\n" % (number, number))
                subject, payload, reply = request_of(answers)
                self.assertEqual((subject, payload), ("svc", b"?"))
                answers.publish(reply, "!")
                self.assertEqual(asks.drain(1), [("_IN.%d" % number, "!")])
                asks.close()

    def test_queue_groups(self):
        for clusters in self.each():
            near, far = Client(clusters.servers[0]), Client(clusters.servers[1])
            near.subscribe("work", "crew")
            far.subscribe("work", "crew")
            time.sleep(0.3)
            sender = Client(clusters.servers[0])
            for number in range(30):
                sender.publish("work", str(number))
            self.assertEqual(len(near.drain(30)), 30)
            self.assertEqual(far.drain(1, 0.2), [])
            near.close()
            time.sleep(0.3)
            for number in range(30):
                sender.publish("work", str(number))
            self.assertEqual(len(far.drain(30)), 30)


def request_of(client):
    """Subject, payload and reply of the next message."""
    while True:
        line = client.line()
        if line.startswith("PING"):
            client.send("PONG\r\n")
            continue
        words = line.split()
        payload = client.read(int(words[-1]))
        client.read(2)
        return words[1], payload, words[3] if len(words) == 5 else ""


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
