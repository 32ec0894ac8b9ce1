"""TLS of the running service: reload under load, HTTPS monitoring, OCSP, proxies."""

import base64
import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request

import broker
import certificates
import tls_client


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.authority = certificates.Authority(folder)
        self.bare = tls_client.context(self.authority)

    def config(self, pair, more="", outside=""):
        return 'tls {\n cert_file: "%s"\n key_file: "%s"\n %s\n}\n%s\n' % (
            pair.cert, pair.key, more, outside)


def serial_of(port, tls):
    with tls_client.TlsClient(port, tls) as client:
        return client.socket.getpeercert()["serialNumber"]


class Load:
    """Clients that publish to themselves over TLS until they are told to end."""

    def __init__(self, port, tls, count):
        self.stopping = threading.Event()
        self.received = [0] * count
        self.broken = []
        self.threads = [threading.Thread(target=self.work, args=(port, tls, number))
                        for number in range(count)]
        for thread in self.threads:
            thread.start()

    def work(self, port, tls, number):
        try:
            with tls_client.TlsClient(port, tls) as client:
                assert client.connect() == "PONG"
                client.send("SUB load.%d 1\r\n" % number)
                while not self.stopping.is_set():
                    client.send("PUB load.%d 5\r\nhello\r\n" % number)
                    while not client.line().startswith("hello"):
                        pass
                    self.received[number] += 1
        except (OSError, EOFError, AssertionError) as error:
            self.broken.append("client %d: %r" % (number, error))

    def end(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def reloads_drop_nobody(case):
    """A hundred reloads, each with another certificate, while clients speak."""
    first = case.authority.issue("one")
    second = case.authority.issue("two")
    shown = certificates.Pair(os.path.join(case.folder, "shown.pem"),
                              os.path.join(case.folder, "shown.key"))
    serials = {}

    def show(pair):
        shutil.copy(pair.cert, shown.cert)
        shutil.copy(pair.key, shown.key)

    show(first)
    with broker.Broker(broker.OURS, case.config(shown), http=False) as server:
        load = Load(server.port, case.bare, 10)
        for number in range(100):
            pair = (second, first)[number % 2]
            show(pair)
            server.signal(signal.SIGHUP)
            broker.wait_for(lambda: server.log().count("Reloaded server configuration") > number,
                            "reload %d" % number)
            if number < 4:
                serials.setdefault(pair.cert, set()).add(serial_of(server.port, case.bare))
        before = list(load.received)
        broker.wait_for(lambda: all(a > b for a, b in zip(load.received, before)), "all to go on")
        load.end()
        assert not load.broken, load.broken
    assert all(len(each) == 1 for each in serials.values()), serials
    assert len(set.union(*serials.values())) == 2, serials
    return "%d messages over 100 reloads" % sum(load.received)


def a_bad_file_leaves_the_old_certificate(case):
    pair = case.authority.issue("kept")
    with broker.Broker(broker.OURS, case.config(pair), http=False) as server:
        serial = serial_of(server.port, case.bare)
        with open(pair.cert, "w", encoding="utf-8") as file:
            file.write("nothing\n")
        server.signal(signal.SIGHUP)
        broker.wait_for(lambda: "Failed to reload server configuration" in server.log(),
                        "the refusal")
        assert serial_of(server.port, case.bare) == serial
    return "still shown"


def who_is_unpinned_goes(case):
    server_pair = case.authority.issue("server-pins")
    joe = case.authority.issue("pinned-joe")
    ann = case.authority.issue("pinned-ann")

    def config(*pairs):
        return case.config(server_pair, 'ca_file: "%s"\n verify: true\n pinned_certs: [%s]' % (
            case.authority.cert, ", ".join('"%s"' % pair.pin() for pair in pairs)))

    with broker.Broker(broker.OURS, config(joe, ann)) as server:
        clients = [tls_client.TlsClient(server.port, tls_client.context(case.authority, pair))
                   for pair in (joe, ann)]
        assert [client.connect() for client in clients] == ["PONG", "PONG"]
        path = os.path.join(server.folder, "server.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(config(ann))
        server.signal(signal.SIGHUP)
        try:
            while True:
                clients[0].line()
        except (EOFError, ssl.SSLError, ConnectionError):
            pass
        clients[1].send("PING\r\n")
        while clients[1].line() != "PONG":
            pass
        closed = server.json("/connz?state=closed")["connections"]
        assert [c["reason"] for c in closed] == ["TLS Handshake Failure"], closed
        for client in clients:
            client.close()
    return "one gone, one there"


def monitoring_is_served_over_https(case):
    pair = case.authority.issue("https")
    config = case.config(pair, 'ca_file: "%s"\n verify: true' % case.authority.cert,
                         "https: 127.0.0.1:-1")
    joe = case.authority.issue("https-joe", subject="/O=Acme/CN=joe")
    with broker.Broker(broker.OURS, config, http=False) as server:
        url = server.ports["monitoring"][0]
        assert url.startswith("https://"), url
        with tls_client.TlsClient(server.port,
                                  tls_client.context(case.authority, joe)) as client:
            assert client.connect() == "PONG"
            with urllib.request.urlopen(url + "/connz?auth=1", context=case.bare) as answer:
                found = json.load(answer)["connections"][0]
            with urllib.request.urlopen(url + "/varz", context=case.bare) as answer:
                varz = json.load(answer)
    assert found["tls_version"] == "1.3", found
    assert found["tls_cipher_suite"].startswith("TLS_"), found
    assert found["tls_peer_certs"][0]["subject"] == "CN=joe,O=Acme", found
    assert found["tls_peer_certs"][0]["spki_sha256"] == joe.pin(), found
    assert varz["tls_required"] and varz["tls_verify"] and varz["tls_cert_not_after"], varz
    assert varz["http_port"] == 0 and str(varz["https_port"]) in url, varz
    return found["tls_cipher_suite"]


class Responder:
    """An OCSP responder over HTTP, which has openssl say what the authority's database says."""

    def __init__(self, authority):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                question = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(question)

            def do_GET(self):
                path = urllib.parse.unquote(self.path).lstrip("/")
                self.answer(base64.b64decode(path))

            def answer(self, question):
                asked = os.path.join(authority.folder, "asked.der")
                answered = os.path.join(authority.folder, "answered.der")
                with open(asked, "wb") as file:
                    file.write(question)
                certificates.openssl(
                    "ocsp", "-index", authority.database, "-CA", authority.cert,
                    "-rsigner", authority.cert, "-rkey", authority.key, "-ndays", "1",
                    "-reqin", asked, "-respout", answered)
                with open(answered, "rb") as file:
                    body = file.read()
                self.send_response(200)
                self.send_header("Content-Type", "application/ocsp-response")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def stapled(port):
    """What a handshake shows of an OCSP response."""
    done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-status"],
                          input=b"", capture_output=True, timeout=30, check=False)
    text = done.stdout.decode(errors="replace")
    for line in text.splitlines():
        if "Cert Status:" in line:
            return line.split(":")[1].strip()
    return "none"


def ocsp_answers_are_stapled(case):
    with Responder(case.authority) as responder:
        url = "http://127.0.0.1:%d" % responder.port
        aia = "authorityInfoAccess=OCSP;URI:" + url
        staple = "tlsfeature=status_request"
        named = case.authority.issue("ocsp-named", extra=[aia])
        demanding = case.authority.issue("ocsp-demanding", extra=[aia, staple])
        silent = case.authority.issue("ocsp-silent")
        first = 'handshake_first: true\n ca_file: "%s"' % case.authority.cert
        cases = [
            (named, "", "none"),
            (named, "ocsp: true", "none"),
            (named, "ocsp { mode: always }", "good"),
            (named, "ocsp { mode: must }", "none"),
            (demanding, "", "good"),
            (demanding, "ocsp { mode: must }", "good"),
            (demanding, "ocsp { mode: never }", "none"),
            (silent, 'ocsp { mode: always, url: "%s" }' % url, "good"),
        ]
        for pair, ocsp, expected in cases:
            with broker.Broker(broker.OURS, case.config(pair, first, ocsp), http=False) as server:
                found = stapled(server.port)
                assert found == expected, "%s with %r: %s" % (pair.cert, ocsp, found)
        case.authority.revoke(named)
        refused = ""
        try:
            with broker.Broker(broker.OURS, case.config(named, first, "ocsp { mode: always }"),
                               http=False):
                pass
        except AssertionError as error:
            refused = str(error)
        assert "revoked" in refused, refused
    return "%d cases, and a revoked one is refused" % len(cases)


def certificates_of_clients_are_asked_about(case):
    with Responder(case.authority) as responder:
        aia = "authorityInfoAccess=OCSP;URI:http://127.0.0.1:%d" % responder.port
        server_pair = case.authority.issue("peer-server")
        good = case.authority.issue("peer-good", extra=[aia])
        revoked = case.authority.issue("peer-revoked", extra=[aia])
        unnamed = case.authority.issue("peer-unnamed")
        lost = case.authority.issue(
            "peer-lost", extra=["authorityInfoAccess=OCSP;URI:http://127.0.0.1:1"])
        case.authority.revoke(revoked)
        expected = {
            "ocsp_peer: true": ["PONG", "closed", "PONG", "closed"],
            "ocsp_peer: { verify: true, allow_when_ca_unreachable: true }":
                ["PONG", "closed", "PONG", "PONG"],
            "ocsp_peer: { verify: true, warn_only: true }": ["PONG", "PONG", "PONG", "PONG"],
            "ocsp_peer: false": ["PONG", "PONG", "PONG", "PONG"],
        }
        for setting, answers in expected.items():
            more = 'ca_file: "%s"\n verify: true\n %s' % (case.authority.cert, setting)
            with broker.Broker(broker.OURS, case.config(server_pair, more), http=False) as server:
                found = [tls_client.outcome(server.port, tls_client.context(case.authority, pair))
                         for pair in (good, revoked, unnamed, lost)]
                assert found == answers, (setting, found)
    return "%d settings" % len(expected)


V2 = b"\r\n\r\n\0\r\nQUIT\n"


def proxy_headers():
    v4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("10.0.0.1") + struct.pack(">HH", 5555, 1)
    v6 = socket.inet_pton(socket.AF_INET6, "2001:db8::7") * 2 + struct.pack(">HH", 5555, 1)

    def binary(command, family, body):
        return V2 + struct.pack(">BBH", command, family, len(body)) + body

    text = {
        "TCP4": "PROXY TCP4 192.0.2.7 10.0.0.1 5555 4222\r\n",
        "TCP6": "PROXY TCP6 2001:db8::7 ::1 5555 4222\r\n",
        "TCP6 with version 4 within": "PROXY TCP6 ::ffff:192.0.2.7 ::1 5555 4222\r\n",
        "UNKNOWN": "PROXY UNKNOWN\r\n",
        "UNKNOWN with more": "PROXY UNKNOWN 1.2.3.4 1.2.3.4 1 2\r\n",
        "another family": "PROXY TCP4 ::1 ::1 1 2\r\n",
        "version 4 as 6": "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
        "UDP": "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n",
        "no port": "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
        "bad port": "PROXY TCP4 1.2.3.4 1.2.3.4 1 70000\r\n",
        "bad address": "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n",
        "one word too many": "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
        "too long": "PROXY TCP4 " + "1" * 120 + "\r\n",
        "nothing": "",
    }
    found = {name: line.encode() for name, line in text.items()}
    found.update({
        "binary 4": binary(0x21, 0x11, v4),
        "binary 6": binary(0x21, 0x21, v6),
        "binary with more": binary(0x21, 0x11, v4 + b"\x03\x00\x04abcd"),
        "binary local": binary(0x20, 0x00, b""),
        "binary local with address": binary(0x20, 0x11, v4),
        "binary unspecified": binary(0x21, 0x00, b""),
        "binary unspecified stream": binary(0x21, 0x01, b""),
        "binary datagram": binary(0x21, 0x12, v4),
        "binary unix": binary(0x21, 0x31, b"x" * 216),
        "binary cut": binary(0x21, 0x11, v4[:8]),
        "binary version 1": binary(0x11, 0x11, v4),
        "binary command 2": binary(0x22, 0x11, v4),
    })
    return found


def through_a_proxy(port, header):
    """The address that the server tells the client it has, or how it ended."""
    try:
        with tls_client.TlsClient(port, before=header, patience=8) as client:
            assert "client_ip" not in client.info
            client.send('CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n')
            while client.line() != "PONG":
                pass
            client.read_info()
            return client.info["client_ip"]
    except (EOFError, ConnectionError):
        return "closed"
    except TimeoutError:
        return "silence"


def proxies_are_understood_as_by_the_reference(_):
    headers = proxy_headers()
    answers = []
    for binary in (broker.reference(), broker.OURS):
        try:
            with broker.Broker(binary, "proxy_protocol: true\n", http=False) as server:
                answers.append({name: through_a_proxy(server.port, header)
                                for name, header in headers.items()})
        except AssertionError as error:
            if binary == broker.OURS:
                raise
            assert "proxy_protocol" in str(error), error
    different = {name: [answer[name] for answer in answers] for name in headers
                 if len({answer[name] for answer in answers}) > 1}
    assert not different, different
    assert answers[-1]["TCP4"] == "192.0.2.7" and answers[-1]["binary 6"] == "2001:db8::7", answers
    return "%d headers, %d servers" % (len(headers), len(answers))


CASES = [reloads_drop_nobody, a_bad_file_leaves_the_old_certificate, who_is_unpinned_goes,
         monitoring_is_served_over_https, ocsp_answers_are_stapled,
         certificates_of_clients_are_asked_about, proxies_are_understood_as_by_the_reference]


def main():
    if not certificates.available():
        broker.skip("no openssl")
    failed = 0
    for each in CASES:
        if len(sys.argv) > 1 and each.__name__ not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory(prefix="interop-tls-") as folder:
            try:
                print("PASS  ", each.__name__, "(%s)" % each(Case(folder)))
            except Exception as error:  # Each case is told of, whatever became of the others.
                failed += 1
                print("FAIL! ", each.__name__, repr(error))
    sys.exit(1 if failed else 0)


main()
