"""Streams of one server, measured: publishing durably, pulling, and how long many consumers take."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

import compare

CONFIGURATION = """
host: 127.0.0.1
port: {port}
max_payload: 1MB
jetstream {{
  store_dir: "{folder}"
  max_memory_store: 4GB
  max_file_store: 20GB
  {sync}
}}
"""


class StreamServer:
    """A started server with streams on a fresh folder; stopped by its own process id."""

    def __init__(self, program, sync=""):
        self.folder = tempfile.mkdtemp(prefix="natsload-")
        self.port = compare.free_port()
        path = os.path.join(self.folder, "server.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(CONFIGURATION.format(port=self.port, folder=os.path.join(self.folder, "js"),
                                           sync=sync))
        self.command = [program, "-c", path]
        self.start()

    def start(self):
        """Answers how long it took until it answered about its streams, in seconds."""
        began = time.time()
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        deadline = time.time() + 120
        while True:
            try:
                asking = Asker(self.port)
                asking.ask("$JS.API.INFO", {})
                asking.close()
                return time.time() - began
            except (OSError, RuntimeError):
                if self.process.poll() is not None or time.time() > deadline:
                    raise RuntimeError("the server does not answer") from None
                time.sleep(0.01)

    def stop(self, kill=False):
        (self.process.kill if kill else self.process.terminate)()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Asker:
    """A client that asks one thing after the other."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.settimeout(60)
        self.input = self.socket.makefile("rb")
        self.socket.sendall(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n'
                            b"SUB _INBOX.ask 1\r\n")

    def close(self):
        self.input.close()
        self.socket.close()

    def send(self, subject, document):
        payload = json.dumps(document).encode()
        self.socket.sendall(b"PUB %s _INBOX.ask %d\r\n%s\r\n"
                            % (subject.encode(), len(payload), payload))

    def answer(self):
        while True:
            words = self.input.readline().split()
            if not words:
                raise RuntimeError("the server closed the connection")
            if words[0] == b"PING":
                self.socket.sendall(b"PONG\r\n")
            elif words[0] == b"HMSG":
                self.input.read(int(words[-1]) + 2)
                raise RuntimeError("nobody answers")
            elif words[0] == b"MSG":
                document = json.loads(self.input.read(int(words[-1]) + 2))
                if document.get("error"):
                    raise RuntimeError(str(document["error"]))
                return document

    def ask(self, subject, document):
        self.send(subject, document)
        return self.answer()


def load(natsload, program, workload, seconds, sync=""):
    """One run of natsload."""
    server = None
    try:
        server = StreamServer(program, sync)
        arguments = [natsload, *workload.split(), "--port", str(server.port), "--pid",
                     str(server.process.pid)]
        if "--seconds" not in arguments:
            arguments += ["--seconds", seconds]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            return {"failed": done.stderr.strip()[-200:]}
        return json.loads(done.stdout)
    except (RuntimeError, OSError, ValueError) as error:
        return {"failed": str(error)[:200]}
    finally:
        if server:
            server.remove()


def consumers(program, count, filters):
    """Consumers made in a row, with that many filters each, on a stream that holds messages."""
    server = None
    try:
        server = StreamServer(program)
        asking = Asker(server.port)
        asking.ask("$JS.API.STREAM.CREATE.S", {"name": "S", "subjects": ["s.>"],
                                               "storage": "memory"})
        for i in range(20_000):
            asking.send(f"s.{i % 2000}.x", {})
            asking.answer()
        began = time.time()
        for i in range(count):
            config = {"durable_name": f"C{i}", "ack_policy": "explicit",
                      "deliver_policy": "all", "mem_storage": True}
            if filters:
                config["filter_subjects"] = [f"s.{(i * filters + j) % 2000}.*"
                                             for j in range(filters)]
            asking.send(f"$JS.API.CONSUMER.DURABLE.CREATE.S.C{i}",
                        {"stream_name": "S", "config": config})
            asking.answer()
        took = time.time() - began
        cpu = time.clock_gettime((~server.process.pid << 3) | 2)
        asking.close()
        return {"ops_per_s": count / took, "server_cpu_s": cpu}
    except (RuntimeError, OSError, ValueError) as error:
        return {"failed": str(error)[:200]}
    finally:
        if server:
            server.remove()
