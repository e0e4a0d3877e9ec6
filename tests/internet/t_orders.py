# SPDX-License-Identifier: MIT
"""Orders to a lab that runs, the command line, and how a lab starts and ends."""

import os
import pathlib
import re
import signal
import socket
import subprocess

import internet
import rig

NS1, NS2 = "127.10.2.1", "127.10.2.2"


def changes(lab, tally):
    ran = lab.order("change", "good.test", "www 60 A 192.0.2.11")
    tally.equal(ran.out, "good.test serial 2026112203: ns1.good.test new ns2.good.test new\n",
                "change: what it says")
    for server in NS1, NS2:
        tally.equal(lab.short(server, "www.good.test"), "192.0.2.11", f"change: at {server}")
        tally.holds(lab.short(server, "good.test", "soa"), " 2026112203 ", f"serial at {server}")
    lab.order("set", "ns2.good.test", "notify-less")
    ran = lab.order("change", "good.test", "fresh 60 A 192.0.2.12", "fresh 60 A 192.0.2.13")
    tally.holds(ran.out, "ns2.good.test OLD", "notify-less: said")
    tally.equal(sorted(lab.short(NS1, "fresh.good.test").split()), ["192.0.2.12", "192.0.2.13"],
                "a new name: at the primary")
    tally.holds(lab.ask(NS2, "fresh.good.test").out, "status: NXDOMAIN", "a new name: not yet")
    tally.holds(lab.order("status").out,
                "  good.test: serial 2026112203, the newest is 2026112204", "status: who is old")
    lab.order("sync", "ns2.good.test")
    tally.holds(lab.ask(NS2, "fresh.good.test").out, "status: NOERROR", "sync: has it now")
    lab.order("remove", "good.test", "fresh A")
    tally.holds(lab.ask(NS1, "fresh.good.test").out, "status: NXDOMAIN", "remove: gone again")
    lab.order("clear", "all")


def signatures(lab, tally):
    """What is changed is signed: an independent reader of the zone's records agrees."""
    lab.order("change", "good.test", "signed 60 A 192.0.2.14")
    lab.unbound()
    out = rig.dig(["@127.0.0.53", "+dnssec", "+time=10", "signed.good.test"]).out
    tally.check("status: NOERROR" in out and re.search("flags:[^;]* ad[ ;]", out),
                "change: signed, and unbound believes it", out)


def logged(lab, tally):
    """--log: who was asked what, and what was said; names of any bytes cannot harm a terminal."""
    lab.order("set", "ns1.good.test", "silent")
    lab.ask(NS1, "hush.good.test", "txt", "+time=1")
    lab.order("clear", "ns1.good.test")
    lab.ask(NS1, "a\\027b.good.test", "a")
    lab.ask("127.10.0.1", "test", "ns", "+tcp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"\0\1\0\0\0\1", (NS1, 53))
        client.sendto(b"\0\1\0\0\0\1" + bytes(6), (NS1, 53))
        client.settimeout(internet.WAIT_S)
        client.recv(512)
    for line in ("ns1.good.test        udp hush.good.test. TXT              no reply",
                 "ns1.good.test        udp a\\027b.good.test. A              NXDOMAIN aa, 0 answers",
                 "a.root-servers.lab   tcp test. NS                         NOERROR, 0 answers",
                 "ns1.good.test        udp (junk)                           no reply",
                 "ns1.good.test        udp (junk)                           FORMERR, 0 answers"):
        tally.holds(lab.log(), line + "\n", f"--log: {line.split()[2]}")
    ran = rig.Ran([internet.LAB, "-D", lab.folder, "run", "--log", "--detach"])
    tally.equal(ran.code, 2, "--log with --detach: refused")


MISTAKES = (
    (["set", "ns9.good.test", "slow"], "say which server"),
    (["set", "ns1.good.test"], "set needs a server and a switch"),
    (["set", "ns1.good.test", "sleepy"], "there is no switch \"sleepy\"; there are silent"),
    (["clear", "ns1.good.test", "sleepy"], "there is no switch"),
    (["status", "nobody"], "there is no such server"),
    (["change", "none.test", "www A 192.0.2.1"], "there is no zone \"none.test\""),
    (["change", "good.test"], "change needs a zone and a record"),
    (["change", "good.test", "www A"], "is no record"),
    (["change", "good.test", "www CNAME mail"],
     "good.test stays as it was: a name with a CNAME has no other records"),
    (["change", "good.test"] + [f"www A 192.0.2.{n}" for n in range(101)],
     "a change has 1 to 100 records"),
    (["change", "good.test"] + [f"www A 192.0.2.{n}" for n in range(200)],
     "a change has 1 to 100 records"),
    (["remove", "good.test", "none A"], "good.test has no such record"),
    (["remove", "good.test", "none"], "write NAME and TYPE"),
    (["remove", "good.test", "@ SOA"], "the SOA changes by itself"),
    (["remove", "other.test", "@ SOA"], "the SOA changes by itself"),
    (["remove", "good.test", "www NSEC"], "made by the lab"),
    (["change", "good.test", "www NSEC a.good.test. A"], "made by the lab"),
    (["change", "good.test", "www CH A 192.0.2.1"], "only records of class IN"),
    (["change", "good.test", "a A 192.0.2.1\nb A 192.0.2.2"], "a word of its own"),
    (["set", "ns1.good.test", "spoof=a. TXT \"\x1b[31m\""], "printable ASCII"),
    (["stop", "it"], "takes fewer words"),
    (["status", "ns1.good.test", "ns2.good.test"], "takes fewer words"),
    (["sync"], "say which server"),
)


def mistakes(lab, tally):
    for words, part in MISTAKES:
        ran = lab.order(*words)
        tally.equal(ran.code, 1, f"{' '.join(words[:4])}: exit code")
        tally.holds(ran.err, part, f"{' '.join(words[:4])}: says what")
    tally.equal(lab.order("status").code, 0, "the lab goes on")
    for words in ["fly"], ["run", "a", "b"], ["run", "-p", "0"], ["run", "-p", "x"], []:
        tally.equal(lab.order(*words).code, 2, f"usage: {words}")
    tally.holds(lab.order("run", "no-such.yaml").err, "no-such.yaml: cannot be read",
                "run: a scenario that is not there")
    tally.equal(lab.order("check").code, 0, "check: the built-in scenario")
    full = rig.Ran(["sh", "-c", f"{internet.LAB} -D {lab.folder} status >/dev/full"])
    tally.check(full.code == 1 and "cannot be written" in full.err, "status on a full disk", full.err)


def oversized(lab, tally):
    """reaches LIMIT_LAB_COMMAND: who sends more is cut off, and the lab goes on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(internet.WAIT_S)
        client.connect(lab.folder + "/control")
        try:
            client.sendall(b"x" * 20000 + b"\0")
            answer = client.recv(100)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
        tally.equal(answer, b"", "an order of 20 kB gets no answer")
    tally.equal(lab.order("change", "good.test", "long TXT " + "x" * 17000).code, 1,
                "the command refuses it by itself")
    tally.equal(lab.order("status").code, 0, "and the lab answers the next one")


def one_at_a_time(lab, tally):
    ran = rig.Ran([internet.LAB, "-D", lab.folder, "run"])
    tally.equal(ran.code, 1, "a second lab in the folder: exit code")
    tally.holds(ran.err, "a lab runs in", "a second lab in the folder: says so")
    other = lab.folder + "/other"
    ran = rig.Ran([internet.LAB, "-D", other, "run", "-p", internet.PORT])
    tally.equal(ran.code, 1, "a second lab on the port: exit code")
    tally.check("address already in use" in ran.err and "--port" in ran.err,
                "a second lab on the port: says so", ran.err)


def unfit(lab, tally):
    """Folders that a lab must not or cannot live in; nothing is left running, nothing overwritten."""
    folder = pathlib.Path(lab.folder) / "mine"
    folder.mkdir()
    mine = folder / "rootwalk.yaml"
    mine.write_text("listen: [127.0.0.1]\n", encoding="ascii")
    ran = rig.Ran([internet.LAB, "-D", str(folder), "run", "-d", "-p", "5399"])
    tally.equal(ran.code, 1, "a folder with a configuration: exit code")
    tally.holds(ran.err, "would be overwritten", "a folder with a configuration: says so")
    tally.equal(mine.read_text(encoding="ascii"), "listen: [127.0.0.1]\n",
                "a folder with a configuration: it is as it was")
    long = lab.folder + "/" + "d" * 100
    ran = rig.Ran([internet.LAB, "-D", long, "run", "-d", "-p", "5399"])
    tally.equal(ran.code, 1, "a folder with a long name: exit code")
    tally.holds(ran.err, "too long for a socket", "a folder with a long name: says so")


def detached(lab, tally):
    """A lab of one's own scenario, with ::1 and files, left running and stopped."""
    folder = pathlib.Path(lab.folder) / "second"
    folder.mkdir()
    (folder / "own.zone").write_text("$TTL 60\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 127.0.0.77\n"
                                     "www A 192.0.2.77\n", encoding="ascii")
    (folder / "own.yaml").write_text(
        "port: 5377\nservers:\n  - {name: ns.own.test, address: [127.0.0.77, \"::1@5378\"], "
        "zones: own.test, switches: [slow=10ms]}\nzones:\n  - {name: own.test, file: own.zone}\n",
        encoding="ascii")
    run = str(folder / "run")
    ran = rig.Ran([internet.LAB, "-D", run, "run", "--detach", str(folder / "own.yaml")])
    if not tally.equal(ran.code, 0, "detached: exit code " + ran.err):
        return
    tally.holds(ran.out, "1 servers and 1 zones on port 5377", "detached: says where")
    tally.equal(lab.short("127.0.0.77", "www.own.test", "a", "-p", "5377"), "192.0.2.77",
                "detached: answers once the command is back")
    tally.equal(lab.short("::1", "www.own.test", "a", "-p", "5378"), "192.0.2.77",
                "detached: answers at ::1")
    tally.equal(rig.Ran([internet.LAB, "-D", run, "stop"]).code, 0, "stop: exit code")
    tally.check(internet.until(lambda: not os.path.exists(run + "/control")), "stop: it ends")
    ran = rig.Ran([internet.LAB, "-D", run, "status"])
    tally.equal(ran.code, 1, "status of none: exit code")
    tally.holds(ran.err, "no lab runs in", "status of none: says so")


def files(lab, tally):
    mode = os.stat(lab.folder + "/control").st_mode & 0o777
    tally.equal(oct(mode), "0o600", "control: for its owner only")
    hints = pathlib.Path(lab.hints).read_text(encoding="ascii")
    tally.holds(hints, "a.root-servers.lab. 518400 IN A 127.10.0.1", "hints: an address")
    anchors = pathlib.Path(lab.folder + "/anchors").read_text(encoding="ascii")
    tally.check(re.match(r"^\. \d+ IN DS \d+ 13 2 [0-9a-f]{64}$", anchors), "anchors", anchors)
    ran = rig.Ran([str(internet.BUILD / "rootwalkd"), "--check", lab.folder + "/rootwalk.yaml"])
    tally.equal(ran.code, 0, "rootwalk.yaml: rootwalkd takes it " + ran.out + ran.err)
    zones = lab.folder + "/zones"
    tally.equal(lab.order("zones", zones).code, 0, "zones: exit code")
    tally.check(len(os.listdir(zones)) >= 20, "zones: files", str(os.listdir(zones)))
    for zone in "test", "good.test", "wild.test":
        ran = rig.Ran(["ldns-verify-zone", f"{zones}/{zone}.zone"])
        tally.equal(ran.code, 0, f"zones: {zone} verifies {ran.err}")
    for zone in "bogus.test", "expired.test":
        ran = rig.Ran(["ldns-verify-zone", f"{zones}/{zone}.zone"])
        tally.check(ran.code != 0, f"zones: {zone} does not verify")


def ends(lab, tally):
    for number in signal.SIGTERM, signal.SIGINT:
        lab.lab.send_signal(number)
        try:
            tally.equal(lab.lab.wait(internet.WAIT_S), 0, f"{number.name}: exit code")
        except subprocess.TimeoutExpired:
            tally.check(False, f"{number.name}: the lab ends")
        tally.check(not os.path.exists(lab.folder + "/control"), f"{number.name}: socket is gone")
        lab.start()


def run(lab, tally):
    for test in (files, logged, changes, signatures, mistakes, oversized, one_at_a_time, unfit, detached,
                 ends):
        test(lab, tally)
