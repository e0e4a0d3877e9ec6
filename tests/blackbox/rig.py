# SPDX-License-Identifier: MIT
"""Starts, watches and stops the resolver under test, inside the test's own namespace."""

import ctypes
import os
import signal
import subprocess
import time

import client
import resolvers
from machine import Echo
from resolvers import default_options, write  # noqa: F401 (used through this module)

READY = 10.0           # seconds until the first answer
STOP = 5.0             # seconds from SIGTERM to exit
CONTROL = 0.050        # seconds for the control query after a test
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:",
             "UndefinedBehaviorSanitizer", "MemorySanitizer")


class Resolver:
    """One process. `pid` never changes: a resolver that restarts itself fails."""

    def __init__(self, folder, peer, options, control="control.ctl"):
        self.folder, self.peer, self.options, self.control = folder, peer, options, control
        self.process, self.baseline = None, None
        self.log_path = os.path.join(folder, "resolver.log")

    def start(self, wait=True):
        command = resolvers.PEERS[self.peer](self.folder, self.options)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.folder,
                                            preexec_fn=die_with_parent)
        if wait:
            self.wait_ready()
            time.sleep(0.2)
            self.baseline = self.weigh()

    def wait_ready(self):
        server = self.options["listen"][0].split("@")[0]
        end = time.monotonic() + READY
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"resolver exited with {self.process.returncode}: "
                                   + self.tail())
            answer = client.ask(self.control, timeout=0.5, server=server)
            if answer.rcode == "NOERROR":
                return
            time.sleep(0.05)
        raise RuntimeError("resolver does not answer: " + self.tail())

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def tail(self):
        return self.log()[-400:].replace("\n", " | ")

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def weigh(self):
        return {"rss": self.rss(), "fds": self.fds()}

    def rss(self):
        """Resident memory in MB."""
        with open(f"/proc/{self.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu(self):
        """Seconds of processor time used so far, all threads, to the nanosecond."""
        total = 0
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/schedstat") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, limit=STOP):
        """SIGTERM; the exit status, or None when it does not end in time."""
        if self.alive():
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        if self.process and self.alive():
            self.process.kill()
            self.process.wait(5)


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def sanitized():
    """A build with sanitizers weighs and takes what it likes."""
    with open(resolvers.binary(), "rb") as file:
        data = file.read()
    return any(mark in data for mark in (b"__asan_init", b"__tsan_init", b"__ubsan_handle"))


def afterwards(case):
    """What must hold after every test; only what fails is shown."""
    resolver = case.resolver
    figures = len(case.figures)
    kept = case.failed
    if case.true("alive", resolver.alive()):
        check_control(case)
        check_weight(case)
        if case.peer == "rootwalkd":
            reports = [word for word in SANITIZER if word in resolver.log()]
            case.equal("sanitizer reports", reports, [])
        status = resolver.stop()
        clean = status == 0 or case.peer != "rootwalkd" and status is not None
        case.check("exit status after SIGTERM", status, clean, "0")
    failures = [text for text in case.figures[figures:] if text.startswith("!")]
    case.after = case.figures[figures:]
    case.figures[figures:] = ["after:"] + failures if failures else []
    case.failed = kept or bool(failures)


def check_control(case):
    """The best of three, so that a busy machine is not taken for a busy resolver."""
    server = case.options["listen"][0].split("@")[0]
    name = case.resolver.control
    with Echo() as echo:
        answers = [(client.ask(name, timeout=1, server=server), echo.ask()) for _ in range(3)]
    case.equal("control", answers[0][0].rcode, "NOERROR")
    case.below("control t", min(answer.seconds for answer, _ in answers), CONTROL,
               control=min(echoed for _, echoed in answers))


def check_weight(case):
    """Memory and descriptors back where they were, within 5 % and a little; 10 s of grace."""
    base = case.resolver.baseline
    if base is None:
        return
    rss_limit = base["rss"] * 1.05 + case.entry.slack
    fd_limit = int(base["fds"] * 1.05) + 2
    end = time.monotonic() + 10
    while True:
        now = case.resolver.weigh()
        if (now["rss"] <= rss_limit and now["fds"] <= fd_limit) or time.monotonic() > end:
            break
        time.sleep(0.25)
    if not (case.peer == "rootwalkd" and sanitized()):
        case.at_most("rss MB", now["rss"], rss_limit)
    case.at_most("fds", now["fds"], fd_limit)
