# SPDX-License-Identifier: MIT
"""What is ours: zones, hosts, leases and views, their files while they change, and real clients."""

import os
import signal
import subprocess
import threading
import time

import client
from case import case
from lab import faults
from rig import write
from steady import Steady

HOME = """$TTL 300
@ SOA ns hostmaster {serial} 2 3 4 60
@ NS ns
ns A 10.7.0.1
www A {address}
nasalias CNAME nas.home.arpa.
out CNAME hot1.ctl.
x.ent A 10.7.0.3
*.wild A 10.7.0.4
sub NS ns.sub
ns.sub A 10.53.1.60
"""


def put(t, name, text):
    """As an editor does: a new file in the old one's place."""
    write(t.folder, name + ".new", text)
    os.rename(os.path.join(t.folder, name + ".new"), os.path.join(t.folder, name))


def until(seconds, true):
    """Whether it came true; the bound is generous, for the machine may be busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def log_has(t, text):
    return until(20, lambda: text in t.resolver.log())


def lease(address, name, seconds, number=1):
    return f"{int(time.time()) + seconds} aa:bb:cc:00:00:{number:02x} {address} {name} *\n"


def home(t):
    put(t, "home.zone", HOME.format(serial=1, address="10.7.0.2"))
    put(t, "hosts", "# of the house\n10.7.1.1 printer.home.arpa printer\n"
        "fd00::11 printer.home.arpa\nnonsense\n")
    put(t, "leases", lease("10.7.2.1", "Phone", 1000) + lease("10.7.2.2", "brief", 4, 2))
    t.options["zones"] = [{"name": "home.arpa", "file": "home.zone"}]
    t.options["hosts"] = {"nas.home.arpa": ["10.7.0.10"]}
    t.options["hosts-files"] = ["hosts"]
    t.options["leases"] = [{"format": "dnsmasq", "file": "leases", "domain": "home.arpa"}]
    t.net.zone("sub.home.arpa.", "10.53.1.60", "deep A 10.7.3.1", delegate=False)


@case("o1", "own-names", group="local", peers=False)
def own_names(t):
    home(t)
    t.start()
    mark = t.mark()
    for name, qtype, wanted in (
            ("www.home.arpa", "A", ["10.7.0.2"]), ("nas.home.arpa", "A", ["10.7.0.10"]),
            ("nas.home.arpa", "AAAA", []), ("nasalias.home.arpa", "A", ["10.7.0.10"]),
            ("printer.home.arpa", "AAAA", ["fd00::11"]), ("phone.home.arpa", "A", ["10.7.2.1"]),
            ("a.wild.home.arpa", "A", ["10.7.0.4"]), ("ent.home.arpa", "A", []),
            ("2.0.7.10.in-addr.arpa", "PTR", ["www.home.arpa."]),
            ("1.2.7.10.in-addr.arpa", "PTR", ["phone.home.arpa."]),
            ("1.1.7.10.in-addr.arpa", "PTR", ["printer.home.arpa."])):
        answer = t.ask(name, qtype)
        t.equal(f"{name} {qtype}", answer.data(qtype), wanted)
        t.true("AA", answer.flags & 0x0400)
    t.equal("none", t.ask("none.home.arpa").rcode, "NXDOMAIN")
    t.equal("asked of others", t.sent(mark), 0)
    t.true("the bad line is told", log_has(t, "hosts:4: \"nonsense\" is no address"))
    t.equal("out of the zone", t.ask("out.home.arpa").data(), ["192.0.2.1"])
    t.equal("delegated", t.ask("deep.sub.home.arpa").data(), ["10.7.3.1"])
    t.true("a lease ends by itself",
           until(20, lambda: t.ask("brief.home.arpa").rcode == "NXDOMAIN"))
    put(t, "leases", lease("10.7.2.9", "Tablet", 1000) + "17 half")
    t.true("a new lease", until(20, lambda: t.ask("tablet.home.arpa").data() == ["10.7.2.9"]))
    t.equal("an old one", t.ask("phone.home.arpa").rcode, "NXDOMAIN")
    put(t, "home.zone", HOME.format(serial=2, address="10.7.0.99") + "www CNAME ns\n")
    t.true("a bad zone is told", log_has(t, "home.zone:12:"))
    t.equal("and the old one stays", t.ask("www.home.arpa").data(), ["10.7.0.2"])


def change_files(t, rounds):
    """Each file changes in every round, whole and in pieces, and HUP comes in between."""
    for i in range(rounds):
        address = f"10.7.0.{2 + i % 2}"
        put(t, "home.zone", HOME.format(serial=i, address=address))
        put(t, "hosts", f"10.7.1.{1 + i % 2} printer.home.arpa\n")
        with open(os.path.join(t.folder, "leases"), "r+") as file:
            file.seek(0, os.SEEK_END)
            file.write(lease("10.7.2.1", "Phone", 1000 + i)[:12])
            file.flush()
            time.sleep(0.1)
            file.write(lease("10.7.2.1", "Phone", 1000 + i)[12:])
        if i % 2:
            t.resolver.signal(signal.SIGHUP)
        time.sleep(0.2)


@case("o2", "own-swap", group="local", peers=False, limit=120, slack=6.0)
def own_swap(t):
    home(t)
    put(t, "hosts", "10.7.1.1 printer.home.arpa\n")
    t.options["workers"] = 2
    t.start()
    t.ask("hot2.ctl")
    steady = Steady(8, {"www.home.arpa": ["10.7.0.2", "10.7.0.3"],
                        "printer.home.arpa": ["10.7.1.1", "10.7.1.2"],
                        "phone.home.arpa": ["10.7.2.1"], "nas.home.arpa": ["10.7.0.10"],
                        "out.home.arpa": ["192.0.2.1"], "hot2.ctl": ["192.0.2.2"]})
    change_files(t, 20)
    result = steady.result()
    t.at_least("per second", result["rate"], 1000 / t.pace)
    t.equal("lost of " + str(result["asked"]), result["lost"], 0)
    t.equal("wrong " + result["example"], result["wrong"], 0)
    t.true("read again", t.resolver.log().count("were read again") >= 3)


@case("o3", "own-views", group="local", peers=False, limit=60)
def own_views(t):
    """Clients of three views ask for the same names at once, while the answers are on their way."""
    put(t, "a.zone", HOME.format(serial=1, address="10.7.0.100").replace("hot1.ctl.", "slow.pub.")
        + "out3 CNAME pubalias.pub.\n")
    put(t, "b.zone", HOME.format(serial=1, address="10.7.0.200"))
    t.options["views"] = [
        {"clients": ["10.53.10.32/28"], "zones": [{"name": "both.pub", "file": "a.zone"}]},
        {"clients": ["10.53.10.64/28"], "zones": [{"name": "both.pub", "file": "b.zone"}],
         "hosts": {"slow.pub": ["10.7.9.9"]}}]
    t.net.zone("pub.", "10.53.1.70", "slow A 192.0.2.70\npubalias CNAME www.both.pub.\n"
               "tosub CNAME deep.sub.both.pub.\nwww.both A 192.0.2.71\n"
               "deep.sub.both A 192.0.2.72\n")
    t.net.zone("sub.both.pub.", "10.53.1.60", "deep A 10.7.3.1\nback CNAME slow.pub.",
               delegate=False)
    t.net.server("10.53.1.70").faults.append(faults.slow(0.3))
    t.net.server("10.53.1.60").faults.append(faults.slow(0.3))
    t.start()
    wanted = {
        "10.53.10.33": {"www.both.pub": "10.7.0.100", "pubalias.pub": "10.7.0.100",
                        "out.both.pub": "192.0.2.70", "slow.pub": "192.0.2.70",
                        "out3.both.pub": "10.7.0.100", "tosub.pub": "10.7.3.1",
                        "deep.sub.both.pub": "10.7.3.1", "back.sub.both.pub": "192.0.2.70"},
        "10.53.10.65": {"www.both.pub": "10.7.0.200", "pubalias.pub": "10.7.0.200",
                        "slow.pub": "10.7.9.9", "tosub.pub": "10.7.3.1",
                        "back.sub.both.pub": "10.7.9.9"},
        "10.53.10.2": {"www.both.pub": "192.0.2.71", "pubalias.pub": "192.0.2.71",
                       "slow.pub": "192.0.2.70", "tosub.pub": "192.0.2.72",
                       "deep.sub.both.pub": "192.0.2.72"}}
    wrong = []

    def one(source, name, address):
        answer = t.ask(name, source=source, timeout=20)
        if answer.data() != [address]:
            wrong.append(f"{source} {name}: {answer.rcode} {answer.data()}")

    for _ in range(3):
        threads = [threading.Thread(target=one, args=(source, name, address))
                   for name in sorted({n for names in wanted.values() for n in names})
                   for source, names in wanted.items() for n, address in names.items()
                   if n == name]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    t.equal("leaks", wrong, [])


def as_client(t, command, search="", options=""):
    """Runs a command of this system with the resolver in its resolv.conf."""
    resolv = write(t.folder, "resolv.conf", f"nameserver {client.RESOLVER}\n"
                   + (f"search {search}\n" if search else "")
                   + (f"options {options}\n" if options else ""))
    switch = write(t.folder, "nsswitch.conf", "hosts: dns\n")
    script = (f"mount --bind {resolv} /etc/resolv.conf && "
              f"mount --bind {switch} /etc/nsswitch.conf && exec \"$@\"")
    return subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", *command], timeout=60,
                          capture_output=True, text=True, check=False).stdout.split()


@case("o4", "own-real-clients", group="local", peers=False, limit=60)
def own_real_clients(t):
    home(t)
    t.start()
    t.equal("getent", as_client(t, ["getent", "ahostsv4", "nasalias.home.arpa"])[:1], ["10.7.0.10"])
    t.equal("getent back", as_client(t, ["getent", "hosts", "10.7.1.1"]),
            ["10.7.1.1", "printer.home.arpa"])
    t.equal("getent, v6 back", as_client(t, ["getent", "hosts", "fd00::11"]),
            ["fd00::11", "printer.home.arpa"])
    t.equal("getent, searching", as_client(t, ["getent", "ahostsv4", "phone"], "home.arpa")[:1],
            ["10.7.2.1"])
    t.equal("getent, none", as_client(t, ["getent", "hosts", "none.home.arpa"]), [])
    t.equal("dig", as_client(t, ["dig", "+short", "+search", "printer"], "home.arpa"),
            ["10.7.1.1"])


COREDNS = """
kubernetes.default.svc A 10.96.0.1
shop.default.svc A 10.96.0.7
web.shop.svc A 10.96.0.8
dns-version TXT 1.1.0
_http._tcp.shop.default.svc SRV 0 100 80 shop.default.svc.cluster.local.
"""


@case("o5", "own-cluster", group="local", peers=False, limit=90)
def own_cluster(t):
    """A cluster's DNS behind stubs, and the junk that search lists with ndots:5 make."""
    t.net.zone("cluster.local.", "10.53.1.50", COREDNS, delegate=False)
    t.net.zone("96.10.in-addr.arpa.", "10.53.1.50", "7.0 PTR shop.default.svc.cluster.local.",
               delegate=False)
    t.options["stub"] = [{"zone": "cluster.local", "to": ["10.53.1.50"]},
                         {"zone": "96.10.in-addr.arpa", "to": ["10.53.1.50"]}]
    t.start()
    search = "default.svc.cluster.local svc.cluster.local cluster.local"
    t.equal("a service", as_client(t, ["getent", "ahostsv4", "shop"], search, "ndots:5")[:1],
            ["10.96.0.7"])
    t.equal("of another namespace",
            as_client(t, ["getent", "ahostsv4", "web.shop"], search, "ndots:5")[:1],
            ["10.96.0.8"])
    t.equal("back", as_client(t, ["getent", "hosts", "10.96.0.7"]),
            ["10.96.0.7", "shop.default.svc.cluster.local"])
    mark = t.mark()
    found = [as_client(t, ["getent", "ahostsv4", f"hot{i}.ctl"], search, "ndots:5")[:1]
             for i in range(10, 30)]
    t.equal("names of the world", found, [[f"192.0.2.{i}"] for i in range(10, 30)])
    # 20 names, 3 search domains, A and AAAA: 120 questions of the client.
    # The last label below each search domain, and one name below that, answer them all.
    t.at_most("of them at the cluster", t.sent(mark, dst="10.53.1.50"), 12)
    t.equal("a port", t.ask("_http._tcp.shop.default.svc.cluster.local", "SRV").rcode, "NOERROR")
    t.equal("leaked to the root", t.sent(mark, under="local."),
            t.sent(mark, dst="10.53.1.50", under="local."))
