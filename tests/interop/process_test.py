"""The service as a process: command line, files, signals, limits. Each behaviour is asked of the
reference as well, where it is installed, so that the tests themselves are right."""

import calendar
import glob
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

import broker

REFERENCE = broker.reference()
NEW = bool(REFERENCE) and broker.version_of(REFERENCE) >= (2, 12, 0)


# What old versions do not do yet, or do otherwise.
CAME_LATER = {
    "test_it_ends_on_signals_with_success",
    "test_the_pid_file_holds_the_number_alone",
    "test_a_signal_finds_its_process_by_file_number_or_beginning",
    "test_log_lines_can_have_the_time_of_the_world",
    "test_the_log_file_is_rotated_at_its_size",
    "test_who_leaves_too_much_pending_is_closed_and_counted",  # Counted twice.
}


def run(binary, *arguments, folder=None):
    """Exit code and the lines of stdout and stderr, the program's name left out."""
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=20,
                          cwd=folder, check=False, stdin=subprocess.DEVNULL)
    name = os.path.basename(binary)
    return (done.returncode,
            done.stdout.replace(name, "NAME").strip().splitlines(),
            done.stderr.replace(name, "NAME").strip().splitlines())


class CommandLine(unittest.TestCase):
    """What a program says that does not begin to serve."""

    def setUp(self):
        if not REFERENCE:
            self.skipTest("no nats-server to compare with")
        self.folder = tempfile.mkdtemp(prefix="interop-")
        files = {
            "good.conf": "port: 4222\n",
            "bad.conf": 'port: "x"\nfoo: 1\n',
            "empty.conf": "",
            "both.conf": "authorization { token: a, user: b, password: c }\n",
            "users.conf": "authorization { users = [ {user: a}, {user: a} ] }\n",
        }
        for name, text in files.items():
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text)

    def test_outcomes_are_those_of_the_reference(self):
        lines = ["wat", "-nope", "-p x", "-t", "-t -c bad.conf", "-c bad.conf",
                 "-t -c missing.conf", "-t -c both.conf", "-t -c users.conf", "-sl stop=abc"]
        if NEW:
            lines += ["-t -c good.conf", "--config=good.conf -t", "-t -c empty.conf",
                      "-signal reload=999999999"]
        for line in lines:
            with self.subTest(line=line):
                theirs, ours = (run(binary, *line.split(), folder=self.folder)
                                for binary in (REFERENCE, broker.OURS))
                self.assertEqual(theirs[0], ours[0], line)
                # Several errors come in any order there.
                self.assertEqual(*(sorted(part.removeprefix("NAME: ") for part in errors)
                                   for errors in (theirs[2], ours[2])), line)

    def test_help_and_version_are_printed_and_succeed(self):
        for line in ("-h", "--help", "help", "-v", "--version", "version"):
            with self.subTest(line=line):
                code, output, errors = run(broker.OURS, line)
                self.assertEqual((code, errors), (0, []))
                self.assertRegex(output[0], r"^(Usage: NAME|nats-server: v\d+\.\d+\.\d+ )")

    def test_a_part_that_is_not_built_says_so(self):
        for line in ("-profile 6060",):
            code, _, errors = run(broker.OURS, *line.split())
            self.assertEqual(code, 1, line)
            self.assertIn("not part of this build", errors[0])


class Behaviour:
    """One server's. `binary` is set by the classes at the end."""

    binary = ""

    def serve(self, config="", *arguments, **options):
        server = broker.Broker(self.binary, config, arguments, **options)
        self.addCleanup(server.__exit__)
        return server

    def setUp(self):
        if self.binary == REFERENCE and not NEW and self._testMethodName in CAME_LATER:
            self.skipTest("came after this version")

    # Starting and stopping.

    def test_it_says_where_it_listens_and_when_it_is_ready(self):
        server = self.serve()
        lines = server.log().splitlines()
        texts = [re.sub(r"^\[\d+\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} ", "", line)
                 for line in lines]
        self.assertIn("[INF] Listening for client connections on 127.0.0.1:%d" % server.port,
                      texts)
        self.assertIn("[INF] Starting http monitor on 127.0.0.1:%d" % server.http_port, texts)
        self.assertIn("[INF] Server is ready", texts)

    def test_it_ends_on_signals_with_success(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            server = self.serve()
            server.signal(number)
            code = server.wait()
            self.assertEqual(code, 0, number)
            self.assertIn("Initiating Shutdown...", server.log())
            self.assertIn("Server Exiting..", server.log())

    def test_a_lame_duck_tells_its_clients_closes_them_and_ends_with_success(self):
        server = self.serve('lame_duck_grace_period: "1s"\nlame_duck_duration: "30s"\n')
        clients = [server.connect().hello(protocol=1) for _ in range(3)]
        clients[0].ping()
        server.signal(signal.SIGUSR2)
        info = broker.wait_for(lambda: clients[0].line(), "the INFO")
        while '"ldm":true' not in info:
            info = clients[0].line()
        self.assertTrue(info.startswith("INFO "), info)
        server.signal(signal.SIGTERM)  # Ignored, as a second one is.
        server.signal(signal.SIGUSR2)
        with self.assertRaises(ConnectionRefusedError):
            server.connect()
        self.assertNotEqual(server.get("/healthz")[0], 200)
        for client in clients:
            client.rest()
        self.assertEqual(server.wait(), 0)
        log = server.log()
        steps = [log.index(text) for text in
                 ("Entering lame duck mode, stop accepting new clients", "Closing existing clients",
                  "Initiating Shutdown...", "Server Exiting..")]
        self.assertEqual(steps, sorted(steps))

    def test_a_lame_duck_without_clients_ends_at_once_and_an_interrupt_ends_any(self):
        server = self.serve()
        server.signal(signal.SIGUSR2)
        self.assertEqual(server.wait(), 0)
        server = self.serve()
        client = server.connect().hello()
        server.signal(signal.SIGUSR2)
        broker.wait_for(lambda: "Entering lame duck mode" in server.log(), "the mode")
        server.signal(signal.SIGINT)
        self.assertEqual(server.wait(), 0)
        client.rest()

    def test_what_is_pending_is_flushed_before_it_ends(self):
        server = self.serve()
        reader = server.connect().hello()
        reader.send("SUB a 1\r\n")
        reader.ping()
        writer = server.connect().hello()
        payload = b"x" * 1000
        writer.send(b"".join(b"PUB a 1000\r\n" + payload + b"\r\n" for _ in range(4000)))
        writer.ping()
        server.signal(signal.SIGTERM)
        self.assertEqual(reader.rest().count("MSG a 1 1000\r\n"), 4000)
        server.wait()

    def test_a_port_in_use_is_fatal(self):
        server = self.serve()
        for arguments in (["-p", str(server.port)],
                          ["-p", "-1", "-m", str(server.http_port)]):
            done = subprocess.run([self.binary, "-a", "127.0.0.1", *arguments],
                                  capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("[FTL]", done.stderr)
            self.assertIn("in use", done.stderr)

    # Files.

    def test_the_pid_file_holds_the_number_alone(self):
        path = os.path.join(tempfile.mkdtemp(prefix="interop-"), "pid")
        server = self.serve("", "-P", path)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), str(server.process.pid))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0)
        done = subprocess.run([self.binary, "--signal", "quit=" + path], capture_output=True,
                              timeout=20, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(server.wait(), 0)

    def test_a_pid_file_that_cannot_be_written_is_fatal(self):
        done = subprocess.run([self.binary, "-p", "-1", "-a", "127.0.0.1", "-P", "/nowhere/pid"],
                              capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 1)

    def test_a_signal_finds_its_process_by_file_number_or_beginning(self):
        pid_file = os.path.join(tempfile.mkdtemp(prefix="interop-"), "pid")
        log = pid_file + ".log"
        server = self.serve("", "-P", pid_file, "-l", log)
        pid = str(server.process.pid)
        # The whole number as a beginning: no other process is meant.
        for count, target in enumerate((pid, pid_file, pid + "*"), 1):
            done = subprocess.run([self.binary, "--signal", "reopen=" + target],
                                  capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), target)
            broker.wait_for(lambda count=count: read(log).count("File log re-opened") == count,
                            "the log to be opened again")
        self.assertEqual(read(log).count('Trapped "user defined signal 1" signal'), 3)
        done = subprocess.run([self.binary, "-sl=ldm=" + pid], timeout=20, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(server.wait(), 0)

    def test_clients_are_told_the_address_that_is_advertised(self):
        server = self.serve("client_advertise: \"nats.example.org:4333\"\n")
        info = server.connect().hello().info
        self.assertEqual((info["host"], info["port"]), ("nats.example.org", 4333))
        server = self.serve("", "-client_advertise", "nats.example.org")
        info = server.connect().hello().info
        self.assertEqual((info["host"], info["port"]), ("nats.example.org", server.port))
        self.reload(server, "client_advertise: \"other:1\"\n")
        # What the command line says stays.
        info = server.connect().hello().info
        self.assertEqual(info["host"], "nats.example.org")

    def test_log_lines_have_the_form_that_is_asked_for(self):
        stamp = r"^\[\d+\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} "
        for arguments, begin in (([], stamp), (["-T=false"], r"^\[\d+\] ")):
            log = self.serve("", *arguments).log()
            self.assertRegex(log.splitlines()[0], begin + r"\[INF\] Starting ", arguments)

    def test_log_lines_can_have_the_time_of_the_world(self):
        before = time.gmtime(time.time() - 60)
        line = self.serve("logtime_utc: true\n").log().splitlines()[0]
        written = time.strptime(line.split("] ")[1][:19], "%Y/%m/%d %H:%M:%S")
        self.assertGreater(written, before)
        self.assertLess(calendar.timegm(written), time.time() + 60)

    def test_letters_for_traces_show_what_they_name(self):
        for flag, debug, trace in (("-D", True, False), ("-V", False, True), ("-VV", False, True),
                                   ("-DV", True, True), ("-DVV", True, True)):
            server = self.serve("", flag)
            with server.connect().hello() as client:
                client.ping()
            server.stop()
            self.assertEqual(("[DBG]" in server.log(), "[TRC]" in server.log()), (debug, trace),
                             flag)

    def test_the_ports_file_is_there_while_it_runs(self):
        server = self.serve()
        path = glob.glob(os.path.join(server.folder, "*.ports"))[0]
        name = "%s_%d.ports" % (os.path.basename(self.binary), server.process.pid)
        self.assertEqual(os.path.basename(path), name)
        with open(path, encoding="utf-8") as file:
            ports = json.load(file)
        self.assertEqual(ports, {"nats": ["nats://127.0.0.1:%d" % server.port],
                                 "monitoring": ["http://127.0.0.1:%d" % server.http_port]})
        server.stop()
        self.assertFalse(os.path.exists(path))

    def test_the_log_file_is_reopened_on_demand(self):
        folder = tempfile.mkdtemp(prefix="interop-")
        path = os.path.join(folder, "log")
        server = self.serve("", "-l", path)
        broker.wait_for(lambda: "Server is ready" in read(path), "the log")
        os.rename(path, path + ".old")
        server.signal(signal.SIGUSR1)
        broker.wait_for(lambda: "File log re-opened" in read(path), "the new log")
        self.assertNotIn("Server is ready", read(path))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o007, 0)

    def test_the_log_file_is_rotated_at_its_size(self):
        folder = tempfile.mkdtemp(prefix="interop-")
        path = os.path.join(folder, "log")
        server = self.serve("log_file: '%s'\nlog_size_limit: 4000\nlogfile_max_num: 3\n" % path,
                            "-DV")

        def backups():
            return sorted(glob.glob(path + ".*"))

        def rotated():
            with server.connect().hello(name="to fill the log"):
                pass
            return len(backups()) >= 2
        broker.wait_for(rotated, "two backups")
        first = backups()[0]
        self.assertRegex(os.path.basename(first),
                         r"^log\.\d{4}\.\d\d\.\d\d\.\d\d\.\d\d\.\d\d\.\d{9}$")
        broker.wait_for(lambda: rotated() and first not in backups(), "the first to be purged")
        self.assertLessEqual(len(backups()), 3)

    # Reloading.

    def reload(self, server, config):
        with open(os.path.join(server.folder, "server.conf"), "w", encoding="utf-8") as file:
            file.write(config)
        before = server.log().count("eload")
        server.signal(signal.SIGHUP)
        broker.wait_for(lambda: server.log().count("eload") > before
                        and ("Reloaded server configuration" in server.log()
                             or "Failed to reload" in server.log()), "the reload")

    def test_a_reload_changes_who_may_come_in(self):
        server = self.serve("authorization { token: one }\n")
        server.connect().hello(auth_token="one")
        self.reload(server, "authorization { token: two }\n")
        broker.wait_for(lambda: "Reloaded server configuration" in server.log(), "the reload")
        server.connect().hello(auth_token="two")
        with self.assertRaisesRegex(AssertionError, "Authorization Violation"):
            server.connect().hello(auth_token="one")

    def test_a_bad_file_leaves_things_as_they_were(self):
        server = self.serve("authorization { token: one }\n")
        self.reload(server, "authorization { token: \n nonsense: 1\n")
        broker.wait_for(lambda: "Failed to reload server configuration" in server.log(),
                        "the refusal")
        server.connect().hello(auth_token="one")

    def test_what_cannot_be_reloaded_is_refused(self):
        server = self.serve("max_pending: 10000000\n")
        self.reload(server, "max_pending: 20000000\n")
        broker.wait_for(lambda: "Failed to reload server configuration" in server.log(),
                        "the refusal")
        self.assertIn("not supported", server.log())

    # Limits.

    def test_connections_past_the_limit_are_told_and_closed(self):
        server = self.serve("max_connections: 2\n")
        first, second = server.connect().hello(), server.connect().hello()
        third = server.connect()
        self.assertEqual(third.rest(), "-ERR 'maximum connections exceeded'\r\n")
        second.close()

        def admitted():
            with server.connect() as wire:
                try:
                    return wire.hello() is wire
                except (AssertionError, OSError):
                    return False
        broker.wait_for(admitted, "room for one more")
        self.assertEqual(first.ping(), [])

    def test_a_payload_past_the_limit_is_told_and_closed(self):
        server = self.serve("max_payload: 1000\n")
        wire = server.connect().hello()
        self.assertEqual(wire.info["max_payload"], 1000)
        wire.send(b"PUB a 1000\r\n" + b"x" * 1000 + b"\r\n")
        self.assertEqual(wire.ping(), [])
        wire.send("PUB a 1001\r\n")
        self.assertEqual(wire.rest(), "-ERR 'Maximum Payload Violation'\r\n")

    def test_subscriptions_past_the_limit_are_told_and_kept(self):
        server = self.serve("max_subscriptions: 1\n")
        wire = server.connect().hello()
        wire.send("SUB a 1\r\nSUB b 2\r\n")
        self.assertEqual(wire.ping(), ["-ERR 'maximum subscriptions exceeded'"])
        self.assertEqual(wire.ping(), [])

    def test_who_stops_answering_is_stale(self):
        server = self.serve('ping_interval: "100ms"\nping_max: 2\n')
        wire = server.connect().hello()
        said = wire.rest()
        self.assertTrue(said.endswith("-ERR 'Stale Connection'\r\n"), said)
        self.assertEqual(said.count("PING"), 2)
        self.expect_reason(server, "Stale Connection")

    def test_who_does_not_say_who_he_is_times_out(self):
        server = self.serve("authorization { token: one, timeout: 0.1 }\n")
        self.assertEqual(server.connect().rest(), "-ERR 'Authentication Timeout'\r\n")
        self.expect_reason(server, "Authentication Timeout")

    def expect_reason(self, server, reason):
        broker.wait_for(lambda: reason in (c["reason"] for c in server.json(
            "/connz?state=closed")["connections"]), reason)

    # Slow readers.

    def slow_reader(self, server):
        slow = server.connect(receive_buffer=4096).hello(name="slow")
        slow.send("SUB big 1\r\n")
        slow.ping()
        return slow

    def flood(self, server, slow, megabytes):
        """Publishes until the slow one is gone; the others get everything."""
        quick = server.connect().hello()
        quick.send("SUB big 1\r\n")
        quick.ping()
        writer = server.connect().hello()
        frame = b"PUB big 100000\r\n" + b"x" * 100_000 + b"\r\n"
        for _ in range(megabytes * 10):
            writer.send(frame)
            self.assertEqual(quick.message()[0], "big")
        broker.wait_for(lambda: server.json("/connz?state=closed")["total"] == 1,
                        "the slow one to be closed")
        self.assertEqual(quick.ping(), [])
        self.assertEqual(writer.ping(), [])
        self.assertEqual(server.json("/varz")["slow_consumers"], 1)
        slow.rest()

    def test_who_leaves_too_much_pending_is_closed_and_counted(self):
        server = self.serve("max_pending: 2000000\n")
        slow = self.slow_reader(server)
        self.flood(server, slow, 20)
        self.expect_reason(server, "Slow Consumer (Pending Bytes)")

    def test_who_takes_nothing_for_too_long_is_closed_and_counted(self):
        server = self.serve('write_deadline: "300ms"\n')
        slow = self.slow_reader(server)
        self.flood(server, slow, 20)
        self.expect_reason(server, "Slow Consumer (Write Deadline)")

    # What must not be seen.

    def test_no_secret_is_logged(self):
        server = self.serve("authorization { user: ann, password: verysecret }\n", "-DV")
        with self.assertRaises(AssertionError):
            server.connect().hello(user="ann", **{"pass": "alsosecret"})
        server.connect().hello(user="ann", **{"pass": "verysecret"})
        self.assertNotIn("secret", server.log())


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def listening(process):
    """The ports on which a process listens, as the system knows them."""
    inodes = set()
    for entry in os.scandir("/proc/%d/fd" % process.pid):
        target = os.readlink(entry.path)
        if target.startswith("socket:["):
            inodes.add(target[len("socket:["):-1])
    ports = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in read("/proc/%d/net/%s" % (process.pid, table)).splitlines()[1:]:
            words = line.split()
            listens = words[3] == "0A" or table.startswith("udp")
            if listens and words[9] in inodes:
                ports.add(int(words[1].rsplit(":", 1)[1], 16))
    return ports


class Ours(Behaviour, unittest.TestCase):
    binary = broker.OURS

    def test_nothing_listens_but_what_was_asked_for(self):
        server = self.serve(http=False)
        self.assertEqual(listening(server.process), {server.port})
        server = self.serve(host="")
        self.assertEqual(listening(server.process), {server.port, server.http_port})
        log = os.path.join(server.folder, "log")
        server = self.serve("log_file: '%s'\nsystem_account: S\naccounts { S {} }\n" % log,
                            http=False)
        self.assertEqual(listening(server.process), {server.port})

    def test_without_an_address_both_loopback_addresses_reach_it(self):
        server = self.serve(host="")
        with socket.socket(socket.AF_INET6) as six:
            try:
                six.bind(("::1", 0))
            except OSError:
                self.skipTest("this machine has no ::1")
        for port in (server.port, server.http_port):
            socket.create_connection(("127.0.0.1", port)).close()
            socket.create_connection(("::1", port)).close()

    def test_without_an_address_it_listens_on_loopback_and_says_so(self):
        server = self.serve(host="")
        self.assertRegex(server.log(), r"Listening for client connections on 127\.0\.0\.1:\d+")
        self.assertIn("Only this machine can connect", server.log())
        self.assertIn("-a 0.0.0.0", server.log())


@unittest.skipUnless(REFERENCE, "no nats-server to compare with")
class Reference(Behaviour, unittest.TestCase):
    binary = REFERENCE


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] + sys.argv[1:], warnings="ignore")
