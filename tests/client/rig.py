# SPDX-License-Identifier: MIT
"""The rig of the client's tests: the lab, one name server more, and the programs to run."""

import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
BUILD = os.environ.get("BUILD", "build")
ROOTWALK = os.environ.get("ROOTWALK", str(TOP / BUILD / "rootwalk"))
KINDS = "127.10.7.1"
LIMIT_S = 180

NSD = """server:
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    database: ""
    zonelistfile: "{folder}/{name}.zonelist"
    xfrdfile: ""
    xfrdir: "{folder}"
    pidfile: "{folder}/{name}.pid"
    logfile: "{folder}/{name}.log"
    do-ip6: no
    ip-address: {address}
    ipv4-edns-size: 1232
    rrl-ratelimit: 0
    nsid: "ascii_{name}"
remote-control:
    control-enable: no
"""
SIGNED = ("signed.test", "bogus.test", "expired.test", "badds.test")


class Rig:
    """The lab on port 53 of this namespace, and where its files are. `net` begins its addresses."""

    def __init__(self, net="127.10"):
        self.folder = tempfile.mkdtemp(prefix="rootwalk-client.")
        self.net = net
        self.hints = self.folder + "/hints"
        self.servers = []
        self.daemon = None

    def lab(self, verb):
        environment = dict(os.environ, LAB_PORT="53", LAB_LISTEN="53", LAB_NET=self.net)
        done = subprocess.run([str(TOP / "scripts/lab"), verb, self.folder], env=environment,
                              capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"scripts/lab {verb}: {done.stderr}")

    def start(self):
        self.lab("start")

    def start_kinds(self):
        self.serve("kinds", KINDS, [("kinds.test", HERE / "kinds.zone")])

    def serve(self, name, address, zones):
        """One name server more, for zones with their files."""
        settings = f"{self.folder}/{name}.conf"
        text = NSD.format(folder=self.folder, address=address, name=name)
        for zone, file in zones:
            text += f'zone:\n    name: "{zone}"\n    zonefile: "{file}"\n'
        pathlib.Path(settings).write_text(text, encoding="ascii")
        path = os.environ["PATH"] + ":/usr/sbin"
        self.servers.append(subprocess.Popen(
            [shutil.which("nsd", path=path), "-d", "-c", settings], start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for zone, _ in zones:
            self.wait(address, [zone, "soa"], "ANSWER SECTION")

    @staticmethod
    def wait(address, words, wanted):
        """Until the server's reply holds that text."""
        for _ in range(100):
            if wanted in dig(["+time=1", "+tries=1", "@" + address] + words).out:
                return
            time.sleep(0.1)
        raise RuntimeError(f"{address} does not say '{wanted}' to {' '.join(words)}")

    def resolver(self):
        """A rootwalkd that lives in the lab, at 127.0.0.1; its cache is empty."""
        self.end_resolver()
        daemon = str(pathlib.Path(ROOTWALK).parent / "rootwalkd")
        log = open(self.folder + "/rootwalkd.log", "ab")
        self.daemon = subprocess.Popen([daemon, "-c", self.folder + "/rootwalk.yaml"],
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(100):
            if dig(["+time=1", "+tries=1", "@127.0.0.1", ".", "ns"]).code == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("rootwalkd does not start")

    def end_resolver(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait(10)
            self.daemon = None

    def stop(self):
        self.end_resolver()
        for server in self.servers:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(10)
        self.lab("stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class Ran:
    """What a program said, and how long that took."""

    def __init__(self, words, environment=None, binary=False):
        began = time.monotonic()
        done = subprocess.run(words, capture_output=True, timeout=LIMIT_S, check=False,
                              stdin=subprocess.DEVNULL, env=environment)
        self.seconds = time.monotonic() - began
        self.code = done.returncode
        self.raw = done.stdout
        self.out = done.stdout if binary else done.stdout.decode("utf-8", "backslashreplace")
        self.err = done.stderr.decode("utf-8", "backslashreplace")

    def line(self, word):
        """The field `word` of a tree's end, its further lines joined."""
        found = re.search(rf"^{word} +(.*(?:\n        .*)*)", self.out, re.M)
        return re.sub(r"\s+", " ", found[1]) if found else ""


def dig(words):
    return Ran(["dig", "-r"] + words)


def rootwalk(words, environment=None):
    return Ran([ROOTWALK] + words, environment)


class Screen:
    """What a program writes to a terminal of 80 columns, and what stands there in the end."""

    def __init__(self, words, environment):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        program = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                                   env=environment)
        os.close(slave)
        self.raw = b""
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    part = os.read(master, 65536)
                except OSError:  # the other side is closed
                    part = b""
                if not part:
                    break
                self.raw += part
        if program.poll() is None and time.monotonic() >= deadline:
            program.terminate()
        self.code = program.wait(10)
        os.close(master)
        self.text = self.raw.decode("utf-8", "backslashreplace")
        self.lines = [self.stands(line) for line in self.text.split("\n")]

    @staticmethod
    def stands(line):
        """A line once carriage returns and wiping are done with; colours taken away."""
        line = re.sub(r"\x1b\[\d*m", "", line.rstrip("\r"))
        return line.split("\x1b[K")[-1]


class Tally:
    """Checks, counted; one line for each that failed."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, good, label, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {label}" + (f"\n     {detail}" if detail else ""), flush=True)
        return bool(good)

    def equal(self, got, wanted, label):
        return self.check(got == wanted, label, f"is {got!r}, should be {wanted!r}")

    def holds(self, text, part, label):
        return self.check(part in text, label, f"{part!r} is not in {text!r}")
