"""Two servers of one kind and a route between them, measured as a whole: what a message costs that is
published on one and received on the other, and how fast a new server learns of many subscriptions."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

import compare

SUBSCRIPTIONS = 100_000
STARTS_WITHIN = 20

CONFIGURATION = """
host: 127.0.0.1
port: {port}
http: "127.0.0.1:{monitor}"
max_control_line: 4096
cluster {{
  name: bench
  host: 127.0.0.1
  port: {cluster}
  routes: [{routes}]
  {compression}
}}
"""


class Pair:
    """A server and, once `join` was called, a second one that dials it. Stopped by their ids."""

    def __init__(self, program, compression=None):
        self.program = program
        self.compression = "compression: " + compression if compression else ""
        self.folder = tempfile.mkdtemp(prefix="natsload-")
        self.ports = []
        self.monitors = []
        self.processes = []
        self.cluster = compare.free_port()
        self.start(self.cluster, "")

    def start(self, cluster, routes):
        port, monitor = compare.free_port(), compare.free_port()
        path = os.path.join(self.folder, f"{len(self.processes)}.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(CONFIGURATION.format(port=port, monitor=monitor, cluster=cluster, routes=routes,
                                           compression=self.compression))
        self.processes.append(subprocess.Popen([self.program, "-c", path], stdout=subprocess.DEVNULL,
                                               stderr=subprocess.DEVNULL))
        self.ports.append(port)
        self.monitors.append(monitor)
        until(lambda: accepts(port))

    def join(self):
        self.start(compare.free_port(), f'"nats://127.0.0.1:{self.cluster}"')

    def asked(self, index, path):
        address = f"http://127.0.0.1:{self.monitors[index]}/{path}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
        return True
    except OSError:
        return False


def until(holds, seconds=STARTS_WITHIN, pause=0.02):
    deadline = time.time() + seconds
    while not holds():
        if time.time() > deadline:
            raise RuntimeError("what was waited for did not come")
        time.sleep(pause)


def over_a_route(natsload, program, workload, seconds, compression=None):
    """One run of natsload with publishers on one server and subscribers on the other; CPU is that of
    both."""
    pair = Pair(program, compression)
    try:
        pair.join()
        until(lambda: pair.asked(0, "routez")["num_routes"] > 0)
        arguments = [natsload, *workload.split(), "--port", str(pair.ports[0]),
                     "--sub-port", str(pair.ports[1]), "--seconds", seconds, "--warmup", "1"]
        for process in pair.processes:
            arguments += ["--pid", str(process.pid)]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            return {"failed": done.stderr.strip()[-200:]}
        return json.loads(done.stdout)
    except (RuntimeError, OSError, ValueError) as error:
        return {"failed": str(error)[:200]}
    finally:
        pair.stop()


def subscribe(port, count):
    """A client with that many subscriptions, all known to its server."""
    client = socket.create_connection(("127.0.0.1", port), 10)
    client.sendall(b'CONNECT {"verbose":false}\r\n')
    lines = [f"SUB devices.{i % 1000}.sensor.{i}.value {i + 1}\r\n" for i in range(count)]
    for first in range(0, count, 5000):
        client.sendall("".join(lines[first:first + 5000]).encode())
    client.sendall(b"PING\r\n")
    received = b""
    client.settimeout(60)
    while not received.endswith(b"PONG\r\n"):
        piece = client.recv(65536)
        if not piece:
            raise RuntimeError("closed while subscribing: " + repr(received[-200:]))
        received += piece
    return client


def cpu_of(process):
    return time.clock_gettime(process_clock(process.pid))


def process_clock(pid):
    """The CPU clock of another process, as clock_getcpuclockid(3) names it."""
    return (~pid << 3) | 2


def spreading(program, compression=None):
    """How long a server that joins takes to know the subscriptions of the other, and what it costs
    both."""
    pair = Pair(program, compression)
    try:
        client = subscribe(pair.ports[0], SUBSCRIPTIONS)
        before = cpu_of(pair.processes[0])
        began = time.time()
        pair.join()
        until(lambda: pair.asked(1, "varz")["subscriptions"] >= SUBSCRIPTIONS, 60, 0.005)
        took = time.time() - began
        cpu = cpu_of(pair.processes[0]) - before + cpu_of(pair.processes[1])
        client.close()
        return {"spread_s": took, "cpu_ns_per_op": cpu * 1e9 / SUBSCRIPTIONS}
    except (RuntimeError, OSError, ValueError) as error:
        return {"failed": str(error)[:200]}
    finally:
        pair.stop()
