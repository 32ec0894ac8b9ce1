"""A small client that speaks the protocol in the plain or over TLS, and tells what it was told."""

import json
import socket
import ssl

PATIENCE = 10.0


def context(authority=None, pair=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority:
        made.load_verify_locations(authority.cert)
    else:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if pair:
        made.load_cert_chain(pair.cert, pair.key)
    return made


class TlsClient:
    """Over TLS when there is a context; `first`: the handshake comes before INFO."""

    def __init__(self, port, tls=None, first=False, before=b"", patience=PATIENCE):
        self.socket = socket.create_connection(("127.0.0.1", port), patience)
        self.buffer = b""
        self.info = {}
        if before:
            self.socket.sendall(before)
        if not first:
            self.read_info()
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        if first:
            self.read_info()

    def read_info(self):
        line = self.line()
        if not line.startswith("INFO "):
            raise AssertionError("no INFO but " + line)
        self.info = json.loads(line[5:])

    def line(self):
        while b"\r\n" not in self.buffer:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode()

    def send(self, text):
        self.socket.sendall(text.encode())

    def connect(self, **options):
        """The answer to CONNECT and PING: PONG, or an error."""
        options = dict({"verbose": False, "pedantic": False, "protocol": 1, "lang": "test",
                        "version": "1", "name": "tls"}, **options)
        self.send("CONNECT %s\r\nPING\r\n" % json.dumps(options))
        while True:
            line = self.line()
            if line.startswith(("PONG", "-ERR")):
                return line

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def outcome(port, tls=None, first=False, before=b"", patience=PATIENCE, **options):
    """What becomes of a client: the answer to its CONNECT, or how it ended."""
    try:
        with TlsClient(port, tls, first, before, patience) as client:
            return client.connect(**options)
    except (ssl.SSLError, EOFError, ConnectionError):
        return "closed"
    except TimeoutError:
        return "silence"
