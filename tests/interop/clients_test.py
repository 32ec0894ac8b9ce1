"""Runs the same scenarios of a client library against ours and the reference: equal outcomes."""

import difflib
import os
import subprocess
import sys
import tempfile

import broker
import certificates
import node

USERS = """
authorization {
  users = [
    { user: ann, password: secret }
    { user: bob, password: "$2a$04$abcdefghijklmnopqrstuughE8Ev8uGFaUgY2cNEySvxngrb/Jzdm" }
  ]
}
"""
TOKEN = "authorization { token: s3cr3t }\n"
ACCOUNTS = """
accounts {
  SHOP {
    users: [ { user: shop, password: shop } ]
    exports: [
      { service: "orders.*.*", latency: measured }
      { service: list, response_type: stream, accounts: [WEB] }
      { stream: "events.*.*" }
      { stream: tick }
    ]
  }
  WEB {
    users: [ { user: web, password: web } ]
    exports: [ { service: "api.*.*" } ]
    imports: [
      { service: { account: SHOP, subject: "orders.*.*" }, to: "api.$2.$1", share: true }
      { service: { account: SHOP, subject: list } }
      { stream: { account: SHOP, subject: "events.*.*" }, to: "by-state.$2.$1" }
      { stream: { account: SHOP, subject: tick }, prefix: pre }
    ]
  }
  GATE {
    users: [ { user: gate, password: gate } ]
    imports: [ { service: { account: WEB, subject: "api.*.*" }, to: "way.$1.$2" } ]
  }
}
"""
MAPPINGS = """
mappings {
  "v1.orders.*": "orders.{{wildcard(1)}}"
  "cut.*": "{{splitFromLeft(1,2)}}.{{sliceFromRight(1,4)}}"
  "parts.*": "parts.{{split(1,-)}}"
  "rest.>": "all.>"
  "part.*": "part.{{partition(10,1)}}.$1"
  "swap.*.*": "$2.$1"
  "weighed": [ { destination: "weighed.new", weight: 25% } ]
  "weighed.lossy": [ { destination: "weighed.lossy", weight: 50 } ]
}
"""

NKEYS = """
authorization { users = [ { nkey: UDZXXZGRWUC37QCSJOIQRJYFG6ZAOROUQQJNI5VS2WDSLR3QSSDVDCDF } ] }
"""
PERMISSIONS = """
authorization {
  users = [
    { user: admin, password: x }
    { user: ann, password: x, permissions: {
        publish: { allow: ["out.>", "_INBOX.>"] }
        subscribe: { allow: ["in.>", "in.x q1", "_INBOX.>"], deny: "in.hidden" } } }
    { user: service, password: x, permissions: { subscribe: "ask", allow_responses: true } }
  ]
}
"""

SCENARIOS = [
    ("info", ""),
    ("publish_and_subscribe", ""),
    ("payloads", ""),
    ("queue_groups", ""),
    ("requests", ""),
    ("message_headers", ""),
    ("unsubscribing", ""),
    ("no_echo", ""),
    ("draining", ""),
    ("pedantic_and_verbose", ""),
    ("users", USERS),
    ("tokens", TOKEN),
    ("reconnecting", ""),
    ("stopping", ""),
    ("tls", "tls"),
]
# Of the C client alone: the other's are in consumers_test.py.
STREAMS = 'jetstream { store_dir: "@store" }\n'
STREAM_SCENARIOS = [
    ("streams", STREAMS),
    ("pulling", STREAMS),
    ("pushing", STREAMS),
    ("key_value", STREAMS),
]
# Of the node client alone.
MORE_SCENARIOS = [
    ("accounts", ACCOUNTS),
    ("mappings", MAPPINGS),
    ("tls_first", "tls_first"),
]


# Of the client that can sign, and so can be everyone.
IDENTITIES = [
    ("nkeys", NKEYS),
    ("permissions", PERMISSIONS),
    ("answering", PERMISSIONS),
    ("no_auth_user", PERMISSIONS + "no_auth_user: admin\n"),
]


class Tls:
    """What the scenarios with TLS need: settings for the server, files for the client."""

    def __init__(self, folder):
        self.authority = certificates.Authority(folder)
        self.server = self.authority.issue("server")
        self.client = self.authority.issue("client", subject="/CN=client")
        files = 'cert_file: "%s"\n key_file: "%s"' % (self.server.cert, self.server.key)
        self.configs = {
            "tls": 'tls {\n %s\n ca_file: "%s"\n verify: true\n}\n' % (files, self.authority.cert),
            "tls_first": "tls {\n %s\n handshake_first: true\n}\n" % files,
        }
        self.environment = {"TLS_CA": self.authority.cert, "TLS_CERT": self.client.cert,
                            "TLS_KEY": self.client.key}


def run(command, folder, server, more):
    """The lines of a scenario, doing what it asks for."""
    environment = dict(os.environ, NATS_URL=server.url, **more)
    client = subprocess.Popen(command, cwd=folder, env=environment, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    lines = []
    for line in client.stdout:
        line = line.rstrip("\n").replace(str(server.port), "PORT")
        lines.append(line)
        if line == "@restart":
            server.restart()
        elif line == "@stop":
            server.stop()
        if line.startswith("@"):
            client.stdin.write("done\n")
            client.stdin.flush()
    code = client.wait(60)
    return lines + ["exit %d" % code]


def compare(command, folder, scenarios, tls):
    failed = 0
    for name, config in scenarios:
        if config in ("tls", "tls_first") and not tls:
            continue
        if config == "tls_first" and broker.version_of(broker.reference()) < (2, 10):
            print("SKIP  ", name, "(the reference is too old)")
            continue
        outcomes = []
        for binary in (broker.reference(), broker.OURS):
            text = tls.configs.get(config, config) if tls else config
            with tempfile.TemporaryDirectory(prefix="interop-store-") as store, \
                    broker.Broker(binary, text.replace("@store", store), http=False) as server:
                outcomes.append(run(command + [name], folder, server,
                                    tls.environment if tls else {}))
        if outcomes[0] == outcomes[1] and outcomes[0][-1] == "exit 0" and len(outcomes[0]) > 1:
            print("PASS  ", name, "(%d lines)" % (len(outcomes[0]) - 1))
            continue
        failed += 1
        print("FAIL! ", name)
        print("\n".join(difflib.unified_diff(*outcomes, "reference", "ours", lineterm="")))
        if outcomes[0] == outcomes[1]:
            print("\n".join(outcomes[0]))
    return failed


def main():
    if not broker.reference():
        broker.skip("no nats-server to compare with")
    with tempfile.TemporaryDirectory(prefix="interop-clients-") as files:
        tls = Tls(files) if certificates.available() else None
        if sys.argv[1] == "node":
            folder = node.folder(sys.argv[2])
            failed = compare(["node", "scenarios.mjs"], folder,
                             SCENARIOS + IDENTITIES + MORE_SCENARIOS, tls)
        else:
            failed = compare([sys.argv[2]], None, SCENARIOS + STREAM_SCENARIOS, tls)
    sys.exit(1 if failed else 0)


main()
