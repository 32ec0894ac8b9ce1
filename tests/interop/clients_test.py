"""Runs the same scenarios of a client library against ours and the reference: equal outcomes."""

import difflib
import os
import shutil
import subprocess
import sys

import broker

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
]
# Of the node client alone.
MORE_SCENARIOS = [
    ("accounts", ACCOUNTS),
    ("mappings", MAPPINGS),
]


def run(command, folder, server):
    """The lines of a scenario, doing what it asks for."""
    environment = dict(os.environ, NATS_URL=server.url)
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


def compare(command, folder, scenarios):
    failed = 0
    for name, config in scenarios:
        outcomes = []
        for binary in (broker.reference(), broker.OURS):
            with broker.Broker(binary, config, http=False) as server:
                outcomes.append(run(command + [name], folder, server))
        if outcomes[0] == outcomes[1] and outcomes[0][-1] == "exit 0" and len(outcomes[0]) > 1:
            print("PASS  ", name, "(%d lines)" % (len(outcomes[0]) - 1))
            continue
        failed += 1
        print("FAIL! ", name)
        print("\n".join(difflib.unified_diff(*outcomes, "reference", "ours", lineterm="")))
        if outcomes[0] == outcomes[1]:
            print("\n".join(outcomes[0]))
    return failed


def node_folder(build):
    """Where the scenarios lie beside the packages they need, which are fetched once."""
    if not shutil.which("node") or not shutil.which("npm"):
        broker.skip("no node or npm")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")
    folder = os.path.join(build, "npm")
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "package-lock.json", "scenarios.mjs"):
        shutil.copy(os.path.join(source, name), folder)
    if not os.path.isdir(os.path.join(folder, "node_modules", "@nats-io", "transport-node")):
        made = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                              cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if made.returncode != 0:
            shutil.rmtree(os.path.join(folder, "node_modules"), ignore_errors=True)
            broker.skip("npm cannot fetch the packages: " + made.stderr[-300:])
    return folder


def main():
    if not broker.reference():
        broker.skip("no nats-server to compare with")
    if sys.argv[1] == "node":
        folder = node_folder(sys.argv[2])
        failed = compare(["node", "scenarios.mjs"], folder, SCENARIOS + MORE_SCENARIOS)
    else:
        failed = compare([sys.argv[2]], None, SCENARIOS)
    sys.exit(1 if failed else 0)


main()
