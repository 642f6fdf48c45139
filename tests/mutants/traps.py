"""Mutants that open a trap of a keyed log: epochs, revisions, merges, forgetting; and cores that lose or double."""

from tests.mutants.mutant import Mutant

MEMBERS = "identity/members.py"
HOUSEHOLD = "processors/household.py"
SAYINGS = "processors/sayings.py"
RESIDENT = "processors/resident.py"

TRAPS = (
    Mutant(
        "the owner told of last has it, whatever its epoch", "trap 1", MEMBERS,
        "    if mine is None or theirs.precedence > mine.precedence:",
        "    if mine is None or theirs.epoch != mine.epoch or theirs.precedence > mine.precedence:",
    ),
    Mutant(
        "a withdrawal beats the attribution of its epoch", "trap 1", MEMBERS,
        "        return (self.epoch, self.touchpoint is not None)",
        "        return (self.epoch, self.touchpoint is None)",
    ),
    Mutant(
        "revisions have no floor", "trap 3", "processors/press.py",
        "(epoch << EPOCH_SHIFT) | counter", "counter",
    ),
    Mutant(
        "who takes a household in keeps counting from its own", "trap 2", HOUSEHOLD,
        "            self.sayings.counter = max(self.sayings.counter, unpack(value, int))",
        "            self.sayings.counter = self.sayings.counter or unpack(value, int)",
    ),
    Mutant(
        "who takes a household in believes its sayings", "trap 2", SAYINGS,
        "        if mine is not None and mine != said:", "        if mine is not None and mine == said:",
    ),
    Mutant(
        "what a child took back is not told its parent", "trap 2", SAYINGS,
        '            self.retracted[ref] = TOMBSTONE.pack(epoch, self._as_of, b"x")',
        "            self.retracted.pop(ref, None)",
    ),
    Mutant(
        "two deciders that became one forget whom the other told", "trap 4", "identity/component.py",
        "newer.event_time, tuple(sorted(stale))", "newer.event_time, ()",
    ),
    Mutant(
        "a second parent is not told of the first", "pairs shrink", "identity/holder.py",
        "    post.send(larger, Link(larger=larger, smaller=smaller, derived=True))", "    del larger",
    ),
    Mutant(
        "a component does not describe what it took in", "trap 2", "identity/thread.py",
        "        self.component.is_changed = True\n        self._described = None",
        "        self.component.is_changed = True",
    ),
    Mutant(
        "a device does not tell whom it takes from", "epochs", "identity/device.py",
        "            if last is not None and last.owner and last.owner != owner:",
        "            if last is None and owner != UNOWNED and not owner:",
    ),
    Mutant(
        "a thread does not tell whom it takes from", "epochs", "identity/thread.py",
        "            for owner in sorted({last.owner, *last.stale} - {UNOWNED}):",
        "            for owner in sorted({*last.stale} - {UNOWNED}):",
    ),
    Mutant(
        "a device forgets when it was used", "forgetting", "identity/device.py",
        "[*self.spans, *(Span(t, t) for t in times)]", "self.spans",
    ),
    Mutant(
        "a forgotten copy is not remembered to have been shown", "forgetting", RESIDENT,
        "            self.buried[self._copy_id(touchpoint)] = touchpoint.event_time", "            continue",
    ),
    Mutant(
        "a repeat of what is forgotten is new", "forgetting", "identity/post.py",
        "        if event_time < self._forgotten_before:", "        if event_time < 0:",
    ),
    Mutant(
        "every repeat is counted as new", "the ledger adds up", "identity/strong.py",
        "        if post.admit(time, is_known=key in cluster.touchpoints):",
        "        if post.admit(time, is_known=False):",
    ),
    Mutant(
        "a retraction is forgotten", "rows", SAYINGS,
        "        self._print(ref, None, epoch)", "        self.counter += 1",
    ),
    Mutant(
        "one touchpoint in a thousand is lost", "every event counts", "intake/route.py",
        "        if touchpoint.strong:\n            self._route_strong",
        '        if touchpoint.key[:2] < b"\\x00\\x42":\n            return\n'
        "        if touchpoint.strong:\n            self._route_strong",
    ),
    Mutant(
        "one touchpoint in a thousand counts double", "every event counts once", RESIDENT,
        "    def _show(self, touchpoint: Touchpoint) -> None:\n",
        "    def _show(self, touchpoint: Touchpoint) -> None:\n"
        '        if touchpoint.key[:2] < b"\\x00\\x42":\n            self.shares.show(touchpoint)\n',
    ),
    Mutant(
        "state is restored without what was decided", "restart", "identity/device.py",
        "                self.decided[key] = kept.decided", "                pass",
    ),
    Mutant(
        "a restored partition does not count its touchpoints again", "restart", "processors/shares.py",
        "        if not self.muted or contribution.cell[0] in COUNTED_AGAIN:\n            self.cells.add(",
        "        if not self.muted:\n            self.cells.add(",
    ),
    Mutant(
        "what a restored partition counts again is new to it", "restart", "processors/stitcher.py",
        "        self.till.cells.rest()", "        pass",
    ),
    Mutant(
        "a seed goes on from any snapshot", "forgetting", RESIDENT,
        "            if folded <= holds:", "            if folded:",
    ),
)  # fmt: skip
