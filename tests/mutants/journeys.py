"""Mutants of journeys and aggregates: what is not worked out again, told again too little, or counted twice."""

from tests.mutants.mutant import Mutant

RESIDENT = "processors/resident.py"
SHARES = "processors/shares.py"
MEASURES = "journeys/measures.py"
CONTRIBUTIONS = "rollups/contributions.py"

JOURNEYS = (
    Mutant(
        "a late touchpoint does not stitch journeys again", "7.3", RESIDENT,
        "        if position < self._folded:\n", "        if position < self._folded - 1:\n",
    ),
    Mutant(
        "a touchpoint keeps the journey it was first said in", "7.7", RESIDENT,
        "            self._moved.append(key)", "            pass",
    ),
    Mutant(
        "a journey does not hear of its hits", "7.6", "journeys/timeline.py",
        "    if scored:\n", "    if scored and not touched_only:\n",
    ),
    Mutant(
        "a hit is told of its journey in the state it was first in", "7.6", "journeys/weights.py",
        "        if before == now and share == self.by_journey[now][name]:", "        if before == now:",
    ),
    Mutant(
        "what was begun stays begun after its outcome", "7.6", MEASURES,
        "        measures.started.clear()", "        pass",
    ),
    Mutant(
        "a change of channel without its context is seamless", "7.6", MEASURES,
        "    return touchpoint.context_carried is True and touchpoint.outcome in _DONE",
        "    return touchpoint.outcome in _DONE",
    ),
    Mutant(
        "touchpoints are counted twice when a person moves", "9", RESIDENT,
        "        for touchpoint in self.shown:\n            self.shares.hide(touchpoint)\n", "",
    ),
    Mutant(
        "hits are counted twice when a person moves", "9", SHARES,
        "            self.hit(key, None)", "            del key",
    ),
    Mutant(
        "changes of channel are counted twice when a person moves", "9", SHARES,
        "        self.only_journeys(frozenset())", "        self.only_journeys(self._journeys.keys())",
    ),
    Mutant(
        "changes of channel are counted again when their journey goes on", "9", SHARES,
        "            del self._journeys[row.journey_id]\n        self._exchange(before, now)",
        "            del self._journeys[row.journey_id]\n        self._exchange((), now)",
    ),
    Mutant(
        "a wait is counted in two buckets", "9", CONTRIBUTIONS,
        "        shift = _with_bucket(shift, _WAIT_BUCKETS, touchpoint.wait_ms)",
        "        shift = _with_bucket(shift, _WAIT_BUCKETS, touchpoint.wait_ms)\n"
        "        shift = _with_bucket(shift, _WAIT_BUCKETS, touchpoint.wait_ms + 1)",
    ),
    Mutant(
        "what a journey did after its goal led to it", "9", CONTRIBUTIONS,
        "        if completed_at is not None and completed_at >= told.time:", "        if completed_at is not None:",
    ),
)  # fmt: skip
