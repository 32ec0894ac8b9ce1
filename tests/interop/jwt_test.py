"""Users by JWT, made by the field's own library: ours and the reference treat each alike."""

import difflib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

import broker
import node

# The reference of before knows some of it not, or otherwise.
NEWEST_ASKED_FOR = (2, 11, 0)


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
    environment = dict(os.environ, NATS_URL=server.url, TOKENS=tokens_path)
    client = subprocess.run(["node", "jwt_client.mjs", name], cwd=folder, env=environment,
                            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=120, check=False)
    return client.stdout.splitlines() + ["exit %d" % client.returncode]


def main():
    reference = broker.reference()
    if not reference or broker.version_of(reference) < NEWEST_ASKED_FOR:
        broker.skip("no nats-server of 2.11 or newer to compare with (NATS_SERVER)")
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
        title = "%s, %s" % (name, resolver.__name__)
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
