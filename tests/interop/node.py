"""Scripts of the field's JavaScript libraries, beside the packages they need, and what came of them
with the reference and with ours."""

import difflib
import fcntl
import glob
import os
import shutil
import subprocess

import broker

PACKAGES = ("transport-node", "jwt", "nkeys", "jetstream", "kv", "obj")

# The reference of before knows some of what they show not, or otherwise.
OLDEST_COMPARED = (2, 11, 0)


def reference():
    """One to compare with; without it the test is skipped."""
    found = broker.reference()
    if not found or broker.version_of(found) < OLDEST_COMPARED:
        broker.skip("no nats-server of 2.11 or newer to compare with (NATS_SERVER)")
    return found


def run(script, *arguments, folder, environment):
    """The lines it printed, and how it ended."""
    done = subprocess.run(["node", script, *arguments], cwd=folder,
                          env=dict(os.environ, **environment), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    return done.stdout.splitlines() + ["exit %d" % done.returncode]


def are_alike(title, outcomes):
    """Whether the lines of both are the same and they ended well; says so."""
    if outcomes[0] == outcomes[1] and outcomes[0][-1] == "exit 0":
        print("PASS  ", title, "(%d lines)" % (len(outcomes[0]) - 1))
        return True
    print("FAIL! ", title)
    print("\n".join(difflib.unified_diff(*outcomes, "reference", "ours", lineterm="", n=1)))
    if outcomes[0] == outcomes[1]:
        print("\n".join(outcomes[0]))
    return False


def folder(build):
    """Where the scripts lie beside their packages, which are fetched once.

    Several tests want them at the same time: one fetches, the others wait for it.
    """
    if not shutil.which("node") or not shutil.which("npm"):
        broker.skip("no node or npm")
    made = os.path.join(build, "npm")
    os.makedirs(made, exist_ok=True)
    with open(os.path.join(made, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fill(made)
    return made


def fill(made):
    """Lays scripts and packages into the folder, which no one else writes meanwhile."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")
    for path in glob.glob(os.path.join(source, "*")):
        new = os.path.join(made, "." + os.path.basename(path))
        shutil.copy(path, new)
        os.replace(new, os.path.join(made, os.path.basename(path)))
    modules = os.path.join(made, "node_modules")
    if all(os.path.isdir(os.path.join(modules, "@nats-io", p)) for p in PACKAGES):
        return
    result = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                            cwd=made, capture_output=True, text=True, timeout=120, check=False)
    if result.returncode != 0:
        shutil.rmtree(modules, ignore_errors=True)
        broker.skip("npm cannot fetch the packages: " + result.stderr[-300:])
