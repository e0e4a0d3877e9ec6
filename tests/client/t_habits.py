# SPDX-License-Identifier: MIT
"""The rc file, names that are not ASCII, completions, and what is asked for by EDNS options."""

import os
import pathlib
import subprocess

import rig


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


def completions(tally):
    script = rig.TOP / "resolver/client/completion/rootwalk.bash"
    words = "source %s; COMP_WORDS=(rootwalk %s); COMP_CWORD=1; _rootwalk; echo ${COMPREPLY[*]}"
    environment = dict(os.environ, PATH=f"{pathlib.Path(rig.ROOTWALK).parent}:{os.environ['PATH']}")
    for typed, wanted in (("+tra", "+trace"), ("+noqm", "+noqmin"), ("--hi", "--hints"),
                          ("SO", "SOA")):
        done = subprocess.run(["bash", "-c", words % (script, typed)], env=environment,
                              capture_output=True, text=True, check=False)
        tally.equal(done.stdout.strip(), wanted, f"completion of {typed}")
    listed = rig.rootwalk(["--options"]).out.split()
    manual = (rig.TOP / "docs/man/rootwalk.1").read_text(encoding="utf-8")
    for name in listed:
        tally.check(f"+{name}" in manual, f"rootwalk(1) speaks of +{name}")


def run(lab, tally):
    rc_file(lab, tally)
    names(tally)
    options(tally)
    completions(tally)
