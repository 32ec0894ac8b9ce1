"""A service of the field's own libraries decides who comes in: ours and the reference ask alike."""

import difflib
import json
import os
import subprocess
import sys
import tempfile

import broker
import node

NEWEST_ASKED_FOR = (2, 11, 0)
TRIALS = [("configured", "plain"), ("configured", "sealed"),
          ("operator", "plain"), ("operator", "sealed")]

# Where the reference lets in whom the answer does not: it looks neither at the source addresses of
# the answer's user, nor at who signed an answer that is sealed.
STRICTER = {"elsewhere": ("plain", "sealed"), "other_issuer": ("sealed",)}
REFUSED = "AuthorizationError: Authorization Violation"


def compared(lines, sealed, ours):
    """Without what differs on purpose, which is looked at in ours."""
    kept = []
    for line in lines:
        name, _, what = line.partition(" ")
        if sealed in STRICTER.get(name, ()):
            if ours and what != REFUSED:
                kept.append("not refused: " + name)
            continue
        kept.append(line)
    return kept


def call(folder, server_url, *arguments):
    environment = dict(os.environ, NATS_URL=server_url)
    client = subprocess.run(["node", "callout.mjs", *arguments], cwd=folder, env=environment,
                            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=120, check=False)
    return client.stdout.splitlines() + ["exit %d" % client.returncode]


def main():
    reference = broker.reference()
    if not reference or broker.version_of(reference) < NEWEST_ASKED_FOR:
        broker.skip("no nats-server of 2.11 or newer to compare with (NATS_SERVER)")
    folder = node.folder(sys.argv[1])
    failed = 0
    for mode, sealed in TRIALS:
        outcomes = []
        for binary in (reference, broker.OURS):
            with tempfile.TemporaryDirectory(prefix="callout-") as own:
                keys = os.path.join(own, "keys.json")
                made = call(folder, "", "make", keys, mode, sealed)
                if made != ["exit 0"]:
                    raise AssertionError("\n".join(made))
                with open(keys, encoding="utf-8") as file:
                    config = json.load(file)["config"]
                with broker.Broker(binary, config, http=False) as server:
                    lines = call(folder, server.url, "run", keys)
                    outcomes.append(compared(lines, sealed, binary == broker.OURS))
        title = "%s, %s" % (mode, sealed)
        if outcomes[0] == outcomes[1] and outcomes[0][-1] == "exit 0":
            print("PASS  ", title, "(%d lines)" % (len(outcomes[0]) - 1))
            continue
        failed += 1
        print("FAIL! ", title)
        print("\n".join(difflib.unified_diff(*outcomes, "reference", "ours", lineterm="", n=1)))
        if outcomes[0] == outcomes[1]:
            print("\n".join(outcomes[0]))
    sys.exit(1 if failed else 0)


main()
