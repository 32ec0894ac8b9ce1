"""Whole configurations through `-t` of the built service and of every nats-server that is there.

A file's comments say what it needs and how it differs:
  # part: NAME       what it is about (of files without one, the language itself)
  # since: VERSION   older ones do not know its keys, or decide otherwise
  # differs: WHY     ours gives the opposite verdict
  # refused: at the start    of the reference: it calls the file valid and then does not start
  # words: own       the fault is told in words of our own
"""

import atexit
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import broker

SOURCE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                      "config", "corpus")
# A copy, for the reference makes the folders that a resolver names.
FOLDER = os.path.join(tempfile.mkdtemp(prefix="interop-"), "corpus")
DIGESTS_SINCE = (2, 11, 0)


def peers():
    """Every nats-server: the one told of, the first on the path, the distribution's."""
    found = [os.environ.get("NATS_SERVER"), shutil.which("nats-server"),
             "/usr/sbin/nats-server", "/usr/bin/nats-server"]
    real = {}
    for path in found:
        if path and os.path.exists(path):
            real.setdefault(os.path.realpath(path), broker.version_of(path))
    return real


def tag(text, name):
    found = re.search(r"^# %s: (.*)$" % name, text, re.MULTILINE)
    return found.group(1) if found else ""


def numbers(version):
    return tuple(int(part) for part in version.split(".")) if version else (0,)


def check(binary, name):
    """Whether a server takes the file, what it says, and the digest it prints."""
    done = subprocess.run([binary, "-t", "-c", name], capture_output=True, text=True, timeout=60,
                          cwd=FOLDER, check=False, stdin=subprocess.DEVNULL)
    words = re.sub(r"^(nats-server|signalboxd): ", "", done.stderr.strip()).strip()
    digest = re.search(r"sha256:[0-9a-f]{64}", words)
    return done.returncode == 0, words, digest.group() if digest else ""


def starts(binary, name):
    """Whether a server goes on running with the file."""
    process = subprocess.Popen([binary, "-c", name, "-a", "127.0.0.1", "-p", "-1"], cwd=FOLDER,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    # It says that it is ready, or ends.
    ready = any("Server is ready" in line for line in process.stderr)
    process.kill()
    process.wait()
    process.stderr.close()
    return ready


def without_place(line):
    """The reference does not always say where."""
    return re.sub(r"^\S+?:\d+:\d+: ", "", line)


class Corpus(unittest.TestCase):
    """One test for each file, made below."""

    def compare(self, name):
        with open(os.path.join(FOLDER, name), encoding="utf-8", errors="replace") as file:
            text = file.read()
        ours, our_words, our_digest = check(broker.OURS, name)
        for peer, version in peers().items():
            if version < numbers(tag(text, "since")):
                continue
            theirs, words, digest = check(peer, name)
            told = "%s: ours: %s\ntheirs (%s): %s" % (name, our_words, version, words)
            if tag(text, "refused"):
                self.assertTrue(theirs and not ours, told)
                self.assertFalse(starts(peer, name), told)
                continue
            if tag(text, "differs"):
                self.assertNotEqual(ours, theirs, told)
                continue
            self.assertEqual(ours, theirs, told)
            if ours and version >= DIGESTS_SINCE:
                self.assertEqual(our_digest, digest, told)
            elif not ours and not tag(text, "words"):
                first = re.sub(r" \(did you mean.*", "", our_words.splitlines()[0])
                self.assertIn(without_place(first), words, told)

    def test_there_are_many(self):
        self.assertGreater(len(glob.glob(os.path.join(FOLDER, "*.conf"))), 300)


def add_tests():
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.conf"))):
        name = os.path.basename(path)
        setattr(Corpus, "test_" + name.removesuffix(".conf"),
                lambda self, name=name: self.compare(name))


if __name__ == "__main__":
    if not peers():
        broker.skip("no nats-server to compare with")
    shutil.copytree(SOURCE, FOLDER)
    atexit.register(shutil.rmtree, os.path.dirname(FOLDER), ignore_errors=True)
    add_tests()
    unittest.main(argv=sys.argv[:1])
