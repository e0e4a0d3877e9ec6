# SPDX-License-Identifier: MIT
"""Each switch of a server, thrown and taken back, as dig sees it."""

import pathlib
import re
import socket
import subprocess

import internet
import rig

NS1, NS2 = "127.10.2.1", "127.10.2.2"
WWW = "192.0.2.10"


def thrown(lab, tally, switch):
    ran = lab.order("set", "ns1.good.test", switch)
    tally.equal(ran.code, 0, f"set {switch}: exit code")
    tally.holds(ran.out, switch, f"set {switch}: shown")


def taken_back(lab, tally, switch):
    ran = lab.order("clear", "ns1.good.test", switch.split("=")[0])
    tally.equal(ran.code, 0, f"clear {switch}: exit code")
    tally.equal(lab.short(NS1, "www.good.test"), WWW, f"clear {switch}: the true answer again")


def silent(lab, tally):
    thrown(lab, tally, "silent")
    tally.equal(lab.ask(NS1, "www.good.test", "a", "+time=1").code, 9, "silent: no answer")
    tally.equal(lab.ask(NS1, "www.good.test", "a", "+time=1", "+tcp").code, 9,
                "silent: none over TCP either")
    tally.equal(lab.short(NS2, "www.good.test"), WWW, "silent: the other server answers")
    taken_back(lab, tally, "silent")


def slow(lab, tally):
    thrown(lab, tally, "slow=1200ms")
    for transport in "+notcp", "+tcp":
        ran = lab.ask(NS1, "www.good.test", "a", "+time=30", "+short", transport)
        tally.equal(ran.out.strip(), WWW, f"slow {transport}: the answer")
        tally.check(ran.seconds >= 1.2, f"slow {transport}: after 1.2 s", str(ran.seconds))
    taken_back(lab, tally, "slow=1200ms")


def lossy(lab, tally):
    thrown(lab, tally, "lossy=100%")
    tally.equal(lab.ask(NS1, "www.good.test", "a", "+time=1").code, 9, "lossy: all are lost")
    tally.equal(lab.short(NS1, "www.good.test", "a", "+tcp"), WWW, "lossy: none over TCP")
    lab.order("set", "ns1.good.test", "lossy=50%")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        got = 0
        for number in range(200):
            client.sendto(query(number), (NS1, 53))
        try:
            while client.recv(512):
                got += 1
        except TimeoutError:
            pass
    # A fair coin stays within these bounds in all but one of 10^12 runs.
    tally.check(50 <= got <= 150, "lossy: about half are lost", f"{got} of 200 came back")
    taken_back(lab, tally, "lossy=50%")


def query(number):
    return number.to_bytes(2, "big") + bytes.fromhex(
        "0000 0001 0000 0000 0000 03 777777 04 676f6f64 04 74657374 00 0001 0001")


def rcodes(lab, tally):
    for switch, status in ("refused", "REFUSED"), ("servfail", "SERVFAIL"):
        thrown(lab, tally, switch)
        tally.holds(lab.ask(NS1, "www.good.test").out, f"status: {status}", switch)
        taken_back(lab, tally, switch)
    thrown(lab, tally, "lame")
    out = lab.ask(NS1, "www.good.test").out
    tally.check("flags: qr;" in out and re.search(r"^\.\s+\d+\s+IN\s+NS\s", out, re.M),
                "lame: the root, without authority", out)
    taken_back(lab, tally, "lame")


def truncating(lab, tally):
    thrown(lab, tally, "truncating")
    out = lab.ask(NS1, "www.good.test", "a", "+ignore").out
    tally.check("flags: qr aa tc;" in out and "ANSWER: 0" in out, "truncating: empty, TC", out)
    tally.holds(lab.ask(NS1, "www.good.test").out, "(TCP)", "truncating: dig turns to TCP")
    taken_back(lab, tally, "truncating")


def stale(lab, tally):
    thrown(lab, tally, "stale")
    tally.holds(lab.short(NS1, "good.test", "soa"), " 2026112201 ", "stale: one serial behind")
    tally.holds(lab.short(NS2, "good.test", "soa"), " 2026112202 ", "stale: the other is not")
    lab.order("change", "good.test", "www A 192.0.2.11")
    tally.equal(lab.short(NS1, "www.good.test"), WWW, "stale: takes no change")
    tally.equal(lab.short(NS2, "www.good.test"), "192.0.2.11", "stale: the other takes it")
    lab.order("clear", "ns1.good.test")
    tally.holds(lab.short(NS1, "good.test", "soa"), " 2026112203 ", "stale: catches up")
    lab.order("change", "good.test", "www 300 A 192.0.2.10")


def wrong(lab, tally):
    thrown(lab, tally, "wrong=198.51.100.66")
    tally.equal(lab.short(NS1, "www.good.test"), "198.51.100.66", "wrong: the false address")
    taken_back(lab, tally, "wrong=198.51.100.66")


def spoof(lab, tally):
    thrown(lab, tally, "spoof")
    out = lab.ask(NS1, "www.good.test").out
    tally.equal(len(re.findall(r"^www\.other\.test\.\s+86400\s+IN\s+A\s+203\.0\.113\.66", out,
                               re.M)), 2, "spoof: in authority and additional")
    taken_back(lab, tally, "spoof")


def wrong_port(lab, tally):
    thrown(lab, tally, "wrong-port")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(query(1), (NS1, 53))
        reply, (address, port) = client.recvfrom(512)
    tally.check(reply[:2] == b"\0\1" and address == NS1 and port != 53,
                "wrong-port: same address, another port", f"{address} {port}")
    tally.equal(lab.ask(NS1, "www.good.test", "a", "+time=1").code, 9, "wrong-port: dig waits on")
    taken_back(lab, tally, "wrong-port")


def no_word_of_keys(lab, tally):
    """Servers that say nothing do not say that there are no keys."""
    lab.order("set", "ns1.good.test", "refused")
    lab.order("set", "ns2.good.test", "refused")
    ran = rig.rootwalk(["+check", "--hints", lab.hints, "good.test"])
    tally.check(ran.code == 6 and "is lame: it says REFUSED" in ran.out and "DNSKEY" not in ran.out,
                "+check of a signed zone whose servers refuse", ran.out)
    lab.order("clear", "all")


def watched(lab, tally):
    """+watch goes on when all servers fall silent; what it knew of them is not shown any more."""
    resolver = lab.resolver()
    rig.dig(["@127.0.0.1", "gone.good.test"])
    lab.order("set", "ns2.good.test", "stale")  # so that there is something to wait for
    with open(lab.folder + "/watch", "wb") as screens:
        watch = subprocess.Popen([rig.ROOTWALK, "+watch", "--hints", lab.hints, "gone.good.test",
                                  "@127.0.0.1"], stdout=screens, stderr=screens)
    try:
        def seen(part):
            return internet.until(lambda: part in pathlib.Path(lab.folder, "watch").read_text(), 60)
        tally.check(seen("at the zone now: 1m"), "+watch: a \"no\" and the zone's SOA")
        lab.order("set", "all", "refused")
        tally.check(seen("no server of the zone gives"), "+watch: all servers refuse")
        last = pathlib.Path(lab.folder, "watch").read_text().split("gone.good.test. IN A")[-1]
        tally.check("at the zone now" not in last, "+watch: nothing of a zone that is silent", last)
        tally.check(watch.poll() is None, "+watch: goes on")
    finally:
        watch.terminate()
        watch.wait(internet.WAIT_S)
        resolver.terminate()
        resolver.wait(internet.WAIT_S)
        lab.order("clear", "all")


def several(lab, tally):
    lab.order("set", "all", "slow=1ms", "servfail")
    tally.holds(lab.ask("127.10.0.1", "test", "ns").out, "status: SERVFAIL", "all: every server")
    ran = lab.order("status", "127.10.3.1")
    tally.check(re.search(r"ns\.other\.test +127\.10\.3\.1 .*slow=1ms servfail", ran.out),
                "status: by address", ran.out)
    lab.order("clear", "all")
    tally.equal(lab.order("set", "ns1.good.test", "silent", "sleepy").code, 1, "set: one is wrong")
    tally.equal(lab.short(NS1, "www.good.test"), WWW, "clear all, and set all or nothing")


def run(lab, tally):
    for test in (silent, slow, lossy, rcodes, truncating, stale, wrong, spoof, wrong_port,
                 no_word_of_keys, watched, several):
        test(lab, tally)
