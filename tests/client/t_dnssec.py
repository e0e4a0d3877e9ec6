# SPDX-License-Identifier: MIT
"""Zones with broken signatures: until there is a validator, every mode says what it did not check.

Beside it stand the tools of others, so that the test knows that the zones are what they claim.
"""

import json
import shutil

import rig
import signed

UNCHECKED = "UNCHECKED signatures were not checked (no validator yet)"
# Zone, what +check finds, and its exit code.
FOUND = [("signed.test", "errors 0", 0),
         ("bogus.test", "errors 0", 0),  # tags and dates are sound: only a validator sees it
         ("expired.test", "a signature of its keys expired 4w2d", 5),
         ("badds.test", "no DS at the parent matches a key of the zone", 5)]


def flat(text):
    return " ".join(text.split())


def what_others_say(lab, tally):
    """drill chases with the root's key; it misses the DS, which is why ldns is not asked there."""
    for zone, good in (("signed.test", True), ("bogus.test", False)):
        ran = rig.Ran(["drill", "-r", lab.hints, "-TD", "-k", lab.folder + "/anchor", "www." + zone])
        tally.equal("\n[B]" not in ran.out and ran.code == 0, good, f"drill -TD www.{zone}")
    expired = rig.dig(["@" + lab.net + ".6.1", "+dnssec", "+short", "www.expired.test"]).out
    tally.check(len(expired.split()) > 8 and "192.0.2.65" in expired, "expired.test is signed", expired)


def what_we_say(lab, tally):
    for zone, found, code in FOUND:
        ran = rig.rootwalk(["+trace", "--hints", lab.hints, "www." + zone])
        tally.equal(ran.code, 0, f"+trace www.{zone}: exit code")
        tally.equal(ran.line("dnssec"), UNCHECKED, f"+trace www.{zone}: nothing is claimed")
        tally.holds(ran.line("answer"), "192.0.2.6", f"+trace www.{zone}: the answer")
        data = [json.loads(line) for line in rig.rootwalk(
            ["+trace", "+json", "--hints", lab.hints, "www." + zone]).out.splitlines()]
        told = {line["sec"] for line in data if line["event"] in ("hop", "verdict") and "sec" in line}
        tally.equal(told, {"unchecked"}, f"+trace +json www.{zone}: nothing is claimed")
        ran = rig.rootwalk(["+check", "--hints", lab.hints, zone])
        tally.holds(flat(ran.out), found, f"+check {zone}")
        tally.equal(ran.code, code, f"+check {zone}: exit code")
        tally.holds(flat(ran.out), "signatures were not checked (no validator yet)", f"+check {zone}: what it did not do")
    ran = rig.rootwalk(["+prop", "--hints", lab.hints, "www.bogus.test"])
    tally.equal(ran.code, 0, "+prop www.bogus.test: exit code")


def run(_, tally):
    if not shutil.which("ldns-signzone"):
        raise RuntimeError("ldns-signzone is not installed; scripts/setup installs it")
    lab = rig.Rig("127.11")
    try:
        lab.start()
        signed.sign(lab)
        what_others_say(lab, tally)
        what_we_say(lab, tally)
    finally:
        lab.stop()
