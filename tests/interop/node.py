"""Scripts of the field's JavaScript libraries, beside the packages they need."""

import glob
import os
import shutil
import subprocess

import broker

PACKAGES = ("transport-node", "jwt", "nkeys")


def folder(build):
    """Where the scripts lie beside their packages, which are fetched once."""
    if not shutil.which("node") or not shutil.which("npm"):
        broker.skip("no node or npm")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")
    made = os.path.join(build, "npm")
    os.makedirs(made, exist_ok=True)
    for path in glob.glob(os.path.join(source, "*")):
        shutil.copy(path, made)
    modules = os.path.join(made, "node_modules")
    if not all(os.path.isdir(os.path.join(modules, "@nats-io", p)) for p in PACKAGES):
        result = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                                cwd=made, capture_output=True, text=True, timeout=120, check=False)
        if result.returncode != 0:
            shutil.rmtree(modules, ignore_errors=True)
            broker.skip("npm cannot fetch the packages: " + result.stderr[-300:])
    return made
