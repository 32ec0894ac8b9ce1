#!/usr/bin/env python3
"""Packs what was built, unpacks it elsewhere and starts what it brings.

    package_test.py BUILD_FOLDER

The packages are made from the programs of the build as it is. Each .deb is unpacked into a scratch
folder; the service is started by the command line of its own unit with the paths moved there, and
must answer on the port of its own configuration, moved to a free one.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
OFFSCREEN = dict(os.environ, QT_QPA_PLATFORM="offscreen")


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def free_ports(count):
    """Ports that were free a moment ago, each another."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def connect(port, process, seconds=20):
    """A connection to a server that is just starting."""
    give_up = time.monotonic() + seconds
    while True:
        if process.poll() is not None:
            raise AssertionError(f"the service ended with {process.returncode}")
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="signalbox_package_"))
        out = cls.scratch / "packages"
        run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", out)
        cls.debs = {path.name.split("_")[0]: path for path in out.glob("*.deb")}
        cls.archives = list(out.glob("*.tar.gz"))
        cls.roots = {}
        for name, path in cls.debs.items():
            cls.roots[name] = cls.scratch / name
            run("dpkg-deb", "-x", path, cls.roots[name])

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.scratch)

    def unit(self):
        return (self.roots["signalboxd"] / "usr/lib/systemd/system/signalboxd.service").read_text()

    def moved_unit(self):
        """The unit with the paths it brings moved to where the package was unpacked."""
        root = self.roots["signalboxd"]
        return re.sub(r"(?<=[= ])/(usr|etc)/", rf"{root}/\1/", self.unit())

    def exec_start(self):
        return shlex.split(re.search(r"^ExecStart=(.*)$", self.moved_unit(), re.M).group(1))

    def test_the_service_starts_by_its_unit_and_answers(self):
        port, http = free_ports(2)
        settings = self.roots["signalboxd"] / "etc/signalbox/signalboxd.conf"
        brought = settings.read_text()
        moved = brought.replace(":4222", f":{port}").replace(":8222", f":{http}")
        self.assertNotEqual(moved, brought)
        settings.write_text(moved)
        self.addCleanup(settings.write_text, brought)
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(str(self.scratch / "notify"))
        manager.settimeout(20)
        with subprocess.Popen(self.exec_start(), cwd=self.scratch, stderr=subprocess.DEVNULL,
                              env=dict(os.environ, NOTIFY_SOCKET=str(self.scratch / "notify"))) as service:
            self.addCleanup(lambda: service.poll() is None and service.kill())
            with connect(port, service) as client, client.makefile("rwb") as lines:
                verb, info = lines.readline().split(b" ", 1)
                self.assertEqual(verb, b"INFO")
                info = json.loads(info)
                self.assertIn("signalbox", info)
                self.assertEqual(info["port"], port)
                lines.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
                lines.flush()
                self.assertEqual(lines.readline(), b"PONG\r\n")
            # Without this the manager would give the start up, for the unit promises it.
            self.assertIn("Type=notify", self.unit())
            self.assertEqual(manager.recv(1000), b"READY=1")
            # As the unit says it is stopped.
            stop = re.search(r"^KillSignal=(\w+)$", self.unit(), re.M).group(1)
            service.send_signal(getattr(signal, stop))
            self.assertEqual(service.wait(timeout=20), 0)

    def test_the_service_listens_on_this_machine_alone_as_it_comes(self):
        settings = (self.roots["signalboxd"] / "etc/signalbox/signalboxd.conf").read_text()
        addresses = re.findall(r'^(?:listen|http): "(.*):\d+"$', settings, re.M)
        self.assertEqual(addresses, ["127.0.0.1", "127.0.0.1"])

    def test_its_configuration_and_samples_are_valid(self):
        root = self.roots["signalboxd"]
        program = root / "usr/bin/signalboxd"
        files = [root / "etc/signalbox/signalboxd.conf",
                 *(root / "usr/share/signalboxd/samples").glob("*.conf")]
        self.assertGreater(len(files), 2)
        for path in files:
            if path.name == "operator_mode.conf":
                # Its operator is the reader's own: only that file is missed.
                with self.assertRaisesRegex(AssertionError, r":9:1: [^\n]*open operator\.jwt"):
                    run(program, "-t", "-c", path)
                continue
            run(program, "-t", "-c", path, env=dict(os.environ, SIGNALBOX_TOKEN="for-the-test"))

    def test_the_programs_are_hardened(self):
        if not shutil.which("readelf"):
            self.skipTest("there is no readelf here")
        for program in (self.roots["signalboxd"] / "usr/bin/signalboxd",):
            headers = run("readelf", "-lW", program)
            self.assertIn("GNU_RELRO", headers)
            stack = next(line for line in headers.splitlines() if "GNU_STACK" in line)
            self.assertNotIn("RWE", stack)
            self.assertIn("BIND_NOW", run("readelf", "-dW", program))
            self.assertRegex(run("readelf", "-hW", program), r"Type:\s+DYN")
            symbols = run("readelf", "--dyn-syms", "-W", program)
            self.assertIn("__stack_chk_fail", symbols)

    def test_the_service_needs_no_window(self):
        needed = run("ldd", self.roots["signalboxd"] / "usr/bin/signalboxd")
        self.assertNotRegex(needed, "Qt|qcustomplot|not found")

    def test_the_unit_is_one_that_systemd_takes(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("there is no systemd-analyze here")
        moved = self.scratch / "signalboxd.service"
        moved.write_text(self.moved_unit())
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(moved)],
                              capture_output=True, text=True)
        # Other units of the machine may have their faults: what counts is what is said of ours.
        ours = [line for line in done.stderr.splitlines() if "signalboxd" in line]
        self.assertEqual(ours, [])

    def test_the_unit_runs_where_systemd_does(self):
        if not pathlib.Path("/run/systemd/system").exists():
            self.skipTest("systemd does not run here: the unit was verified, not started")
        if os.geteuid() != 0:
            self.skipTest("only root can start a unit")
        port, http = free_ports(2)
        root = self.roots["signalboxd"]
        settings = self.scratch / "unit.conf"
        brought = (root / "etc/signalbox/signalboxd.conf").read_text()
        settings.write_text(brought.replace(":4222", f":{port}").replace(":8222", f":{http}"))
        os.chmod(self.scratch, 0o755)
        properties = [f"--property={line}" for line in self.unit().split("[Service]")[1].splitlines()
                      if re.match(r"(Protect|Private|Restrict|Capability|NoNew|Memory|SystemCall|Lock)",
                                  line)]
        with subprocess.Popen(["systemd-run", "--wait", "--collect", "--property=DynamicUser=yes",
                               "--unit=signalboxd-package-test", *properties,
                               f"--property=BindReadOnlyPaths={self.scratch}",
                               str(root / "usr/bin/signalboxd"), "-c", str(settings)]) as service:
            try:
                with connect(port, service) as client:
                    self.assertTrue(client.recv(5).startswith(b"INFO"))
            finally:
                run("systemctl", "stop", "signalboxd-package-test")
                service.wait(timeout=30)

    def test_the_workbench_starts_and_is_found_by_the_desktop(self):
        if "signalbox" not in self.debs:
            self.skipTest("the workbench was not built")
        root = self.roots["signalbox"]
        pages = run(root / "usr/bin/signalbox", "--list-pages", env=OFFSCREEN)
        self.assertGreater(len(pages.split()), 3)
        entry = (root / "usr/share/applications/signalbox.desktop").read_text()
        icon = re.search(r"^Icon=(.*)$", entry, re.M).group(1)
        self.assertTrue((root / f"usr/share/icons/hicolor/scalable/apps/{icon}.svg").exists())
        if shutil.which("desktop-file-validate"):
            run("desktop-file-validate", root / "usr/share/applications/signalbox.desktop")
        self.assertIn("libqt6svg6", run("dpkg-deb", "-f", self.debs["signalbox"], "Depends"))

    def test_each_package_says_its_licences(self):
        for name, root in self.roots.items():
            folder = root / "usr/share/doc" / name
            for document in ("copyright", "LICENSE", "licences.md"):
                self.assertTrue((folder / document).exists(), f"{name} lacks {document}")

    def test_each_program_has_a_manual(self):
        for name, root in self.roots.items():
            self.assertTrue((root / f"usr/share/man/man1/{name}.1.gz").exists())

    def test_the_archive_holds_both_and_touches_nothing_outside(self):
        self.assertEqual(len(self.archives), 1)
        with tarfile.open(self.archives[0]) as archive:
            names = archive.getnames()
        for name in self.debs:
            self.assertTrue(any(path.endswith(f"bin/{name}") for path in names), name)
        self.assertEqual({path.split("/")[0] for path in names}, {names[0].split("/")[0]})


if __name__ == "__main__":
    unittest.main(verbosity=2)
