"""Bytes that no client sends: each gets its answer, memory stays bounded, and others are served."""

import json
import random
import socket
import struct
import sys
import unittest

import broker

REFERENCE = broker.reference()
CONNECT = b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n'
MEGABYTE = 1 << 20
# Under a sanitizer freed memory is kept for a while.
ALLOWANCE = 96 * MEGABYTE

# What is sent after CONNECT. A PING follows each, so that an open connection ends with a PONG.
LINES = [
    b"ZZZ\r\n", b"\r\n", b"\n", b"P\r\n", b"PI\r\n", b"PINGS\r\n", b"PING now\r\n", b"ping\r\n",
    b"PONG\r\n", b"PONG x\r\n", b"+OK\r\n", b"+ok x\r\n", b"-ERR 'x'\r\n", b"-ERR\r\n",
    b"INFO {}\r\n", b"INFO x\r\n", b"MSG a 1 1\r\nx\r\n", b"HMSG a 1 1 1\r\nx\r\n",
    b"RS+ a b\r\n", b"LS+ a\r\n", b"A+ a\r\n",
    b"PUB\r\n", b"PUB \r\n", b"PUB a\r\n", b"PUB a b c d 1\r\n", b"PUB a 1\r\nx\r\n",
    b"PUB a 0\r\n\r\n", b"PUB\ta\t1\r\nx\r\n", b"  PUB a 1\r\nx\r\n", b"PUB  a   1  \r\nx\r\n",
    b"pub a 1\r\nx\r\n", b"PUB a 1\nx\r\n", b"PUB a 1\r\nx\n", b"PUB a 1\r\nxy\r\n",
    b"PUB a 2\r\nx\r\n", b"PUB a -1\r\n", b"PUB a +1\r\nx\r\n", b"PUB a 1x\r\nx\r\n",
    b"PUB a 01\r\nx\r\n", b"PUB a 999999999\r\n", b"PUB a 1234567890\r\n",
    b"PUB a 9223372036854775807\r\n", b"PUB a 9223372036854775808\r\n",
    b"PUB a 18446744073709551616\r\n", b"PUB a 99999999999999999999999999\r\n",
    b"PUB a..b 1\r\nx\r\n", b"PUB .a 1\r\nx\r\n", b"PUB a. 1\r\nx\r\n", b"PUB a.* 1\r\nx\r\n",
    b"PUB a.> 1\r\nx\r\n", b"PUB > 1\r\nx\r\n", b"PUB a _R_.x 1\r\nx\r\n",
    b"PUB a $JS.ACK.x 1\r\nx\r\n", b"PUB a _GR_.x 1\r\nx\r\n", b"PUB _GR_.x 1\r\nx\r\n",
    b"HPUB a 0 1\r\nx\r\n", b"HPUB a 12 12\r\nNATS/1.0\r\n\r\n\r\n", b"HPUB a 12\r\n",
    b"HPUB a 2 1\r\nx\r\n", b"HPUB a -1 1\r\nx\r\n", b"HPUB a x 1\r\nx\r\n",
    b"HPUB a b c 1 1\r\nx\r\n", b"HPUB a 1 1\r\nx\r\n", b"HPUB a 9223372036854775808 1\r\n",
    b"HPUB a 1 9223372036854775808\r\n", b"HPUB\r\n", b"HPUBa 1 1\r\nx\r\n",
    b"SUB\r\n", b"SUB a\r\n", b"SUB a b c d\r\n", b"SUB a 1\r\n", b"SUB a q 1\r\n",
    b"SUB a..b 1\r\n", b"SUB .a 1\r\n", b"SUB a. 1\r\n", b"SUB a.>.b 1\r\n", b"SUB >a 1\r\n",
    b"SUB a* 1\r\n", b"SUB a _sys_ 1\r\n", b"SUB \xff\xfe 1\r\n", b"SUBa 1\r\n",
    b"SUB a 1\r\nSUB b 1\r\nPUB b 1\r\nx\r\n", b"UNSUB\r\n", b"UNSUB 1\r\n", b"UNSUB 1 2 3\r\n",
    b"UNSUB 1 x\r\n", b"SUB a 1\r\nUNSUB 1 x\r\nPUB a 1\r\nx\r\n",
    b"SUB a 1\r\nUNSUB 1 0\r\nPUB a 1\r\nx\r\n", b"SUB a 1\r\nUNSUB 1 1\r\nPUB a 0\r\n\r\n",
    b"CONNECT\r\n", b"CONNECT {}\r\n", b"CONNECT{}\r\n", b"CONNECT {\r\n", b"CONNECT []\r\n",
    b"CONNECT null\r\n", b'CONNECT {"verbose":1}\r\n', b'CONNECT {"protocol":2}\r\n',
    b'CONNECT {"protocol":-1}\r\n', b'CONNECT {"verbose":true}\r\nSUB a 1\r\n',
    b'CONNECT {"headers":false}\r\n', b'CONNECT {"account":"x"}\r\n',
    b'CONNECT {"verbose":true,"pedantic":true}\r\nPUB a.* 1\r\nx\r\nSUB a..b 1\r\n',
    b"PUB " + b"a" * 4090 + b" 1\r\nx\r\n", b"PUB " + b"a" * 4094 + b" 1\r\nx\r\n",
    b"PUB " + b"a" * 4095 + b" 1\r\n", b"PUB " + b"a" * 9000, b"SUB " + b"a" * 4096 + b" 1\r\n",
    b"PING" + b" " * 5000 + b"\r\n", b"\x00\r\n", b"PUB a\x00b 1\r\nx\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
]


class Answers(unittest.TestCase):
    """Line by line the same answer as the reference's."""

    @classmethod
    def setUpClass(cls):
        if not REFERENCE:
            raise unittest.SkipTest("no nats-server to compare with")
        cls.servers = [broker.Broker(binary, http=False)
                       for binary in (REFERENCE, broker.OURS)]

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            server.__exit__()

    def answers(self, sent):
        said = []
        for server in self.servers:
            with server.connect() as wire:
                try:
                    wire.send(sent)
                    wire.socket.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                said.append(wire.rest())
        return said

    def test_each_line_gets_the_answer_of_the_reference(self):
        for line in LINES:
            with self.subTest(line=line[:60]):
                theirs, ours = self.answers(CONNECT + line + b"PING\r\n")
                self.assertEqual(theirs, ours)

    def test_the_first_line_gets_the_answer_of_the_reference(self):
        for line in LINES:
            with self.subTest(line=line[:60]):
                theirs, ours = self.answers(line + b"PING\r\n")
                self.assertEqual(theirs, ours)


class Endurance(unittest.TestCase):
    """Ours alone: what happens to the process, and to a client that behaves."""

    def setUp(self):
        self.server = broker.Broker(broker.OURS)
        self.addCleanup(self.server.__exit__)
        self.other = self.server.connect().hello(name="other")
        self.other.send("SUB still.here 1\r\n")
        self.assert_served()
        self.before = self.server.resident_bytes()

    def assert_served(self):
        self.other.send("PUB still.here 2\r\nhi\r\n")
        self.assertEqual(self.other.message(), ("still.here", b"hi"))

    def assert_bounded(self, allowance=ALLOWANCE):
        self.assert_served()
        grown = self.server.resident_bytes() - self.before
        self.assertLess(grown, allowance, "resident memory grew by %d bytes" % grown)

    def pour(self, data):
        """Sends until the server has had enough, and returns what it said."""
        with self.server.connect() as wire:
            try:
                for at in range(0, len(data), 4096):
                    wire.send(data[at:at + 4096])
                wire.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return wire.rest()

    def test_garbage_of_a_megabyte(self):
        dice = random.Random(1)
        for _ in range(20):
            self.pour(dice.randbytes(MEGABYTE))
            self.assert_served()
        self.assert_bounded()

    def test_a_control_line_of_a_megabyte(self):
        for start in (b"PUB ", b"SUB ", b"CONNECT ", b"HPUB ", b"UNSUB ", b"INFO ", b"-ERR "):
            self.pour(CONNECT + start + b"a" * MEGABYTE)
            self.assert_served()
        self.assert_bounded()
        said = self.pour(CONNECT + b"PUB " + b"a" * 8192)
        # Closing with bytes unread may take the last words from the peer.
        self.assertIn(said, ("-ERR 'maximum control line exceeded'\r\n", ""))

    def test_sizes_that_no_machine_has(self):
        for size in (1 << 31, 1 << 32, 1 << 63, (1 << 63) - 1, 1 << 64, 10 ** 30):
            for verb in (b"PUB a %d\r\n", b"HPUB a 1 %d\r\n", b"HPUB a %d 1\r\n"):
                self.assertNotIn("PONG", self.pour(CONNECT + verb % size + b"x" * 100_000))
        self.assert_bounded()

    def test_what_is_announced_is_not_reserved(self):
        # A frame within the limit of which nothing comes, and ones that no limit allows.
        wires = []
        for i in range(800):
            wire = self.server.connect()
            wires.append(wire)
            wire.send(CONNECT + (b"PUB a 1048576\r\n", b"PUB a 1073741824\r\n",
                                 b"HPUB a 1048000 1048576\r\n", b"HPUB a 9 999999999\r\n")[i % 4])
        for _ in range(20):
            self.assert_served()
        self.assert_bounded(64 * MEGABYTE)
        for wire in wires:
            wire.close()

    def test_control_characters_make_no_lines(self):
        server = broker.Broker(broker.OURS, arguments=["-DV"])
        self.addCleanup(server.__exit__)
        reader = server.connect().hello()
        reader.send("SUB > 1\r\n")
        reader.ping()
        for code in [*range(1, 32), 127, 0x85]:
            character = chr(code)
            escaped = json.dumps(character)[1:-1]
            with server.connect() as wire:
                # As a client's name, and wherever else a client may write.
                wire.send(b'CONNECT {"verbose":false,"headers":true,"name":"a%sb","lang":"%s",'
                          b'"user":"x%sy"}\r\n' % ((escaped.encode(),) * 3))
                self.assertEqual(wire.ping(), [])
                shown = server.json("/connz?auth=1&subs=1")
                self.assertIn("a%sb" % character, [c.get("name") for c in shown["connections"]])
                if character not in "\t\n\r":
                    raw = character.encode()
                    wire.send(b"SUB s%sx q%sx 7%s\r\nPUB p%sx r%sx 2\r\nhi\r\n"
                              % ((raw,) * 5))
                    # What is white space to some is no subject.
                    self.assertIn(wire.ping(), ([], ["-ERR 'Invalid Subject'"]))
                    server.json("/subsz?subs=1")
        reader.send("PUB the.end 0\r\n\r\n")
        heard = 0
        while True:
            subject, payload = reader.message()
            if subject == "the.end":
                break
            heard += 1
            self.assertEqual(payload, b"hi")
        self.assertGreater(heard, 20)
        for line in server.log().rstrip("\n").split("\n"):
            self.assertRegex(line, r"^\[\d+\] ", line)
        controls = {chr(code) for code in [*range(0, 9), *range(11, 32), 127]}
        left = set(server.log()) & controls
        self.assertEqual(left, set())

    def test_half_a_frame_and_silence(self):
        wires = [self.server.connect() for _ in range(500)]
        for i, wire in enumerate(wires):
            half = (b"PUB a 1000000\r\nabc", b"SUB a", b"CONN", b"HPUB a 12 500000\r\nNATS/1.0\r\n",
                    b"PUB " + b"a" * 4000)[i % 5]
            wire.send(CONNECT + half)
        for wire in wires[:50]:
            self.assert_served()
        broker.wait_for(lambda: self.server.json("/varz")["connections"] == 501, "all of them")
        self.assert_bounded()
        for wire in wires:
            wire.close()
        broker.wait_for(lambda: self.server.json("/varz")["connections"] == 1, "them to be gone")

    def test_thousands_who_come_and_vanish(self):
        descriptors = self.server.descriptors()
        reset = struct.pack("ii", 1, 0)
        for i in range(10_000):
            peer = socket.socket()
            peer.connect(("127.0.0.1", self.server.port))
            if i % 3 == 1:
                peer.send(CONNECT + b"SUB a.%d 1\r\nPUB b 5\r\nhe" % i)
            elif i % 3 == 2:
                peer.send(CONNECT + b"SUB > 1\r\n")
            if i % 2:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            peer.close()
            if i % 500 == 0:
                self.assert_served()
        broker.wait_for(lambda: self.server.json("/varz")["connections"] == 1, "them to be gone")
        broker.wait_for(lambda: self.server.descriptors() <= descriptors + 2, "their descriptors")
        subscriptions = self.server.json("/subsz?subs=1&acc=$G&limit=10000")
        self.assertEqual([s["subject"] for s in subscriptions["subscriptions_list"]
                          if not s["subject"].startswith("$SYS.")], ["still.here"])
        self.assertEqual(self.server.json("/varz")["total_connections"], 10_001)
        self.assert_bounded()

    def test_who_publishes_to_itself_and_never_reads(self):
        wire = self.server.connect(receive_buffer=4096)
        wire.send(CONNECT + b"SUB a 1\r\n")
        frame = b"PUB a 60000\r\n" + b"x" * 60_000 + b"\r\n"
        wire.socket.settimeout(20)
        try:
            for _ in range(3_000):
                wire.send(frame)
        except OSError:
            pass
        # 64 MiB may be pending, and not much more.
        self.assert_bounded(ALLOWANCE + 96 * MEGABYTE)
        wire.close()

    def test_garbage_for_the_monitoring_listener(self):
        dice = random.Random(2)
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", self.server.http_port)) as peer:
                try:
                    peer.sendall(dice.choice((b"", b"GET / HTTP/1.1\r\n", b"GET /"))
                                 + dice.randbytes(200_000))
                except OSError:
                    pass
        peers = [socket.create_connection(("127.0.0.1", self.server.http_port))
                 for _ in range(200)]
        for peer in peers:
            try:
                peer.sendall(b"GET /varz HTTP/1.1\r\n")
            except OSError:
                pass
            peer.close()
        broker.wait_for(lambda: self.server.get("/healthz")[0] == 200, "room for a request")
        self.assert_bounded()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:], warnings="ignore")
