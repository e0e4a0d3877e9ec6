# SPDX-License-Identifier: MIT
"""Starting with something wrong: the message, the exit code; and `--check`."""

import os
import re
import socket
import subprocess

import client
import resolvers
import rig
from case import case

BROKEN = {
    "unknown key": ("workers: 1\nlistn: [\"127.0.0.1@5300\"]\n", [2]),
    "duplicate key": ("workers: 1\nworkers: 2\n", [2]),
    "wrong type": ("listen: [\"127.0.0.1@5300\"]\nworkers: many\n", [2]),
    "wrong address": ("listen:\n  - \"127.0.0.1@5300\"\n  - \"not-an-address\"\n", [3]),
    "wrong port": ("listen: [\"127.0.0.1@70000\"]\n", [1]),
    "wrong network": ("access: [\"10.0.0.0/33\"]\n", [1]),
    "unclosed": ("workers: 1\nlisten: [\"127.0.0.1@5300\"\n", None),
    "anchor": ("access: &nets [\"127.0.0.0/8\"]\n", [1]),
    "alias": ("workers: 1\naccess: *nets\n", [2]),
    "tag": ("workers: !!int 1\n", [1]),
    "deep key": ("outgoing:\n  ipv4: true\n  potr: 53\n", [3]),
    "two errors": ("workers: none\nlistn: []\n", [1, 2]),
    "bad size": ("cache: {size: 64MiBs}\n", [1]),
    "validator": ("dnssec:\n  validate: true\n", [2]),
}


def run(*arguments, limit=8, files=0):
    """Exit status and all output of the daemon; status None when it does not end. `files`: how many
    it may have open."""
    few = ["prlimit", f"--nofile={files}:{files}"] if files else []
    try:
        done = subprocess.run([*few, resolvers.binary(), *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return None, ""


@case("b29", "check-config", peers=False)
def check_config(t):
    wrong = []
    for label, (text, lines) in BROKEN.items():
        path = rig.write(t.folder, "broken.yaml", text)
        status, out = run("--check", path)
        places = {int(n) for n in re.findall(re.escape(path) + r":(\d+):\d+", out)}
        if status != 1 or not places or not set(lines or places) <= places or "^" not in out:
            wrong.append(f"{label}: status {status}, lines {sorted(places)}")
    t.check("broken files", len(BROKEN), not wrong, "all refused at file:line:column")
    t.equal("not so", wrong, [])
    options = dict(t.options, **{"root-hints": None})
    good = rig.write(t.folder, "good.yaml", resolvers.yaml(options))
    t.equal("good file", run("--check", good)[0], 0)
    missing = run("--check", os.path.join(t.folder, "missing.yaml"))
    t.equal("missing file", (missing[0], "missing.yaml" in missing[1]), (1, True))


@case("b30", "bad-start", peers=False)
def bad_start(t):
    folder = t.folder
    good = rig.write(folder, "hints", t.net.hints())

    def start(label, words, files=0, **options):
        text = resolvers.yaml({**t.options, "root-hints": good, **options})
        status, out = run("--config", rig.write(folder, "rootwalk.yaml", text), files=files)
        t.equal(label, status, 1)
        t.check(f"{label} names", words, all(w in out for w in words), "all")
        t.at_most(f"{label} lines", len(out.splitlines()), 6)

    for kind, label in ((socket.SOCK_DGRAM, "UDP"), (socket.SOCK_STREAM, "TCP")):
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind((client.RESOLVER, 53))
            if kind == socket.SOCK_STREAM:
                taken.listen(1)
            start(f"{label} port in use", [client.RESOLVER, "53", "in use"])
    for few in (7, 11, 20):
        start(f"{few} descriptors", ["ulimit -n"], files=few, workers=2)
    start("address not here", ["192.0.2.1"], listen=["192.0.2.1@53"])
    start("hints missing", ["no-such-hints"], **{"root-hints": folder + "/no-such-hints"})
    junk = rig.write(folder, "junk-hints", "this is no zone file\n")
    start("hints broken", ["junk-hints"], **{"root-hints": junk})
    empty = rig.write(folder, "empty-hints", "; nothing\n")
    start("hints empty", ["empty-hints"], **{"root-hints": empty})
    t.equal("--version", run("--version")[0], 0)
    t.equal("--help", run("--help")[0], 0)
    t.one_of("unknown option", run("--no-such-option")[0], [1, 2])
