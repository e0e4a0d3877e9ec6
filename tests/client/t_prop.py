# SPDX-License-Identifier: MIT
"""+prop against NSD and a rootwalkd in the lab: who is old, for how long, and what is to be done."""

import json
import re
import subprocess
import time

import rig

OLD, NEW = "192.0.2.92", "192.0.2.91"


def prop(lab, *words):
    return rig.rootwalk(["+prop", "--hints", lab.hints] + list(words))


def hold_old(lab):
    """A resolver whose cache holds the old server's answer: it asks either, so try again."""
    for _ in range(20):
        lab.resolver()
        if OLD in rig.dig(["@127.0.0.1", "+short", "www.drift.test"]).out:
            return True
    return False


def servers_disagree(lab, tally):
    ran = prop(lab, "www.drift.test")
    tally.equal(ran.code, 7, "+prop drift: exit code")
    tally.check(re.search(rf"ns1.drift.test +127.10.5.1 +2026112202 +{NEW} +5m +NEW", ran.out),
                "+prop drift: the new server", ran.out)
    tally.check(re.search(rf"ns2.drift.test +127.10.5.2 +2026112201 +{OLD} +5m +OLD", ran.out),
                "+prop drift: the old server", ran.out)
    tally.holds(ran.out, "1h5m = refresh 1h + ttl 5m  (a failed refresh adds 10m)",
                "+prop drift: the sum")
    tally.holds(ran.out, "follow the parent test.: NS 1h", "+prop drift: the parent's TTL")
    tally.holds(ran.line("verdict"), "OLD on 1 of 2 servers", "+prop drift: verdict")
    tally.holds(ran.line("verdict"), "repair ns2.drift.test 127.10.5.2 first",
                "+prop drift: the guilty server")


def caches(lab, tally):
    if not tally.check(hold_old(lab), "+prop: a cache with the old answer"):
        return
    time.sleep(1.1)
    ran = prop(lab, "www.drift.test", "@127.0.0.1")
    row = re.search(rf"127.0.0.1 +RD=0 +{OLD} +4m(\d+)s +5m +(\d+)s  OLD", ran.out)
    tally.check(row and int(row[1]) + int(row[2]) == 60, "+prop: an old cache, left and ago",
                ran.out)
    tally.holds(ran.out, "caches seen here     by ", "+prop: when the cache is rid of it")
    tally.holds(ran.line("verdict"), "1 of 1 resolvers", "+prop: caches in the verdict")
    data = json.loads(prop(lab, "+json", "www.drift.test", "@127.0.0.1").out)
    tally.equal(data["schema"], "rootwalk.prop/1", "+prop +json: schema")
    tally.equal([s["state"] for s in data["servers"]], ["NEW", "OLD"], "+prop +json: servers")
    tally.equal(data["resolvers"][0]["state"], "old", "+prop +json: resolver")
    tally.equal(data["exit"], 7, "+prop +json: exit")
    tally.equal(data["bound"], {"seconds": 3900, "refresh": 3600, "ttl": 300, "parent_ns_ttl": 3600},
                "+prop +json: the bound and its sum")
    tally.equal([(n["name"], n["at_parent"], n["at_zone"], n["glue_wrong"]) for n in data["names"]],
                [(f"ns{i}.drift.test.", True, True, False) for i in (1, 2)], "+prop +json: names")


def negative(lab, tally):
    lab.resolver()
    rig.dig(["@127.0.0.1", "nope.good.test"])
    ran = prop(lab, "nope.good.test", "@127.0.0.1")
    tally.equal(ran.code, 3, "+prop of a name that is not there: exit code")
    tally.check(re.search(r"127.0.0.1  NXDOMAIN  (1m|\d\ds) left; cached with serial 2026112202",
                          ran.out), "+prop: the countdown of a \"no\"", ran.out)
    tally.holds(ran.out, "1m = min(SOA ttl 5m, SOA minimum 1m)", "+prop: its sum")
    data = json.loads(prop(lab, "+json", "nope.good.test", "@127.0.0.1").out)
    tally.equal(data["resolvers"][0]["negative_serial"], 2026112202, "+prop +json: its serial")


def sound_and_broken(lab, tally):
    for line, code, part in (
            ("www.good.test", 0, "the same on every server that answers (2)"),
            ("www.good.test @127.0.0.9", 0, "(2); 1 of 1 resolvers gave no answer"),
            ("alias.good.test", 0, "the same on every server that answers (2)"),
            ("www.half.test", 0, "the same on every server that answers (1)"),
            ("www.sub.good.test aaaa", 3, "the same on every server"),
            ("www.lame.test", 6, "no server of the zone gives an authoritative answer"),
            ("www.broken.test", 6, "no server of the zone gives an authoritative answer"),
            ("www.circle-a.test", 6, "no server of the zone gives an authoritative answer")):
        ran = prop(lab, *line.split())
        tally.equal(ran.code, code, f"+prop {line}: exit code")
        tally.holds(ran.line("verdict"), part, f"+prop {line}: verdict")
        tally.check(ran.seconds < 15, f"+prop {line}: in time", f"{ran.seconds:.1f} s")
        tally.check(max(map(len, ran.out.splitlines())) <= 80, f"+prop {line}: 80 columns",
                    max(ran.out.splitlines(), key=len))
        tally.equal(ran.err, "", f"+prop {line}: no error output")
    none = prop(lab, "www.good.test", "@127.0.0.9").out
    tally.check("holds anything older" not in none, "+prop: nothing is said of a silent cache", none)
    held = prop(lab, "+port=54", "www.good.test", "@127.10.2.1")
    tally.check(re.search(r"127.10.2.1 +RD=0 +192.0.2.10 .* held$", held.out, re.M),
                "+prop without an authority: a cache is neither new nor old", held.out)
    data = json.loads(prop(lab, "+json", "+port=54", "www.good.test", "@127.10.2.1").out)
    tally.equal(data["resolvers"][0]["state"], "held", "+prop +json without an authority")
    lame = prop(lab, "www.lame.test")
    tally.check(re.search(r"ns.other.test +127.10.3.1 .*REFUSED .*LAME", lame.out), "+prop: LAME")
    half = prop(lab, "www.half.test")
    tally.check(re.search(r"ns.half.test +127.10.9.8 .*refused .*DOWN", half.out), "+prop: DOWN")


def watch(lab, tally):
    ran = prop(lab, "+watch", "www.good.test")
    tally.equal(ran.code, 0, "+watch of what agrees: exit code")
    tally.equal(prop(lab, "+watch=192.0.2.10", "www.good.test").code, 0, "+watch=VALUE: exit code")
    try:
        out = subprocess.run([rig.ROOTWALK, "+watch", "--hints", lab.hints, "www.drift.test"],
                             capture_output=True, timeout=7, check=False).stdout
    except subprocess.TimeoutExpired as still:
        out = still.stdout or b""
        tally.equal(out.count(b"AUTHORITATIVE"), 2, "+watch: again after five seconds")
        return
    tally.check(False, "+watch goes on while servers disagree", out.decode())


def run(lab, tally):
    servers_disagree(lab, tally)
    caches(lab, tally)
    negative(lab, tally)
    sound_and_broken(lab, tally)
    watch(lab, tally)
    lab.end_resolver()
