"""Compile a pattern file, already of the right types, to a `Pattern`; ValueError and its place say what is wrong."""

from collections.abc import Callable
from typing import Final, TypeVar

from schemas.identifiers import RANKS, IdentClass, Kind, class_of, ident
from schemas.touchpoint import Touchpoint
from streams.patterns.durations import milliseconds
from streams.patterns.gates import is_told_by_gate
from streams.patterns.language import (
    Absence,
    Along,
    AnyClause,
    Count,
    Guard,
    Items,
    PatternFile,
    Run,
    Sequence,
    Verdict,
)
from streams.patterns.misplaced import Misplaced, place
from streams.patterns.pattern import (
    ABSENT_RANK,
    PRESENT_RANK,
    Begin,
    Beside,
    Condition,
    Counted,
    End,
    Follow,
    Judgement,
    LineRule,
    Missing,
    Pattern,
    Recall,
    RunRule,
    Slice,
    Way,
)
from streams.patterns.predicates import Test, compile_match, holds_always, length
from streams.patterns.reading import TEXTS
from streams.patterns.tallies import compile_step
from streams.patterns.ways import way_place, ways_of
from streams.patterns.written import Match

CONDITIONS_MAX: Final = 16
"""Conditions on items and on what follows, over all verdicts of a pattern."""
_Compiled = TypeVar("_Compiled")


def compile_pattern(written: PatternFile) -> Pattern:
    """Compile a pattern; Misplaced names the first thing that can not be used."""
    return _Compiler(written).pattern()


class _Compiler:
    """What the parts of one pattern share: its parameters, its bits, and what it has to look back at."""

    def __init__(self, written: PatternFile) -> None:
        self.written = written
        self.parameters = written.parameters
        self.bits = {clause.name: 1 << number for number, clause in enumerate(written.clauses)}
        self.recalls: list[Recall] = []
        self.conditions: list[Condition] = []
        self._known: dict[tuple[Match, bool], int] = {}

    def pattern(self) -> Pattern:
        """Put it together."""
        written = self.written
        values = {name: self._at(f"parameters.{name}", milliseconds, text) for name, text in self.parameters.items()}
        own_values = self._own_values()
        with place("items"):
            begin = self._begin(written.items)
        counted = self._each(
            lambda one: None if isinstance(one, Run | Sequence | Absence | Along) else self._counted(one)
        )
        follows = self._each(lambda one: self._follow(one) if isinstance(one, Sequence) else None)
        missing = self._each(lambda one: self._missing(one) if isinstance(one, Absence) else None)
        beside = self._each(lambda one: self._beside(one) if isinstance(one, Along) else None)
        judgements = []
        for number, verdict in enumerate(written.verdicts):
            with place(f"verdicts[{number}]"):
                judgements.append(self._judgement(verdict))
        key = written.key
        with place("key"):
            ranks = tuple(_thread_rank(kind) for kind in key.threads)
            within = length(key.within, self.parameters) if key.lines else None
            ends = End(key.ends, self._asked(key.ends)) if key.ends is not None else None
        return Pattern(
            written=written,
            begin=begin,
            counted=counted,
            follows=follows,
            missing=missing,
            beside=beside,
            recalls=tuple(self.recalls),
            ways=self._ways(counted, follows, missing),
            conditions=tuple(self.conditions),
            judgements=tuple(judgements),
            key_ranks=ranks,
            lines=tuple(_line(number, line.by, told=line.told) for number, line in enumerate(key.lines)),
            key_within=within,
            line_end=ends,
            slices=tuple(
                Slice(frozenset(part.brand), frozenset(part.channel), frozenset(part.task), part.parameters)
                for part in written.overrides
            ),
            values=values,
            slice_values=tuple({**values, **own} for own in own_values),
            own_values=own_values,
            bits=self.bits,
        )

    def _at(self, path: str, compile_it: Callable[[str], int], text: str) -> int:
        with place(path):
            return compile_it(text)

    def _each(self, compile_it: Callable[[AnyClause], _Compiled | None]) -> tuple[_Compiled, ...]:
        """Compile the clauses of one kind, in their order."""
        compiled = []
        for number, clause in enumerate(self.written.clauses):
            with place(f"clauses[{number}]"):
                one = compile_it(clause)
            if one is not None:
                compiled.append(one)
        return tuple(compiled)

    def _begin(self, items: Items) -> Begin:
        run = next((clause for clause in self.written.clauses if isinstance(clause, Run)), None)
        return Begin(
            match=items.match,
            test=self._asked(items.match),
            lapsed=compile_match(items.lapsed, self.parameters) if items.lapsed is not None else None,
            unless=self._guard(items.unless_after),
            collapse=length(items.collapse, self.parameters) if items.collapse else None,
            run=self._run(run) if run is not None else None,
        )

    def _asked(self, match: Match) -> Test:
        """Compile what is asked of touchpoints that have passed the match's gate."""
        return holds_always if is_told_by_gate(match) else compile_match(match, self.parameters)

    def _run(self, clause: Run) -> RunRule:
        with place(f"clauses[{self.written.clauses.index(clause)}]"):
            if clause.at_least < 1:
                raise ValueError("at_least must be at least 1")
            return RunRule(clause.at_least, length(clause.gap, self.parameters))

    def _guard(self, guard: Guard | None) -> Recall | None:
        return self._recall(guard.match, guard.within, by_thread=guard.join == "thread") if guard is not None else None

    def _recall(self, match: Match, within: str, *, by_thread: bool, many: bool = False) -> Recall:
        test, span = compile_match(match, self.parameters), length(within, self.parameters)
        recall = Recall(len(self.recalls), match, test, span, by_thread, many)
        self.recalls.append(recall)
        return recall

    def _counted(self, clause: AnyClause) -> Counted:
        if isinstance(clause, Run | Sequence | Absence | Along):
            raise TypeError(f"{clause.name} does not count items")
        step, since = compile_step(clause, self.parameters), None
        if isinstance(clause, Count) and clause.since is not None:
            if not self.written.key.threads:
                raise ValueError("since needs a key of threads")
            since = self._recall(clause.since, clause.within, by_thread=True, many=True)
        return Counted(self.bits[clause.name], clause.name, step, since)

    def _follow(self, clause: Sequence) -> Follow:
        if clause.must_relate and not clause.related:
            raise ValueError("must_relate needs related")
        return Follow(
            number=self.written.clauses.index(clause),
            bit=self.bits[clause.name],
            name=clause.name,
            match=clause.match,
            test=self._asked(clause.match),
            within=length(clause.within, self.parameters),
            after_all=clause.after == "every_item",
            join=clause.join,
            related=clause.related,
            must_relate=clause.must_relate,
            expires=bool(clause.expires),
            unless=self._guard(clause.unless_after),
            decides_hit=clause.decides == "hit",
            ends_line=clause.ends_line,
        )

    def _missing(self, clause: Absence) -> Missing:
        return Missing(
            number=self.written.clauses.index(clause),
            bit=self.bits[clause.name],
            name=clause.name,
            match=clause.match,
            test=self._asked(clause.match),
            of=compile_match(clause.of, self.parameters) if clause.of is not None else None,
            within=length(clause.within, self.parameters),
            lateness=length(clause.lateness, self.parameters),
            until_due=bool(clause.until),
            decides_hit=clause.decides == "hit",
        )

    def _beside(self, clause: Along) -> Beside:
        return Beside(self.bits[clause.name], clause.match, compile_match(clause.match, self.parameters))

    def _ways(
        self, counted: tuple[Counted, ...], follows: tuple[Follow, ...], missing: tuple[Missing, ...]
    ) -> tuple[Way, ...]:
        bits = {one.name: one.bit for one in counted}
        follow_of, missing_of = {one.name: one for one in follows}, {one.name: one for one in missing}
        ways, written = [], self.written
        for number, names in enumerate(ways_of(written)):
            followed = [follow_of[name] for name in names if name in follow_of]
            missed = [missing_of[name] for name in names if name in missing_of]
            if len(followed) + len(missed) > 1:
                raise Misplaced(
                    way_place(written, number), "a way is decided by one thing that follows or is missing at most"
                )
            chosen = sum(bits.get(name, 0) for name in names)
            rank = ABSENT_RANK if missed else PRESENT_RANK
            ways.append(Way(rank, chosen, next(iter(followed), None), next(iter(missed), None)))
        return tuple(ways)

    def _judgement(self, verdict: Verdict) -> Judgement:
        if not 0 < verdict.confidence <= 1:
            raise ValueError("confidence must be above 0 and at most 1")
        unknown = sorted(set(verdict.met) - set(self.bits))
        if unknown:
            raise ValueError(f"no clause has the name {unknown[0]}")
        return Judgement(
            severity=verdict.severity,
            confidence=verdict.confidence,
            met=sum(self.bits[name] for name in verdict.met),
            needs_related=verdict.related,
            every=self._condition(verdict.every_item) | self._condition(verdict.every_follow, of_follow=True),
            some=self._condition(verdict.any_item),
            at_least=verdict.at_least,
            run_at_least=verdict.run_at_least,
        )

    def _condition(self, match: Match | None, *, of_follow: bool = False) -> int:
        """Find the bit of a condition, a new one for a new condition; 0 for none."""
        if match is None:
            return 0
        bit = self._known.get((match, of_follow))
        if bit is None:
            if len(self.conditions) == CONDITIONS_MAX:
                raise ValueError(f"the verdicts may have {CONDITIONS_MAX} conditions at most")
            bit = self._known[match, of_follow] = 1 << len(self.conditions)
            self.conditions.append(Condition(bit, compile_match(match, self.parameters), of_follow))
        return bit

    def _own_values(self) -> tuple[dict[str, int], ...]:
        slices = []
        for number, part in enumerate(self.written.overrides):
            values = {}
            for name, text in part.parameters.items():
                with place(f"overrides[{number}].parameters.{name}"):
                    if name not in self.parameters:
                        raise ValueError(f"{name} is not among the parameters")
                    values[name] = milliseconds(text)
            slices.append(values)
        return tuple(slices)


def _line(number: int, by: tuple[str, ...], *, told: bool) -> LineRule:
    return LineRule(_spelling(number, by), TEXTS[by[-1]] if told else None)


def _spelling(number: int, by: tuple[str, ...]) -> Callable[[Touchpoint], str]:
    """Compile how a line is named; written out for the usual one, which nearly every touchpoint is asked for."""
    if by == ("brand", "task"):
        return lambda touchpoint: f"{number}\x1f{touchpoint.brand}\x1f{touchpoint.task}"
    reads = tuple(TEXTS[name] for name in by)
    return lambda touchpoint: "\x1f".join([str(number), *(read(touchpoint) for read in reads)])


def _thread_rank(kind: Kind) -> int:
    if class_of(ident(kind, b"")) is not IdentClass.THREAD:
        raise ValueError(f"{kind} is no thread")
    return RANKS[kind]
