# SPDX-License-Identifier: MIT
"""The rc file, names that are not ASCII, completions, and what is asked for by EDNS options."""

import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import threading

import rig

COOKIES = "127.10.8.2"


def rc_file(lab, tally):
    folder = pathlib.Path(lab.folder, "config", "rootwalk")
    folder.mkdir(parents=True)
    environment = dict(os.environ, XDG_CONFIG_HOME=str(folder.parent))
    ask = ["@" + rig.KINDS, "www.kinds.test"]
    (folder / "rootwalkrc").write_text("+short # the data alone\n+noall +answer\n", encoding="ascii")
    tally.equal(rig.rootwalk(ask, environment).out, "192.0.2.10\n", "rc file: its options hold")
    tally.holds(rig.rootwalk(["-r"] + ask, environment).out, "ANSWER SECTION", "-r: no rc file")
    tally.holds(rig.rootwalk(ask + ["+noshort"], environment).out, "ANSWER SECTION",
                "rc file: the command line has the last word")
    (folder / "rootwalkrc").write_text("www.example\n", encoding="ascii")
    wrong = rig.rootwalk(ask, environment)
    tally.equal(wrong.code, 1, "rc file with a name: exit code")
    tally.holds(wrong.err, "options only", "rc file with a name: why")
    (folder / "rootwalkrc").write_bytes(b"+nonsense \x1b[31m\n")
    wrong = rig.rootwalk(ask, environment)
    tally.equal(wrong.code, 1, "rc file with nonsense: exit code")
    tally.check("\x1b" not in wrong.err, "rc file with nonsense: escaped")


def names(tally):
    ask = ["@" + rig.KINDS, "+noall", "+question", "+qr"]
    tally.holds(rig.rootwalk(ask + ["bücher.kinds.test"]).out, ";xn--bcher-kva.kinds.test.",
                "IDN: U-label to A-label")
    tally.holds(rig.rootwalk(ask + ["+noidnin", "bücher.kinds.test"]).out,
                ";b\\195\\188cher.kinds.test.", "+noidnin: bytes")
    wrong = rig.rootwalk(ask + ["\u2e2e.kinds.test"])
    tally.equal(wrong.code, 10, "IDN: a label that is none")


def options(tally):
    wire = rig.rootwalk(["+wire", "+zoneversion", "@" + rig.KINDS, "www.kinds.test"]).out
    tally.holds(wire, "19 ZONEVERSION, 0 bytes", "+zoneversion is asked for")


class CookieServer(threading.Thread):
    """Wants its own cookie back: BADCOOKIE until it is sent (RFC 7873 section 5.2.3)."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((COOKIES, 53))
        self.socket.settimeout(rig.LIMIT_S)
        self.asked = 0

    def run(self):
        while True:
            try:
                query, source = self.socket.recvfrom(4096)
            except OSError:
                return
            self.asked += 1
            at = query.index(b"\0\x0a\0", 12)  # option 10
            size = struct.unpack("!H", query[at + 2:at + 4])[0]
            mine = query[at + 4:at + 12] + b"serverck"
            good = query[at + 4:at + 4 + size] == mine
            question = query[12:query.index(b"\0", 12) + 5]
            options = struct.pack("!HH", 10, len(mine)) + mine
            reply = query[:2] + (b"\x84\0" if good else b"\x84\x07") + b"\0\1\0\0\0\0\0\1" + question
            reply += b"\0\0\x29\x04\xd0" + (b"\0" if good else b"\1") + b"\0\0\0"
            self.socket.sendto(reply + struct.pack("!H", len(options)) + options, source)


def cookies(tally):
    server = CookieServer()
    server.start()
    ask = ["+cookie", "@" + COOKIES, "www.kinds.test"]
    got = rig.rootwalk(ask)
    tally.equal((got.code, server.asked), (0, 2), "BADCOOKIE: asked again with the server's cookie")
    for part in ("status: NOERROR", "(good)", "BADCOOKIE, retrying"):
        tally.holds(got.out, part, "BADCOOKIE: the second reply")
    tally.equal(got.out.count("Got answer"), 1, "BADCOOKIE: one answer")
    shown = rig.rootwalk(["+showbadcookie"] + ask)
    tally.equal(shown.out.count("Got answer"), 2, "+showbadcookie: both answers")
    server.asked = 0
    tally.holds(rig.rootwalk(["+nobadcookie"] + ask).out, "status: BADCOOKIE", "+nobadcookie")
    tally.equal(server.asked, 1, "+nobadcookie: asked once")
    server.socket.close()


def nssearch(lab, tally):
    search = ["+nssearch", "--hints", lab.hints]
    drift = rig.rootwalk(search + ["www.drift.test"])
    lines = sorted(re.sub(r"in \d+ ms", "in N ms", drift.out).splitlines())
    tally.equal(lines, [f"SOA ns1.drift.test. hostmaster.drift.test. {serial} 3600 600 604800 60 "
                        f"from server 127.10.5.{n} in N ms."
                        for n, serial in ((2, 2026112201), (1, 2026112202))],
                "+nssearch: dig's lines, for a name within the zone too")
    tally.equal(drift.code, 0, "+nssearch: dig's exit code")
    half = rig.rootwalk(search + ["half.test"])
    tally.holds(half.out, ";; no SOA from server 127.10.9.8 (ns.half.test): connection refused",
                "+nssearch: who gives none")
    lame = rig.rootwalk(search + ["lame.test"])
    tally.equal((lame.code, lame.out.count(": REFUSED\n")), (6, 2), "+nssearch of a lame zone")
    broken = rig.rootwalk(search + ["broken.test"])
    tally.holds(broken.out, "ns.doesnotexist.test has no address", "+nssearch of a broken zone")
    tally.equal(rig.rootwalk(search + ["lame.test", "+short"]).out, "", "+nssearch +short: data alone")
    rows = [json.loads(line) for line in rig.rootwalk(search + ["half.test", "+json"]).out.splitlines()]
    tally.equal([(r["schema"], r["addr"], r.get("serial"), r.get("error")) for r in rows],
                [("rootwalk.nssearch/1", "127.10.2.1", 2026040109, None),
                 ("rootwalk.nssearch/1", "127.10.9.8", None, "connection refused")],
                "+nssearch +json")


def refused(lab, tally):
    """Command lines that cannot work say what is wrong with them."""
    ran = rig.rootwalk(["-f", lab.folder])
    tally.equal(ran.code, 8, "-f of a folder: exit code")
    tally.holds(ran.err, f"batch file {lab.folder}: Is a directory", "-f of a folder: says so")
    ran = rig.rootwalk(["-f", "/nonexistent/\x1b[31m"])
    tally.check(ran.code == 8 and "\x1b" not in ran.err, "-f of no file: escaped", repr(ran.err))
    ran = rig.rootwalk(["-6", "@" + rig.KINDS, "www.kinds.test"])
    tally.equal(ran.code, 1, "-6 with an IPv4 server: exit code")
    tally.holds(ran.err, "not found with -6", "-6 with an IPv4 server: says so")


def manual():
    return (rig.TOP / "docs/man/rootwalk.1").read_text(encoding="utf-8")


def zsh(tally, environment):
    """Where zsh is installed, its script is at least read by it."""
    if shutil.which("zsh"):
        script = rig.TOP / "resolver/client/completion/_rootwalk"
        done = subprocess.run(["zsh", "-n", script], env=environment, capture_output=True,
                              text=True, check=False)
        tally.equal((done.returncode, done.stderr), (0, ""), "zsh reads its completions")


def completions(tally):
    script = rig.TOP / "resolver/client/completion/rootwalk.bash"
    words = "source %s; COMP_WORDS=(rootwalk %s); COMP_CWORD=1; _rootwalk; echo ${COMPREPLY[*]}"
    environment = dict(os.environ, PATH=f"{pathlib.Path(rig.ROOTWALK).parent}:{os.environ['PATH']}")
    for typed, wanted in (("+tra", "+trace"), ("+noqm", "+noqmin"), ("--hi", "--hints"),
                          ("SO", "SOA")):
        done = subprocess.run(["bash", "-c", words % (script, typed)], env=environment,
                              capture_output=True, text=True, check=False)
        tally.equal(done.stdout.strip(), wanted, f"completion of {typed}")
    dashes = re.findall(r"^\.(?:BI|BR|B) .*", manual(), re.M)
    dashes = set(re.findall(r"\\-\\-[a-z]+|(?<![-\w])\\-[a-z46]\b", "\n".join(dashes)))
    dashes = {word.replace("\\", "") for word in dashes}
    for script in ("rootwalk.bash", "_rootwalk"):
        text = (rig.TOP / "resolver/client/completion" / script).read_text(encoding="utf-8")
        offered = set(re.search(r"-4 -6.*?(?=['\n;])", text)[0].split()) - {"-4", "-6"}
        wanted = dashes - {"-4", "-6", "-k", "-y", "-m"}
        tally.equal(offered & wanted, wanted, f"{script}: every option with a dash")
    zsh(tally, environment)
    listed = rig.rootwalk(["--options"]).out.split()
    page = manual()
    for name in listed:
        tally.check(f"+{name}" in page, f"rootwalk(1) speaks of +{name}")


def run(lab, tally):
    rc_file(lab, tally)
    names(tally)
    options(tally)
    cookies(tally)
    nssearch(lab, tally)
    refused(lab, tally)
    completions(tally)
