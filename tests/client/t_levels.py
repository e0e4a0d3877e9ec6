# SPDX-License-Identifier: MIT
"""+allns and +cache: every server and a resolver's cache beside each hop, in all three outputs."""

import json
import re

import rig


def trace(lab, *words):
    return rig.rootwalk(["+trace", "--hints", lab.hints] + list(words))


def beside(ran, number):
    """The details under hop `number`."""
    found = re.search(rf"^{number} \S.*\n((?:  [|`] .*\n)+)", ran.out, re.M)
    return found[1] if found else ""


def all_servers(lab, tally):
    drift = trace(lab, "+allns", "www.drift.test")
    tally.equal(drift.code, 7, "+allns where servers differ: exit code")
    for part in ("drift.test.: ", "ns1.drift.test serial 2026112202",
                 "ns2.drift.test serial 2026112201", "rootwalk +prop"):
        tally.holds(drift.line("warn"), part, "+allns: warning")
    tally.equal(drift.out.count("THEY DISAGREE"), 1, "+allns: only one level disagrees")
    hop = beside(drift, 3)
    tally.check(re.search(r"ns1.drift.test +127.10.5.1 +2026112202  192.0.2.91", hop)
                and re.search(r"ns2.drift.test +127.10.5.2 +2026112201  192.0.2.92 +!", hop),
                "+allns: the servers stand beside their hop", drift.out)
    tally.check(re.search(r"^  ` .* 127.10.5.2 ", hop, re.M), "+allns: the last one closes it", hop)
    sound = trace(lab, "+allns", "alias.good.test")
    tally.equal(sound.code, 0, "+allns where all agree: exit code")
    tally.equal(sound.out.count("all say the same"), 5, "+allns: five levels")
    tally.equal(sound.line("warn"), "", "+allns where all agree: no warning")
    # No glue: each of the servers is looked up. One hop asked for a shortened name: one block.
    bare = trace(lab, "+allns", "www.shop.example")
    tally.check(all(a in beside(bare, 3) for a in ("127.10.4.1", "127.10.4.2")),
                "+allns: servers without glue are looked up", bare.out)
    tally.equal(trace(lab, "+allns", "a.b.ent.test").out.count("all servers   ent.test."), 1,
                "+allns: once for each level")
    half = trace(lab, "+allns", "www.half.test")
    tally.check("connection refused" in half.out and half.code == 0 and
                "2 addresses, 1 silent, the others say the same" in half.out,
                "+allns: a dead server is a line, and no disagreement", half.out)


def cache(lab, tally):
    lab.resolver()
    rig.dig(["@127.0.0.1", "www.good.test"])
    held = trace(lab, "+cache=@127.0.0.1", "www.good.test")
    tally.equal(held.code, 0, "+cache: exit code")
    tally.holds(held.out, "beside each hop what 127.0.0.1 still holds of it (RD=0)", "+cache")
    tally.check(re.search(r"` cache +www.good.test. A +(4m\d+s|5m) left of 5m, the same",
                          beside(held, 3)), "+cache: the answer, what is left", held.out)
    tally.check(re.search(r"\| cache +. NS .* left: a.root-servers.lab., b.root-servers.lab.\n",
                          beside(held, 1)), "+cache: the root's servers", held.out)
    tally.check(re.search(r"` cache +good.test. NS ", beside(held, 2)),
                "+cache: the delegation", held.out)
    cold = trace(lab, "+cache=@127.0.0.1", "www.other.test")
    tally.holds(beside(cold, 3), "REFUSED (not held, or no RD=0)", "+cache: not held")
    dead = trace(lab, "+cache=@127.10.9.7", "www.good.test")
    tally.holds(beside(dead, 3), "no word: connection refused", "+cache: nobody is there")
    tally.equal(dead.code, 0, "+cache: nobody is there, exit code")
    wrong = trace(lab, "+cache=@no such host", "www.good.test")
    tally.equal((wrong.code, wrong.out), (1, ""), "+cache: an unknown resolver ends it at once")
    both = trace(lab, "+allns", "+cache=@127.0.0.1", "www.good.test")
    tally.equal([beside(both, 3).count(w) for w in ("  ` ", "all servers", "cache  ")], [1, 1, 1],
                "+allns +cache: both beside the hop, one closing line")
    cache_differs(lab, tally)


def cache_differs(lab, tally):
    """A cache that holds what the asked server does not say."""
    for _ in range(20):
        lab.resolver()
        rig.dig(["@127.0.0.1", "www.drift.test"])
        ran = trace(lab, "+cache=@127.0.0.1", "www.drift.test")
        if "DIFFERS" in ran.out:
            break
    tally.check(re.search(r"cache +www.drift.test. A  .* left of 5m, DIFFERS: 192.0.2.9[12]",
                          beside(ran, 3)), "+cache: other data are marked", ran.out)


def programs(lab, tally):
    lab.resolver()
    rig.dig(["@127.0.0.1", "www.drift.test"])
    words = ["+allns", "+cache=@127.0.0.1", "www.drift.test"]
    ran = trace(lab, "+json", *words)
    lines = [json.loads(line) for line in ran.out.splitlines()]
    tally.equal({line["schema"] for line in lines}, {"rootwalk.trace/1"}, "+json: schema")
    hops = [line for line in lines if line["event"] == "hop"]
    tally.check(len(hops) == 4 and all(len(hop["wire"]) == 2 * hop["size"] and
                hop["wire"].startswith(f"{hop['msg']['ID']:04x}") for hop in hops),
                "+json: each reply as it came", str(hops))
    names = [line["event"] for line in lines if line["event"] in ("servers", "cache", "verdict")]
    tally.equal(names, ["servers", "cache"] * 3 + ["verdict"], "+json: events in order")
    last = [line for line in lines if line["event"] == "servers"][-1]
    tally.equal((last["n"], last["zone"], last["agree"]), ("3", "drift.test.", False),
                "+json: the level that disagrees")
    tally.equal([(s["serial"], s["answer"], s["differs"]) for s in last["servers"]],
                [(2026112202, "192.0.2.91", False), (2026112201, "192.0.2.92", True)],
                "+json: its servers")
    held = [line for line in lines if line["event"] == "cache"][-1]["held"][0]
    tally.check(held["state"] == "held" and held["ttl_left"] <= held["ttl"] == 300,
                "+json: what the cache holds", str(held))
    tally.equal([s["serial"] for s in lines[-1]["serials"]], [2026112202, 2026112201],
                "+json: serials in the verdict")
    tally.equal(lines[-1]["exit"], 7, "+json: exit")
    short = trace(lab, "+short", *words)
    rows = short.out.splitlines()
    tally.equal(rows[:2], ["192.0.2.91 from server 127.10.5.1 serial 2026112202",
                           "192.0.2.92 from server 127.10.5.2 serial 2026112201"],
                "+short +allns: data with their server")
    tally.check(len(rows) == 3 and re.match(r"192.0.2.9[12] from cache 127.0.0.1, .* left$",
                                            rows[2]), "+short +cache", short.out)
    tally.equal(short.code, 7, "+short: exit code")


def run(lab, tally):
    all_servers(lab, tally)
    cache(lab, tally)
    programs(lab, tally)
    lab.end_resolver()
