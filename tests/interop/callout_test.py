"""A service of the field's own libraries decides who comes in: ours and the reference ask alike."""

import json
import os
import sys
import tempfile

import broker
import node

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
    return node.run("callout.mjs", *arguments, folder=folder, environment={"NATS_URL": server_url})


def main():
    reference = node.reference()
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
        failed += not node.are_alike("%s, %s" % (mode, sealed), outcomes)
    sys.exit(1 if failed else 0)


main()
