# SPDX-License-Identifier: MIT
"""On a terminal: who is waited for, box drawing, colours; and nothing of that anywhere else."""

import os
import re
import socket
import subprocess
import time

import rig

SILENT = "127.10.9.9"  # of broken.test: here somebody listens and says nothing
MODES = [["+trace", "www.good.test"], ["+trace", "www.lame.test"], ["+trace", "+allns",
         "www.drift.test"], ["+prop", "www.drift.test"], ["+check", "drift.test"],
         ["+wire", "@127.10.2.1", "www.good.test"], ["+trace", "a-rather-long-label-of-a-name."
         "another-label-that-goes-on-and-on.and-a-third-one-of-some-length.good.test"]]


def on_terminal(lab, words, **environment):
    held = {"TERM": "xterm", "LC_ALL": "C.UTF-8", **environment}
    base = {key: text for key, text in os.environ.items()
            if key not in ("NO_COLOR", "CLICOLOR_FORCE", "LC_ALL")}
    return rig.Screen([rig.ROOTWALK, "--hints", lab.hints] + words, {**base, **held})


def slow_server(lab, tally):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((SILENT, 53))
        words = ["+trace", "+time=3", "www.broken.test"]
        screen = on_terminal(lab, words)
        tally.check(re.search(rf"\r\x1b\[K\x1b\[2m⠋ waiting for {SILENT} \(udp\)  \d+\.\ds",
                              screen.text), "a slow server: who is waited for", screen.text)
        tally.check(not any("waiting for" in line for line in screen.lines),
                    "a slow server: nothing of it stays", "\n".join(screen.lines))
        tally.check(any("timed out" in line for line in screen.lines),
                    "a slow server: its line in the tree", "\n".join(screen.lines))
        plain = on_terminal(lab, words, LC_ALL="C", NO_COLOR="1")
        tally.check(re.search(rf"\r\x1b\[K\| waiting for {SILENT}", plain.text),
                    "a slow server without UTF-8 and colour", plain.text)
        dumb = on_terminal(lab, words, TERM="dumb")
        tally.check("\x1b" not in dumb.text and "waiting" not in dumb.text,
                    "TERM=dumb: nothing is wiped", dumb.text)
        piped = rig.rootwalk(["--hints", lab.hints] + words)
        tally.check("waiting" not in piped.out + piped.err and "\x1b" not in piped.out + piped.err,
                    "no terminal: nothing is waited for by eye", piped.out)
        checked = on_terminal(lab, ["+check", "broken.test"])
        tally.check("waiting for replies to" in checked.text, "+check: who is waited for",
                    checked.text)


def live(lab, tally):
    """Each line comes as it happens: the hops before a silent server are there while it is waited
    for, in a pipe too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((SILENT, 53))
        for words in ([], ["+json"], ["+allns"]):
            program = subprocess.Popen(
                [rig.ROOTWALK, "+trace", "--hints", lab.hints, "+time=60", "www.broken.test"] + words,
                stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
            silent.settimeout(rig.LIMIT_S)
            silent.recvfrom(512)  # now it is asked
            os.set_blocking(program.stdout.fileno(), False)
            out, deadline = b"", time.monotonic() + rig.LIMIT_S
            while b"ns1.nic.test" not in out and time.monotonic() < deadline:
                out += program.stdout.read() or b""
                time.sleep(0.05)
            tally.check(b"broken.test" in out and program.poll() is None,
                        f"+trace {' '.join(words)}: lines come as they happen", out.decode())
            program.terminate()
            program.wait(10)
            program.stdout.close()


def looks(lab, tally):
    for words in MODES:
        label = "terminal: " + " ".join(words)[:40]
        dark = on_terminal(lab, words)
        tally.check(max(map(len, dark.lines)) <= 80, f"{label}: 80 columns",
                    max(dark.lines, key=len))
        tally.check("\x1b[" in dark.text, f"{label}: colours")
        plain = on_terminal(lab, words, NO_COLOR="1", LC_ALL="C")
        tally.check("\x1b[" not in plain.text.replace("\x1b[K", "") and plain.text.isascii(),
                    f"{label}: NO_COLOR in a plain locale", plain.text)
        dumb = on_terminal(lab, words, TERM="dumb")
        tally.check("\x1b" not in dumb.text and dumb.text.isascii(), f"{label}: TERM=dumb")
    tree = on_terminal(lab, ["+trace", "www.good.test"])
    tally.check("  └ " in tree.text and "  ` " not in tree.text, "box drawing where UTF-8 is read")


def forced(lab, tally):
    words = ["--hints", lab.hints, "+trace", "www.good.test"]
    plain = {key: text for key, text in os.environ.items() if key != "NO_COLOR"}
    ran = rig.rootwalk(words, {**plain, "CLICOLOR_FORCE": "1"})
    tally.check("\x1b[1m" in ran.out and "└" not in ran.out, "CLICOLOR_FORCE: colour in a pipe",
                ran.out)
    tally.check("\x1b" not in rig.rootwalk(words, {**plain, "CLICOLOR_FORCE": "0"}).out,
                "CLICOLOR_FORCE=0: none")
    tally.check("\x1b" not in rig.rootwalk(words, {**plain, "CLICOLOR_FORCE": "1",
                                                   "NO_COLOR": "1"}).out,
                "NO_COLOR is stronger than CLICOLOR_FORCE")


def help_fits(tally):
    lines = rig.rootwalk(["--help"]).out.splitlines()
    tally.check(len(lines) <= 23 and max(map(len, lines)) <= 80,
                "--help: a screen with room for the prompt", f"{len(lines)} lines")


def run(lab, tally):
    slow_server(lab, tally)
    live(lab, tally)
    looks(lab, tally)
    forced(lab, tally)
    help_fits(tally)
