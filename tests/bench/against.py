# SPDX-License-Identifier: MIT
"""Two builds of rootwalkd side by side, in one run: is the new one slower than the old one?

Three daemons run at the same time: the new build, the old one, and the old one once more, which is
the control. They are asked the same questions in turns, in small portions and in changing order, so
that whatever else the machine does meets all three. Each portion gives a ratio new / old and a ratio
control / old. The figure is the median of the first; the spread is where the middle half of the
ratios lies. A new build is slower when the figure is above ALLOWED and even the lower quartile of
its ratios is above the upper quartile of the control's. Daemons are started anew for each round,
because where their memory happens to lie counts too.

User instructions of an answer from the cache are counted by callgrind, which knows no load.
"""
import os
import re
import statistics

import block

ALLOWED = 1.02
ROUNDS = int(os.environ.get("ROUNDS", "5"))
TURNS = 6  # of one second, for what can be asked again and again
LISTED = 20000  # names of the block list
HOT_IN_FLIGHT, COLD_IN_FLIGHT = 256, 64
HIT_TIMES = 10  # under callgrind
COUNT_TIMES = 2
NEW, OLD, CONTROL = "new", "old", "control"
COUNT = "cached answer, user instructions"


def portions(questions, size):
    return [questions[at:at + size] for at in range(0, len(questions) - size + 1, size)]


def quartiles(ratios):
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return low, high


class Against:
    def __init__(self, server_class, world, work, binaries, template):
        self.server_class, self.world, self.work = server_class, world, work
        self.binaries, self.template = binaries, template
        self.listed = block.generate(LISTED)
        path = os.path.join(work, "list.names")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(f"||{name}^\n" for name in self.listed)
        self.with_list = template + f"block: {{{{lists: ['{path}']}}}}\n"
        self.servers = []
        self.results = {}  # figure: a list of {who: value}

    def server(self, who, port, template, before=()):
        command = [*before, self.binaries[who], "--config", "CONFIG"]
        server = self.server_class(who, port, command, template, self.work)
        self.servers.append(server)
        return server

    def stop(self):
        for server in self.servers:
            server.stop()
        self.servers = []

    def trio(self, port, template, *first):
        """The three daemons, started."""
        trio = {who: self.server(who, port + at, template)
                for at, who in enumerate((NEW, OLD, CONTROL))}
        for server in trio.values():
            server.start(*first)
        return trio

    def turn(self, figure, trio, questions, seconds, in_flight):
        """One portion for each of the three; who begins changes with every turn."""
        turns = self.results.setdefault(figure, [])
        order = list(trio)
        at = len(turns) % len(order)
        order = order[at:] + order[:at]
        if len(turns) // len(order) % 2:
            order.reverse()
        turns.append({who: trio[who].load(questions, seconds, in_flight)["cpu"] for who in order})

    def round(self):
        trio = self.trio(5411, self.template, self.world.hot[0])
        for figure, questions, size in (
                ("first name of a zone, CPU us", self.world.zones, 200),
                ("cold name, CPU us", self.world.cold, 3000),
                ("name that does not exist, CPU us", self.world.nx, 1800)):
            for portion in portions(questions, size):
                self.turn(figure, trio, portion, 0, COLD_IN_FLIGHT)
        for server in trio.values():
            server.load(self.world.hot, 0, COLD_IN_FLIGHT)
        for _ in range(TURNS):
            self.turn("cached answer, CPU us", trio, self.world.hot, 1, HOT_IN_FLIGHT)
        self.stop()
        listed = [name + " A" for name in self.listed]
        trio = self.trio(5421, self.with_list, listed[0], block.NXDOMAIN)
        for _ in range(TURNS):
            self.turn("blocked answer, CPU us", trio, listed, 1, HOT_IN_FLIGHT)
        self.stop()

    def instructions(self, who):
        """User instructions of one answer from the cache: what more of them cost a whole run."""
        few, many = (self.counted(who, times) for times in (1, 1 + HIT_TIMES))
        return (many - few) / (HIT_TIMES * len(self.world.hot))

    def counted(self, who, times):
        """User instructions from start to end of a daemon that answers the hot names so often."""
        out = os.path.join(self.work, "callgrind.out")
        server = self.server(who, 5431, self.template,
                             ("valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"))
        server.start(self.world.hot[0], 0, 60)
        for _ in range(1 + times):  # the first time they are no hits
            server.load(self.world.hot, 0, HOT_IN_FLIGHT)
        self.stop()
        with open(out, encoding="ascii", errors="replace") as file:
            return int(re.search(r"^totals: (\d+)", file.read(), re.M)[1])

    def run(self, revision):
        """Measures, prints, and says whether the new build is no slower."""
        for _ in range(ROUNDS):
            self.round()
        for _ in range(COUNT_TIMES):
            self.results.setdefault(COUNT, []).append(
                {who: self.instructions(who) for who in (OLD, NEW, CONTROL)})
        print(f"old: {revision}; new: this tree; {ROUNDS} rounds; "
              f"load of the machine {os.getloadavg()[0]:.1f}")
        print(f"{'':34}{'old':>9}{'new':>9}{'ratio':>8}   middle half     old beside itself")
        slower = [figure for figure, turns in self.results.items() if self.report(figure, turns)]
        for figure in slower:
            print(f"slower: {figure}: above {ALLOWED} and beyond the spread of this run")
        return not slower

    @staticmethod
    def report(figure, turns):
        """Prints the line of one figure; whether the new build is slower by it."""
        old, new = (statistics.median(turn[who] for turn in turns) for who in (OLD, NEW))
        ratios = [turn[NEW] / turn[OLD] for turn in turns]
        ratio = statistics.median(ratios)
        low, high = quartiles(ratios)
        control = quartiles([turn[CONTROL] / turn[OLD] for turn in turns])
        digits = 0 if figure == COUNT else 2
        print(f"{figure:34}{old:9.{digits}f}{new:9.{digits}f}{ratio:8.3f}"
              f"   {low:.3f} to {high:.3f}  {control[0]:.3f} to {control[1]:.3f}")
        return ratio > ALLOWED and low > control[1]
