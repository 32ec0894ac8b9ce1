"""Users by JWT, made by the field's own library: ours and the reference treat each alike."""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

import broker
import documents
import node


class AccountServer:
    """Hands out account JWTs by HTTP, and hears nothing else."""

    def __init__(self, accounts):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                key = self.path.rsplit("/", 1)[1]
                known = not key or key in accounts
                body = accounts.get(key, "").encode()
                self.send_response(200 if known else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d/jwt/v1/accounts/" % self.server.server_port


def preload(tokens):
    return "resolver_preload {\n%s\n}" % "\n".join(
        "  %s: %s" % pair for pair in tokens["accounts"].items())


def memory(tokens, _folder):
    return "resolver: MEMORY\n" + preload(tokens)


def full(tokens, folder):
    return 'resolver { type: full, dir: "%s", allow_delete: true, interval: "1m" }\n' % folder \
        + preload(tokens)


def url(tokens, _folder):
    return 'resolver: URL("%s")' % AccountServer(tokens["accounts"]).url


SCENARIOS = [
    ("everyone", memory),
    ("permissions", memory),
    ("limits", memory),
    ("no_signature", memory),
    ("credentials_file", memory),
    ("full_account", memory),
    ("expiring", memory),
    ("sharing", memory),
    ("pushing", memory),
    ("everyone", full),
    ("keeping", full),
    ("everyone", url),
]


def make_tokens(folder):
    made = subprocess.run(["node", "jwt_tokens.mjs"], cwd=folder, capture_output=True, text=True,
                          timeout=60, check=True)
    return json.loads(made.stdout)


def run(name, folder, server, tokens_path):
    return node.run("jwt_client.mjs", name, folder=folder,
                    environment={"NATS_URL": server.url, "TOKENS": tokens_path})


# What the claims alone decide, and so is the same to the last letter.
SAID_BY_CLAIMS = ("complete", "expired", "mappings", "jwt", "issuer_key", "name_tag", "tags",
                  "decoded_jwt", "validation_result_jwt", "revoked_user")


def compare_documents(folder, reference):
    """What monitoring tells of operators and accounts, field by field."""
    tokens = make_tokens(folder)
    config = "operator: %s\n%s\n" % (tokens["operator"], memory(tokens, folder))
    with broker.Broker(reference, config) as one, broker.Broker(broker.OURS, config) as other, \
            tempfile.TemporaryDirectory(prefix="jwt-") as own:
        found = []
        path = os.path.join(own, "tokens.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(tokens, file)
        for b in (one, other):
            # Only accounts that were used are told of.
            if run("visiting", folder, b, path)[-1] != "exit 0":
                raise AssertionError("nobody could log in")
        theirs, ours = (documents.ordered(b.get("/varz")[2]) for b in (one, other))
        for key in ("trusted_operators_jwt", "trusted_operators_claim", "system_account"):
            if theirs[key] != ours[key]:
                found.append("/varz %s: %s, ours %s" % (key, theirs[key], ours[key]))
        for account in tokens["accounts"]:
            answers = [b.get("/accountz?acc=" + account) for b in (one, other)]
            if [a[0] for a in answers] != [200, 200]:
                if answers[0][0] != answers[1][0]:
                    found.append("%s: %s" % (account, [a[0] for a in answers]))
                continue
            theirs, ours = (documents.ordered(a[2]) for a in answers)
            name = "/accountz?acc=" + theirs["account_detail"].get("name_tag", "")
            found += documents.differences(name, theirs, ours)
            found += documents.misplaced(name, theirs, ours)
            for key in SAID_BY_CLAIMS:
                left, right = (d["account_detail"].get(key) for d in (theirs, ours))
                if json.dumps(left) != json.dumps(right):
                    found.append("%s %s: %s, ours %s" % (name, key, left, right))
    return found


def main():
    reference = node.reference()
    folder = node.folder(sys.argv[1])
    failed = 0
    for name, resolver in [s for s in SCENARIOS if len(sys.argv) < 3 or s[0] in sys.argv[2:]]:
        outcomes = []
        for binary in (reference, broker.OURS):
            # Made anew, for some of them hold for seconds.
            tokens = make_tokens(folder)
            with tempfile.TemporaryDirectory(prefix="jwt-") as own:
                path = os.path.join(own, "tokens.json")
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(tokens, file)
                config = "operator: %s\n%s\n" % (
                    tokens["operator"], resolver(tokens, os.path.join(own, "accounts")))
                with broker.Broker(binary, config, http=False) as server:
                    outcomes.append(run(name, folder, server, path))
        failed += not node.are_alike("%s, %s" % (name, resolver.__name__), outcomes)
    if len(sys.argv) < 3 or "documents" in sys.argv[2:]:
        found = compare_documents(folder, reference)
        failed += bool(found)
        print("FAIL!  documents\n" + "\n".join(found) if found else "PASS   documents")
    sys.exit(1 if failed else 0)


main()
