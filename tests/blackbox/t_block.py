# SPDX-License-Identifier: MIT
"""Block lists and policy zones in the running daemon: read again while it serves; what waits."""

import os
import signal
import threading
import time

import client
from case import case
from probe import Probe

NAMES = 200000
PATIENCE_S = 30
HEAD = "$TTL 60\n@ SOA ns.rpz. host.rpz. 1 3600 600 86400 30\n@ NS ns.rpz.\n"


def replace(path, data):
    """As editors and downloads do: a new file in the place of the old one."""
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.rename(path + ".new", path)


def listing(word, *more):
    return "".join(f"||{name}^\n" for name in
                   [*(f"{word}{number}.blocked.test" for number in range(NAMES)), *more]).encode()


def rcode_becomes(t, name, wanted):
    """Asks until the answer is that, or patience ends."""
    until = time.monotonic() + PATIENCE_S
    while t.ask(name, timeout=5).rcode != wanted and time.monotonic() < until:
        time.sleep(0.05)
    return t.ask(name, timeout=5).rcode


def log_has(t, text):
    until = time.monotonic() + PATIENCE_S
    while text not in t.resolver.log() and time.monotonic() < until:
        time.sleep(0.05)
    return text in t.resolver.log()


@case("b50", "lists-read-again", group="local", peers=False, limit=180, slack=96.0)
def lists_read_again(t):
    """Lists of 200,000 names come and go while clients ask; no question is lost."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "late A 192.0.2.1\nfirst A 192.0.2.2")
    path = os.path.join(t.folder, "list")
    replace(path, listing("a", "first.example.com"))
    t.options["block"] = {"lists": ["list"]}
    t.options["workers"] = 2
    t.start()
    t.ask("control.ctl")
    probe = Probe(seconds=12, rate=200, timeout=5.0)
    t.equal("listed", t.ask("a7.blocked.test").rcode, "NXDOMAIN")
    t.equal("below", t.ask("x.first.example.com").rcode, "NXDOMAIN")
    t.equal("told", t.ask("first.example.com").ede_text, f"list:{NAMES + 1}")
    replace(path, listing("b", "late.example.com"))
    t.equal("new name", rcode_becomes(t, "late.example.com", "NXDOMAIN"), "NXDOMAIN")
    t.equal("old name", rcode_becomes(t, "first.example.com", "NOERROR"), "NOERROR")
    for _ in range(3):
        t.resolver.signal(signal.SIGHUP)
    # What is no list leaves the old one in force, and says where it is wrong.
    replace(path, b"good.example\nbad\0\n")
    t.true("binary is refused", log_has(t, "list:2: holds a zero byte"))
    t.equal("still listed", t.ask("b7.blocked.test").rcode, "NXDOMAIN")
    os.unlink(path)
    t.true("absence is told", log_has(t, "list: cannot be read"))
    t.resolver.signal(signal.SIGHUP)
    t.true("after HUP", log_has(t, "configuration read again"))
    t.equal("still listed then", t.ask("late.example.com").rcode, "NXDOMAIN")
    replace(path, b"first.example.com\n")
    t.equal("a shorter list", rcode_becomes(t, "late.example.com", "NOERROR"), "NOERROR")
    figures = probe.result()
    t.equal("questions lost", figures["sent"] - figures["ok"], 0)
    t.below("worst", figures["worst"], 5.0)


@case("b51", "policy-zones-wait", group="local", peers=False)
def policy_zones_wait(t):
    """Rules whose answer must be asked for, once more after an answer, or that have none."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "evil A 192.0.2.66\nwall A 192.0.2.80\n"
               "tcp A 192.0.2.1\ndrop A 192.0.2.55\nalias CNAME evil")
    replace(os.path.join(t.folder, "zone"), (HEAD +
            "turned.net CNAME wall.example.com.\n32.66.2.0.192.rpz-ip CNAME wall.example.com.\n"
            "32.55.2.0.192.rpz-ip CNAME rpz-drop.\ntcp.example.com CNAME rpz-tcp-only.\n"
            "never.net CNAME rpz-drop.\n").encode())
    t.options["rpz"] = [{"name": "rpz.test", "file": "zone"}]
    t.start()
    for proto in ("udp", "tcp"):
        t.equal(f"alias {proto}", t.ask("turned.net", proto=proto).data(), ["192.0.2.80"])
        t.equal(f"address {proto}", t.ask("evil.example.com", proto=proto).data(),
                ["192.0.2.80"])
        t.equal(f"chain {proto}", t.ask("alias.example.com", proto=proto).data(),
                ["192.0.2.80"])
    t.equal("why", t.ask("evil.example.com").ede_text, "rpz.test. zone:5")
    t.equal("TC", t.ask("tcp.example.com").tc, True)
    t.equal("over TCP", t.ask("tcp.example.com", proto="tcp").data(), ["192.0.2.1"])
    for name in ("never.net", "drop.example.com", "drop.example.com"):
        t.equal(f"{name} is silent", client.send_udp(client.query(name), timeout=0.7).rcode,
                "TIMEOUT")


@case("b52", "rules-by-view", group="local", peers=False)
def rules_by_view(t):
    """Clients under other rules ask for the same names in turns: no answer made by a rule of one
    is seen by another, out of the cache or while both wait for the same question."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "listed A 192.0.2.1\nevil A 192.0.2.66\n"
               "cloak CNAME listed\nturned A 192.0.2.3\nwall A 192.0.2.80")
    replace(os.path.join(t.folder, "list"), b"listed.example.com\n")
    replace(os.path.join(t.folder, "zone"), (HEAD + "32.66.2.0.192.rpz-ip A 10.0.0.1\n"
            "turned.example.com CNAME wall.example.com.\n").encode())
    t.options["block"] = {"lists": ["list"], "answer": "zero"}
    t.options["rpz"] = [{"name": "rpz.test", "file": "zone"}]
    t.options["views"] = [{"clients": ["10.53.10.32/28"], "block": {"lists": []}, "rpz": []},
                          {"clients": ["10.53.10.64/28"], "rpz": []}]
    t.start()
    under, free, lists = client.CLIENT, "10.53.10.33", "10.53.10.65"
    wanted = {"listed": ("0.0.0.0", "192.0.2.1", "0.0.0.0"),
              "cloak": ("0.0.0.0", "192.0.2.1", "0.0.0.0"),
              "evil": ("10.0.0.1", "192.0.2.66", "192.0.2.66"),
              "turned": ("192.0.2.80", "192.0.2.3", "192.0.2.3")}
    wrong = []

    def one(source, name, address):
        data = t.ask(f"{name}.example.com", source=source, timeout=20).data()
        if data != [address]:
            wrong.append(f"{source} {name}: {data}")

    for _ in range(3):
        clients = [threading.Thread(target=one, args=(source, name, address))
                   for name, addresses in wanted.items()
                   for source, address in zip((under, free, lists), addresses)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
    t.equal("leaks", wrong, [])


@case("b53", "lists-as-published", peers=False, limit=180)
def lists_as_published(t):
    """What lists say in other programs' words is obeyed, what cannot be is told, and a list that
    has become empty blocks what it did before."""
    t.net.zone("com.", "10.53.1.1")
    t.net.zone("example.com.", "10.53.2.1", "tracker A 192.0.2.1\nshop CNAME tracker\n"
               "cloak CNAME tracker\ngood.ads A 192.0.2.2\nloud A 192.0.2.3\nfine A 192.0.2.4")
    path = os.path.join(t.folder, "list")
    text = ("\ufeff||tracker.example.com^|\n@@||shop.example.com^\naddress=/ads.example.com/\n"
            "server=/good.ads.example.com/#\n|loud.example.com^$important\n@@||loud.example.com^\n"
            "localhost\n@@||fine.example.com^$third-party\n||fine.example.com^$domain=x.com\n")
    replace(path, text.encode())
    t.options["block"] = {"lists": ["list"]}
    t.start()
    for name, wanted in (("tracker", "NXDOMAIN"), ("cloak", "NXDOMAIN"), ("shop", "NOERROR"),
                         ("x.ads", "NXDOMAIN"), ("good.ads", "NOERROR"), ("loud", "NXDOMAIN"),
                         ("fine", "NOERROR")):
        t.equal(name, t.ask(f"{name}.example.com").rcode, wanted)
    t.equal("localhost", t.ask("localhost").data(), ["127.0.0.1"])
    t.true("rules are told", log_has(t, "list:9: 1 rules are left out"))
    t.true("exceptions are told", log_has(t, "list:8: 1 exceptions are left out"))
    replace(path, b"# nothing today\n")
    t.true("an empty list is an error", log_has(t, "error: "
           f"{path}: has not one name in 1 lines"))
    t.equal("still listed", t.ask("tracker.example.com").rcode, "NXDOMAIN")
    t.equal("still spared", t.ask("shop.example.com").rcode, "NOERROR")


@case("b54", "zone-files-of-parts", peers=False, limit=180)
def zone_files_of_parts(t):
    """A zone of several files and ranges; each file is watched, and one of another folder not
    read."""
    head = "$TTL 60\n@ SOA ns host 1 3600 600 86400 30\n@ NS ns\nns A 10.7.0.1\n"
    os.mkdir(os.path.join(t.folder, "parts"))
    part = os.path.join(t.folder, "parts", "hosts")
    replace(part, b"nas A 10.7.0.2\n$GENERATE 100-199 dhcp-$ A 10.7.1.$\n")
    replace(os.path.join(t.folder, "home.zone"), (head + "$INCLUDE parts/hosts\n").encode())
    t.options["zones"] = [{"name": "home.arpa", "file": "home.zone"}]
    t.start()
    t.equal("a part", t.ask("nas.home.arpa").data(), ["10.7.0.2"])
    t.equal("a range", t.ask("dhcp-142.home.arpa").data(), ["10.7.1.142"])
    t.equal("its end", t.ask("dhcp-200.home.arpa").rcode, "NXDOMAIN")
    replace(part, b"nas A 10.7.0.2\nnew A 10.7.0.3\n")
    t.equal("a part is watched", rcode_becomes(t, "new.home.arpa", "NOERROR"), "NOERROR")
    replace(part, b"nas A 10.7.0.2\nnew A nothing\n")
    t.true("with its own name", log_has(t, f"{part}:2: \"nothing\" is no data"))
    t.equal("as before", t.ask("new.home.arpa").data(), ["10.7.0.3"])
    replace(part, b"$INCLUDE ../secret\n")
    t.true("nothing from above", log_has(t, f"{part}:1: \"../secret\" has `..` in it"))
