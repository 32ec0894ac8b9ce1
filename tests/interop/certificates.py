"""Authorities and certificates for the tests, made anew each time by openssl, so that none expires."""

import os
import shutil
import subprocess

KEYS = {
    "rsa": ["-newkey", "rsa:2048"],
    "ecdsa": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ed25519": ["-newkey", "ed25519"],
}


def available():
    return shutil.which("openssl") is not None


def openssl(*arguments, **more):
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False, **more)
    if done.returncode != 0:
        raise AssertionError("openssl %s: %s" % (" ".join(arguments), done.stderr.decode()))
    return done.stdout


class Pair:
    """A certificate and its key, as files."""

    def __init__(self, cert, key):
        self.cert = cert
        self.key = key

    def pin(self):
        """SHA-256 of the SubjectPublicKeyInfo."""
        public = openssl("x509", "-in", self.cert, "-noout", "-pubkey")
        der = openssl("pkey", "-pubin", "-outform", "DER", input=public)
        return openssl("dgst", "-sha256", "-r", input=der).decode().split()[0]


class Authority(Pair):
    """Signs certificates; all its files are in `folder`."""

    def __init__(self, folder, name="ca"):
        super().__init__(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
        self.folder = folder
        self.database = os.path.join(folder, name + ".index")
        openssl("req", "-x509", *KEYS["ecdsa"], "-nodes", "-keyout", self.key, "-out", self.cert,
                "-days", "10", "-subj", "/O=Signalbox/CN=" + name,
                "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature")
        self.serial = 100

    def issue(self, name, subject="/CN=localhost", san="DNS:localhost,IP:127.0.0.1", key="ecdsa",
              days=2, extra=(), is_authority=False):
        """`subject` as openssl's -subj; `extra` are lines of an extension section; negative `days`:
        it has expired."""
        pair = Pair(os.path.join(self.folder, name + ".pem"),
                    os.path.join(self.folder, name + ".key"))
        request = os.path.join(self.folder, name + ".csr")
        openssl("req", "-new", *KEYS[key], "-nodes", "-keyout", pair.key, "-out", request,
                "-subj", subject, "-multivalue-rdn", "-utf8")
        lines = ["basicConstraints=CA:" + ("TRUE" if is_authority else "FALSE")] + list(extra)
        if san:
            lines.append("subjectAltName=" + san)
        extensions = os.path.join(self.folder, name + ".ext")
        with open(extensions, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        self.serial += 1
        openssl("x509", "-req", "-in", request, "-CA", self.cert, "-CAkey", self.key,
                "-set_serial", str(self.serial), "-days", str(days), "-out", pair.cert,
                "-extfile", extensions)
        self._enter(pair, "V")
        return pair

    def revoke(self, pair):
        self._enter(pair, "R")

    def _enter(self, pair, status):
        """A line of the database that openssl's responder reads."""
        serial = openssl("x509", "-in", pair.cert, "-noout", "-serial").decode().strip()
        serial = serial.split("=")[1]
        lines = []
        if os.path.exists(self.database):
            with open(self.database, encoding="utf-8") as file:
                lines = [line for line in file if line.split("\t")[3] != serial]
        revoked = "250101000000Z" if status == "R" else ""
        # Its index asks for a subject of each line's own.
        lines.append("%s\t491231235959Z\t%s\t%s\tunknown\t/CN=%s\n"
                     % (status, revoked, serial, serial))
        with open(self.database, "w", encoding="utf-8") as file:
            file.writelines(lines)
