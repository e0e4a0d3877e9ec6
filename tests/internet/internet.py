# SPDX-License-Identifier: MIT
"""A lab under test: its process, orders to it, questions to its servers, resolvers in it."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import rig

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = TOP / os.environ.get("BUILD", "build")
LAB = str(BUILD / "rootwalk-lab")
WAIT_S = 30
# Port 53 of this namespace: resolvers other than ours ask no other.
PORT = "53"

UNBOUND = """server:
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/unbound.pid"
    use-syslog: no
    logfile: "{folder}/unbound.log"
    interface: 127.0.0.53
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    do-ip6: no
    root-hints: "{folder}/hints"
    trust-anchor-file: "{folder}/anchors"
    module-config: "validator iterator"
    local-zone: "test." nodefault
remote-control:
    control-enable: no
"""


def until(what, seconds=WAIT_S):
    """Whether that becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


class Lab:
    """One rootwalk-lab in a folder of its own, and what was started beside it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rootwalk-internet.")
        self.hints = self.folder + "/hints"
        self.processes = []
        self.lab = None

    def start(self, *words):
        log = open(self.folder + "/log", "ab")
        self.lab = subprocess.Popen(
            [LAB, "--dir", self.folder, "run", "--log", "-p", PORT, "-l", PORT, *words],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not until(lambda: os.path.exists(self.folder + "/control")):
            raise RuntimeError("the lab does not start: " + self.log())

    def log(self):
        return pathlib.Path(self.folder + "/log").read_text(encoding="utf-8")

    def order(self, *words):
        return rig.Ran([LAB, "--dir", self.folder, *words])

    def ask(self, address, name, kind="a", *options):
        return rig.dig(["+norecurse", "+time=2", "+tries=1", *options, "@" + address, name, kind])

    def short(self, address, name, kind="a", *options):
        """What dig +short says; errors start with ';;'."""
        return self.ask(address, name, kind, "+short", *options).out.strip()

    def resolver(self):
        """A rootwalkd with an empty cache at 127.0.0.1."""
        process = self.beside([str(BUILD / "rootwalkd"), "-c", self.folder + "/rootwalk.yaml"])
        if not until(lambda: rig.dig(["+time=1", "+tries=1", "@127.0.0.1", ".", "ns"]).code == 0):
            raise RuntimeError("rootwalkd does not start")
        return process

    def unbound(self):
        """Debian's unbound as a validator at 127.0.0.53."""
        settings = self.folder + "/unbound.conf"
        pathlib.Path(settings).write_text(UNBOUND.format(folder=self.folder), encoding="ascii")
        path = os.environ["PATH"] + ":/usr/sbin"
        self.beside([shutil.which("unbound", path=path), "-d", "-c", settings])
        if not until(lambda: rig.dig(["+time=1", "+tries=1", "@127.0.0.53", ".", "ns"]).code == 0):
            raise RuntimeError("unbound does not start")

    def beside(self, words):
        log = open(self.folder + "/beside.log", "ab")
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def end(self):
        for process in [*self.processes, self.lab]:
            if process and process.poll() is None:
                process.terminate()
                process.wait(WAIT_S)
        shutil.rmtree(self.folder, ignore_errors=True)
