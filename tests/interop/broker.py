"""Starts and stops servers for the tests, ours or the reference, on ports they choose themselves."""

import atexit
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SKIPPED = 77
OURS = os.environ["SIGNALBOXD"]  # The service under test.
PATIENCE = 20.0


def reference():
    """The newest nats-server one is told of, or the installed one; empty when there is none."""
    return os.environ.get("NATS_SERVER") or shutil.which("nats-server") or ""


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def wait_for(condition, what, patience=PATIENCE):
    """Asks until the answer is true, and returns it."""
    deadline = time.monotonic() + patience
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain for " + what)
        time.sleep(0.01)


class Broker:
    """A server process. Without a port it takes a free one; `restart` comes back on the same."""

    def __init__(self, binary, config="", arguments=(), port=-1, host="127.0.0.1", http=True):
        self.binary = binary
        self.folder = tempfile.mkdtemp(prefix="interop-")
        self.config = config
        self.arguments = list(arguments)
        self.host = host
        self.port = port
        self.http = http
        self.http_port = -1
        self.ports = {}  # As the server's own file names them.
        self.process = None
        self.log_path = os.path.join(self.folder, "stderr")
        # A test that fails before it can stop its server leaves none behind.
        atexit.register(self.__exit__)
        self.start()

    def command(self):
        command = [self.binary, "--ports_file_dir", self.folder, "-p", str(self.port)]
        if self.host:
            command += ["-a", self.host]
        if self.http:
            command += ["-m", str(self.http_port)]
        if self.config:
            path = os.path.join(self.folder, "server.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.config)
            command += ["-c", path]
        return command + self.arguments

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        try:
            ports = wait_for(self._ports, "the server to be ready")
        except AssertionError as error:
            self.signal_if_alive(signal.SIGKILL)
            raise AssertionError("%s\n%s" % (error, self.log())) from None
        self.ports = ports
        self.port = int(ports["nats"][0].rsplit(":", 1)[1])
        if self.http:
            self.http_port = int(ports["monitoring"][0].rsplit(":", 1)[1])
        return self

    def _ports(self):
        if self.process.poll() is not None:
            raise AssertionError("the server ended with %d:\n%s"
                                 % (self.process.returncode, self.log()))
        for path in glob.glob(os.path.join(self.folder, "*_%d.ports" % self.process.pid)):
            try:
                with open(path, encoding="utf-8") as file:
                    ports = json.load(file)
            except ValueError:
                return None
            # Ready is what clients wait for.
            return ports if "Server is ready" in self.log() or not self._logs() else None
        return None

    def _logs(self):
        return not any(a in ("-l", "--log", "-log") for a in self.arguments) \
            and "log_file" not in self.config

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    @property
    def url(self):
        return "nats://127.0.0.1:%d" % self.port

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE):
        return self.process.wait(patience)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def restart(self):
        self.stop()
        self.start()

    def resident_bytes(self):
        with open("/proc/%d/statm" % self.process.pid, encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def get(self, path):
        """Status, headers and text of a monitoring document."""
        url = "http://127.0.0.1:%d%s" % (self.http_port, path)
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def json(self, path):
        return json.loads(self.get(path)[2])

    def connect(self, **options):
        return Wire(self.port, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.signal_if_alive(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def signal_if_alive(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait()


class Wire:
    """A client that is no client: a socket and lines."""

    def __init__(self, port, receive_buffer=0, patience=PATIENCE):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(patience)
        self.socket.connect(("127.0.0.1", port))
        self.bytes = b""
        self.info = json.loads(self.line()[5:])

    def hello(self, **options):
        options = {"verbose": False, "pedantic": False, "headers": True, **options}
        self.send("CONNECT %s\r\nPING\r\n" % json.dumps(options))
        while True:
            line = self.line()
            if line == "PONG":
                return self
            if not line or line.startswith("-ERR"):
                raise AssertionError("refused: " + line)

    def send(self, data):
        self.socket.sendall(data.encode() if isinstance(data, str) else data)

    def line(self):
        """Without its end; empty when the server is gone."""
        while b"\r\n" not in self.bytes:
            if not self._more():
                rest, self.bytes = self.bytes, b""
                return rest.decode(errors="replace")
        line, self.bytes = self.bytes.split(b"\r\n", 1)
        return line.decode(errors="replace")

    def read(self, size):
        while len(self.bytes) < size and self._more():
            pass
        data, self.bytes = self.bytes[:size], self.bytes[size:]
        return data

    def message(self):
        """Subject and payload of the next MSG or HMSG; other lines are passed over."""
        while True:
            line = self.line()
            if not line:
                raise AssertionError("the server is gone")
            words = line.split()
            if words[0] in ("MSG", "HMSG"):
                return words[1], self.read(int(words[-1]) + 2)[:-2]

    def ping(self):
        """All lines until the answer, the server's own questions left out."""
        self.send("PING\r\n")
        lines = []
        while True:
            line = self.line()
            if line == "PONG" or not line:
                return lines
            if line != "PING":
                lines.append(line)

    def rest(self):
        """All until the server closes."""
        while self._more():
            pass
        data, self.bytes = self.bytes, b""
        return data.decode(errors="replace")

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self.bytes += data
        return bool(data)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def version_of(binary):
    text = subprocess.run([binary, "-v"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(n) for n in found.groups())
