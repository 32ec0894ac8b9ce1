"""The JetStream, key-value and object store clients do the same with ours and the reference."""

import difflib
import os
import subprocess
import sys
import tempfile

import broker
import node

# A scenario and the first version of the reference that knows what it does.
SCENARIOS = [
    ("fetching", (2, 9)),
    ("consuming", (2, 9)),
    ("acking", (2, 11)),
    ("starting", (2, 11)),
    ("limits", (2, 11)),
    ("managing", (2, 11)),
    ("ordered", (2, 10)),
    ("pushing", (2, 10)),
    ("retention", (2, 11)),
    ("key_value", (2, 11)),
    ("objects", (2, 11)),
    ("message_headers", (2, 9)),
    ("pausing", (2, 11)),
    ("priorities", (2, 11)),
]


def run(folder, server, name):
    client = subprocess.run(["node", "consumers.mjs", name], cwd=folder, text=True, timeout=60,
                            env=dict(os.environ, NATS_URL=server.url), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False)
    return client.stdout.splitlines() + ["exit %d" % client.returncode]


def main():
    if not broker.reference():
        broker.skip("no nats-server to compare with")
    folder = node.folder(sys.argv[1])
    wanted = sys.argv[2:]
    version = broker.version_of(broker.reference())
    failed = 0
    for name, since in SCENARIOS:
        if wanted and name not in wanted:
            continue
        if version < since:
            print("SKIP  ", name, "(the reference is too old)")
            continue
        outcomes = []
        for binary in (broker.reference(), broker.OURS):
            with tempfile.TemporaryDirectory(prefix="interop-store-") as store:
                config = 'jetstream { store_dir: "%s" }\n' % store
                with broker.Broker(binary, config) as server:
                    outcomes.append(run(folder, server, name))
        if outcomes[0] == outcomes[1] and outcomes[0][-1] == "exit 0" and len(outcomes[0]) > 1:
            print("PASS  ", name, "(%d lines)" % (len(outcomes[0]) - 1))
            continue
        failed += 1
        print("FAIL! ", name)
        print("\n".join(difflib.unified_diff(*outcomes, "reference", "ours", lineterm="")))
        if outcomes[0] == outcomes[1]:
            print("\n".join(outcomes[0]))
    sys.exit(1 if failed else 0)


main()
