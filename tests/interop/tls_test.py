"""TLS of ours and of the reference: the same clients, certificates and settings, equal outcomes."""

import os
import subprocess
import sys
import tempfile

import broker
import certificates
import tls_client

SUITES = [
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-SHA384",
]
# Without authenticated encryption: the reference has them on by default, ours when configured.
ONLY_THEIRS = {"ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA"}
SUITES_1_3 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
CURVES = ["X25519", "P-256", "P-384", "P-521", "X448"]


def scan_one(port, *arguments):
    """What `openssl s_client` agrees on with a server where the handshake comes first."""
    command = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, *arguments]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=30, check=False)
    text = done.stdout.decode(errors="replace")
    for line in text.splitlines():
        if line.startswith("New, ") and "(NONE)" not in line:
            return line.split(" is ")[1]
    return "refused"


def scan(server):
    found = {}
    for version in ("-tls1_1", "-tls1_2", "-tls1_3"):
        found[version] = scan_one(server.port, version, "-cipher", "ALL:@SECLEVEL=0")
    for suite in SUITES:
        found[suite] = scan_one(server.port, "-tls1_2", "-cipher", suite + ":@SECLEVEL=0")
    for suite in SUITES_1_3:
        found[suite] = scan_one(server.port, "-tls1_3", "-ciphersuites", suite)
    for curve in CURVES:
        found[curve] = scan_one(server.port, "-curves", curve)
    return found


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.authority = certificates.Authority(folder)
        self.other = certificates.Authority(folder, "other")
        self.server = self.authority.issue("server")
        self.failed = 0

    def twin_folder(self):
        """For authorities whose files have the names of ours."""
        folder = os.path.join(self.folder, "twin")
        os.makedirs(folder, exist_ok=True)
        return folder

    def config(self, more="", pair=None, outside=""):
        pair = pair or self.server
        return 'tls {\n cert_file: "%s"\n key_file: "%s"\n %s\n}\n%s\n' % (
            pair.cert, pair.key, more, outside)

    def mutual(self, more="", outside=""):
        return self.config('ca_file: "%s"\n verify: true\n %s' % (self.authority.cert, more),
                           outside=outside)

    def compare(self, name, config, look, adjust=None):
        """`look` at both servers with that configuration; the answers must be equal."""
        if "handshake_first" in config and broker.version_of(broker.reference()) < (2, 10):
            print("SKIP  ", name, "(the reference is too old)")
            return
        answers = []
        for binary in (broker.reference(), broker.OURS):
            with broker.Broker(binary, config, http=False) as server:
                answers.append(look(server))
        if adjust:
            adjust(answers)
        if "-v" in sys.argv:
            for key, answer in answers[0].items():
                print("      ", key, "=", answer)
        if answers[0] == answers[1]:
            print("PASS  ", name)
            return
        self.failed += 1
        print("FAIL! ", name)
        for key in answers[0]:
            if answers[0][key] != answers[1][key]:
                print("   %s: reference %s, ours %s" % (key, answers[0][key], answers[1][key]))


def scans(case):
    first = "handshake_first: true\n"

    def without_theirs(answers):
        for suite in ONLY_THEIRS:
            assert answers[1].pop(suite) == "refused", suite
            answers[0].pop(suite)
        for answer in answers:
            for version in ("-tls1_2", "-tls1_3"):
                # Which of several is taken is each server's choice.
                answer[version] = answer[version] != "refused"

    for key in ("rsa", "ecdsa", "ed25519"):
        pair = case.authority.issue("server-" + key, key=key)
        case.compare("scan with a key of " + key, case.config(first, pair), scan, without_theirs)
    rsa = case.authority.issue("server-rsa-2", key="rsa")
    case.compare("scan from 1.3", case.config(first + 'min_version: "1.3"', rsa), scan)
    chosen = first + """
      cipher_suites: ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"]
      curve_preferences: ["CurveP384"]
    """
    case.compare("scan of chosen suites and curves", case.config(chosen, rsa), scan,
                 lambda answers: [a.pop(v) for a in answers for v in ("-tls1_2", "-tls1_3")])


def clients(case):
    joe = case.authority.issue("joe", subject="/CN=joe")
    strange = case.other.issue("strange", subject="/CN=joe")
    for_servers = case.authority.issue("for-servers", extra=["extendedKeyUsage=serverAuth"])
    bare = tls_client.context(case.authority)
    contexts = {
        "plain": None,
        "no certificate": bare,
        "joe": tls_client.context(case.authority, joe),
        "another authority": tls_client.context(case.authority, strange),
        "for servers": tls_client.context(case.authority, for_servers),
    }

    def everyone(server):
        return {name: tls_client.outcome(server.port, tls) for name, tls in contexts.items()}

    def first_and_not(server):
        return {
            "tls first": tls_client.outcome(server.port, bare, first=True),
            "tls after": tls_client.outcome(server.port, bare, patience=1.5),
            "plain": tls_client.outcome(server.port, patience=1.5),
        }

    def infos(server):
        found = {}
        with tls_client.TlsClient(server.port) as client:
            for field in ("tls_required", "tls_verify", "tls_available"):
                found[field] = client.info.get(field)
        return found

    case.compare("clients of a TLS server", case.config(), everyone)
    case.compare("clients where certificates are asked", case.mutual(), everyone)
    case.compare("clients where plain is allowed", case.config(outside="allow_non_tls: true"),
                 everyone)
    case.compare("pinned keys", case.mutual('pinned_certs: ["%s"]' % joe.pin()), everyone)
    for name, config in (("required", case.config()), ("verified", case.mutual()),
                         ("available", case.config(outside="allow_non_tls: true"))):
        case.compare("INFO where TLS is " + name, config, infos)
    for value in ("true", "auto", '"300ms"', "false"):
        case.compare("handshake first " + value, case.config("handshake_first: " + value),
                     first_and_not)
    case.compare("handshake first with plain allowed",
                 case.config("handshake_first: true", outside="allow_non_tls: true"),
                 first_and_not)


USERS = """
authorization {
  users = [
    { user: "joe@example.org" }
    { user: "joe.example.org" }
    { user: "spiffe://example/joe" }
    { user: "CN=joe,OU=dev,O=Acme" }
    { user: "CN=ann,O=Acme,DC=example,DC=org" }
    { user: "O=Acme,CN=any" }
    { user: "CN=mixed+OU=7,O=Acme" }
    { user: "CN=comma\\\\, inc,O=Acme" }
    { user: "CN=secret,O=Acme", password: "s3cret" }
    { user: "cn=lower,o=Acme" }
    { user: "10.0.0.1" }
    { user: "CN=j\u00f6rg,O=Acme" }
    { user: "CN=joe,O=Chained" }
  ]
}
"""


def mapping(case):
    wishes = {
        "e-mail": ("/CN=x", "email:joe@example.org"),
        "host name": ("/CN=x", "DNS:joe.example.org"),
        "uri": ("/CN=x", "URI:spiffe://example/joe"),
        "e-mail in the wrong kind": ("/CN=x", "DNS:joe@example.org"),
        "subject": ("/O=Acme/OU=dev/CN=joe", ""),
        "subject in another order": ("/CN=joe/OU=dev/O=Acme", ""),
        "subject and more": ("/C=DE/O=Acme/OU=dev/CN=joe", ""),
        "subject cut short": ("/O=Acme/CN=joe", ""),
        "domain": ("/DC=org/DC=example/O=Acme/CN=ann", ""),
        "domain in another order": ("/DC=example/DC=org/O=Acme/CN=ann", ""),
        "domain left out": ("/O=Acme/CN=ann", ""),
        "order of the configuration": ("/CN=any/O=Acme", ""),
        "several values": ("/O=Acme/CN=mixed+OU=7", ""),
        "several values in another order": ("/O=Acme/OU=7+CN=mixed", ""),
        "one of several values": ("/O=Acme/CN=mixed", ""),
        "escaped": ("/O=Acme/CN=comma, inc", ""),
        "other case": ("/O=Acme/CN=LOWER", ""),
        "types in lower case": ("/O=Acme/CN=lower", ""),
        "nobody": ("/O=Acme/CN=nobody", "DNS:nobody.example"),
        "alternative before subject": ("/O=Acme/CN=nobody", "email:joe@example.org"),
        # Alternative names that are nearly one.
        "e-mail in capitals": ("/CN=x", "email:JOE@EXAMPLE.ORG"),
        "e-mail with more before": ("/CN=x", "email:xjoe@example.org"),
        "e-mail with more behind": ("/CN=x", "email:joe@example.org.example.com"),
        "second e-mail": ("/CN=x", "email:nobody@example.org,email:joe@example.org"),
        "host name in capitals": ("/CN=x", "DNS:JOE.EXAMPLE.ORG"),
        "host name with a dot behind": ("/CN=x", "DNS:joe.example.org."),
        "host name with a wildcard": ("/CN=x", "DNS:*.example.org"),
        "second host name": ("/CN=x", "DNS:nobody.example.org,DNS:joe.example.org"),
        "host name as e-mail": ("/CN=x", "email:joe.example.org"),
        "uri as host name": ("/CN=x", "DNS:spiffe://example/joe"),
        "uri in capitals": ("/CN=x", "URI:SPIFFE://example/joe"),
        "uri with more behind": ("/CN=x", "URI:spiffe://example/joe/admin"),
        "uri with a query": ("/CN=x", "URI:spiffe://example/joe?admin"),
        "uri cut short": ("/CN=x", "URI:spiffe://example/jo"),
        "address": ("/CN=x", "IP:10.0.0.1"),
        "address as host name": ("/CN=x", "DNS:10.0.0.1"),
        "other name": ("/CN=x", "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:joe@example.org"),
        "registered id": ("/CN=x", "RID:1.2.3.4"),
        # Subjects that are nearly one.
        "e-mail in the subject": ("/emailAddress=joe@example.org/CN=x", ""),
        "host name as common name": ("/CN=joe.example.org", ""),
        "common name as unit": ("/O=Acme/OU=dev/OU=joe", ""),
        "a part twice": ("/O=Acme/OU=dev/OU=dev/CN=joe", ""),
        "common name twice": ("/O=Acme/OU=dev/CN=x/CN=joe", ""),
        "blank behind": ("/O=Acme/OU=dev/CN=joe ", ""),
        "blank before": ("/O=Acme/OU=dev/CN= joe", ""),
        "capital": ("/O=Acme/OU=dev/CN=Joe", ""),
        "the whole name in one part": ("/CN=joe,OU=dev,O=Acme", ""),
        "the rest in the organisation": ("/O=Acme,OU=dev/CN=joe", ""),
        "several values in one": ("/O=Acme/CN=mixed\\+OU=7", ""),
        "a plus that escapes": ("/O=Acme/OU=7/CN=mixed", ""),
        "letters beyond ASCII": ("/O=Acme/CN=j\u00f6rg", ""),
        "the same letters apart": ("/O=Acme/CN=jo\u0308rg", ""),
        "a look-alike": ("/O=Acme/OU=dev/CN=j\u043ee", ""),
        "no subject": ("/", ""),
        "more domains": ("/DC=org/DC=example/DC=sub/O=Acme/CN=ann", ""),
        "a serial number beside": ("/serialNumber=7/O=Acme/OU=dev/CN=joe", ""),
        "a type the list leaves out": ("/O=Acme/OU=dev/UID=7/CN=joe", ""),
    }
    # All with a name that is a user's; what differs is whether anybody vouches for them.
    joe = {"subject": "/O=Acme/OU=dev/CN=joe", "san": ""}
    sound = {
        "expired": dict(joe, days=-1),
        "for servers alone": dict(joe, extra=["extendedKeyUsage=serverAuth"]),
        "for clients": dict(joe, extra=["extendedKeyUsage=clientAuth"]),
        "for mail": dict(joe, extra=["extendedKeyUsage=emailProtection"]),
        "may not sign": dict(joe, extra=["keyUsage=critical,keyAgreement"]),
        "may sign": dict(joe, extra=["keyUsage=critical,digitalSignature"]),
        "an authority itself": dict(joe, is_authority=True),
        "with an unknown critical extension": dict(joe, extra=["1.2.3.4=critical,DER:0500"]),
    }
    contexts = {}
    for number, (name, (subject, san)) in enumerate(wishes.items()):
        pair = case.authority.issue("map-%d" % number, subject=subject, san=san)
        contexts[name] = tls_client.context(case.authority, pair)
    for number, (name, how) in enumerate(sound.items()):
        contexts[name] = tls_client.context(case.authority, case.authority.issue(
            "sound-%d" % number, **how))
    contexts["another authority of that name"] = tls_client.context(
        case.authority, certificates.Authority(case.twin_folder()).issue("twin", **joe))
    secret = case.authority.issue("map-secret", subject="/O=Acme/CN=secret", san="")
    with_password = tls_client.context(case.authority, secret)

    def look(server):
        found = {name: tls_client.outcome(server.port, tls) for name, tls in contexts.items()}
        found["password"] = tls_client.outcome(server.port, with_password, user="any",
                                               **{"pass": "s3cret"})
        found["wrong password"] = tls_client.outcome(server.port, with_password, user="any",
                                                     **{"pass": "wrong"})
        found["another user named"] = tls_client.outcome(server.port, contexts["e-mail"],
                                                         user="someone")
        return found

    config = case.config('ca_file: "%s"\n verify_and_map: true' % case.authority.cert,
                         outside=USERS)
    case.compare("certificates as users", config, look)


def main():
    if not broker.reference():
        broker.skip("no nats-server to compare with")
    if not certificates.available():
        broker.skip("no openssl")
    with tempfile.TemporaryDirectory(prefix="interop-tls-") as folder:
        case = Case(folder)
        for part in (clients, mapping, scans):
            wanted = [a for a in sys.argv[1:] if a != "-v"]
            if not wanted or part.__name__ in wanted:
                part(case)
        sys.exit(1 if case.failed else 0)


main()
