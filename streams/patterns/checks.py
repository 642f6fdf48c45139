"""Check what a pattern says as a whole; `Misplaced` names what can not be meant."""

import re
from typing import Final

from streams.patterns.language import Absence, Along, PatternFile, Run, Sequence
from streams.patterns.misplaced import Misplaced, place
from streams.patterns.pattern import REACH_MAX_MS, Pattern
from streams.patterns.ways import decides_hit, way_place, ways_of

VERDICTS_MAX: Final = 8
CLAUSES_MAX: Final = 16
FIRING_MIN: Final = 2
QUIET_MIN: Final = 3
"""Examples of a pattern that fire, and that do not."""
VERSION_MAX: Final = 10**9
REMEDY_MAX: Final = 200
"""It is read on telephones."""
_ID: Final = re.compile(r"[XU][0-9]{2}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


def check_written(written: PatternFile) -> None:
    """Check the head of a pattern and how its parts speak of each other."""
    with place("id"):
        if not _ID.fullmatch(written.id):
            raise ValueError(f"id must be X or U and two digits, not {written.id!r}")
    with place("version"):
        if not 1 <= written.version <= VERSION_MAX:
            raise ValueError(f"version must be at least 1 and at most {VERSION_MAX}")
    with place("name"):
        if not _NAME.fullmatch(written.name):
            raise ValueError("name must be lower-case words joined by _, of at most 64 characters")
    for name in ("owner", "meaning"):
        if not str(getattr(written, name)).strip():
            raise Misplaced(name, f"{name} must not be empty")
    with place("remedy"):
        if len(written.remedy) > REMEDY_MAX or not (
            written.remedy.isprintable() and written.remedy == written.remedy.strip()
        ):
            raise ValueError(f"remedy must be one line of at most {REMEDY_MAX} characters")
    _check_key(written)
    _check_clauses(written)
    _check_ways(written)
    _check_verdicts(written)
    _check_examples(written)


def check_compiled(pattern: Pattern) -> None:
    """Refuse clauses that look further than a key is remembered: what they wait for would find nothing to join."""
    with place("clauses"):
        if pattern.longest_ms > REACH_MAX_MS:
            raise ValueError("no clause may look further than 14d")
        if pattern.key_within is None:
            return
        for values in (pattern.values, *pattern.slice_values):
            reach = [one.within(values) for one in pattern.follows] + [one.within(values) for one in pattern.missing]
            if max(reach, default=0) > pattern.key_within(values):
                raise ValueError("no clause may look further than key.within")


def _check_key(written: PatternFile) -> None:
    key = written.key
    with place("key"):
        if not key.threads and not key.lines:
            raise ValueError("a key needs threads or lines")
        if key.lines and not key.within:
            raise ValueError("lines need within")
        if not key.lines and (key.within or key.ends is not None):
            raise ValueError("within and ends are for lines")
    for number, line in enumerate(key.lines):
        if not line.by:
            raise Misplaced(f"key.lines[{number}]", "a line needs something to share")


def _check_clauses(written: PatternFile) -> None:
    names: set[str] = set()
    for number, clause in enumerate(written.clauses):
        with place(f"clauses[{number}].name"):
            if not clause.name.strip() or clause.name in names:
                raise ValueError("each clause needs a name of its own")
        names.add(clause.name)
    with place("clauses"):
        if not 0 < len(written.clauses) <= CLAUSES_MAX:
            raise ValueError(f"there must be between 1 and {CLAUSES_MAX} clauses")
        if sum(isinstance(clause, Run) for clause in written.clauses) > 1:
            raise ValueError("there may be one run at most")


def _check_ways(written: PatternFile) -> None:
    deciding = {clause.name: clause for clause in written.clauses if decides_hit(clause)}
    ways = ways_of(written)
    kinds = {name: type(clause) for name, clause in deciding.items()}
    for number, names in enumerate(ways):
        with place(way_place(written, number)):
            if not names or len(set(names)) != len(names):
                raise ValueError("a way to be a hit names clauses, each once")
            unknown = [name for name in names if name not in deciding]
            if unknown:
                raise ValueError(f"no clause that decides the hit has the name {unknown[0]}")
    alone = [len(names) == 1 and kinds[names[0]] is Absence for names in ways]
    with place("hit" if written.hit else "clauses"):
        if any(alone) and not all(alone):
            raise ValueError("where something missing alone makes a hit, nothing else may make one")
        unused = sorted(set(deciding) - {name for names in ways for name in names} - _runs(written))
        if unused:
            raise ValueError(f"{unused[0]} is in no way to be a hit")
        weighing = any(isinstance(one, Sequence | Absence) and not decides_hit(one) for one in written.clauses)
        if weighing and any(kinds[name] in {Sequence, Absence} for names in ways for name in names):
            raise ValueError("what only decides the severity starts from a hit that items alone decide")


def _runs(written: PatternFile) -> set[str]:
    """A run chooses the items; it holds for whatever else is asked of them."""
    return {clause.name for clause in written.clauses if isinstance(clause, Run)}


def _check_verdicts(written: PatternFile) -> None:
    with place("verdicts"):
        if not 0 < len(written.verdicts) <= VERDICTS_MAX:
            raise ValueError(f"there must be between 1 and {VERDICTS_MAX} verdicts")
        last = written.verdicts[-1]
        conditions = (last.met, last.related, last.every_item, last.any_item, last.every_follow, last.run_at_least)
        if any(conditions) or last.at_least > 1:
            raise ValueError("the last of the verdicts must hold always")
    sequences = [clause for clause in written.clauses if isinstance(clause, Sequence)]
    weighs = {clause.name for clause in written.clauses if isinstance(clause, Along) or not decides_hit(clause)}
    for number, verdict in enumerate(written.verdicts):
        with place(f"verdicts[{number}]"):
            if verdict.related and not any(clause.related for clause in sequences):
                raise ValueError("related needs a sequence that says what is related")
            if verdict.every_follow is not None and not sequences:
                raise ValueError("every_follow needs a sequence")
            if verdict.run_at_least and not _runs(written):
                raise ValueError("run_at_least needs a run")
    heard = {name for verdict in written.verdicts for name in verdict.met}
    unheard = sorted(weighs - heard)
    if unheard:
        raise Misplaced("verdicts", f"no verdict asks whether {unheard[0]} is met")


def _check_examples(written: PatternFile) -> None:
    with place("examples"):
        firing = sum(bool(example.severity) for example in written.examples)
        if firing < FIRING_MIN or len(written.examples) - firing < QUIET_MIN:
            raise ValueError(f"there must be {FIRING_MIN} examples that fire and {QUIET_MIN} that do not, or more")
