"""Say in words what a pattern asks for, for its page and for explanations."""

from collections.abc import Callable, Iterable
from typing import Final

from streams.patterns.language import (
    Absence,
    Again,
    Along,
    AnyClause,
    Backwards,
    Bounce,
    Changes,
    Channels,
    Count,
    Guard,
    Key,
    PatternFile,
    Run,
    Sequence,
    Verdict,
)
from streams.patterns.ways import ways_of
from streams.patterns.written import Match, Span

_DIRECTIONS: Final = {"inbound": "from the customer", "outbound": "from the brand", "internal": "from a system"}
_JOINS: Final = {
    "person": "of the same person",
    "key": "under the same key",
    "key_or_none": "not about another key",
}
_LISTS: Final[tuple[tuple[str, str], ...]] = (
    ("name", "named {}"),
    ("channel", "at {}"),
    ("channel_class", "in a channel of class {}"),
    ("sub_channel", "by {}"),
    ("outcome", "with outcome {}"),
    ("outcome_reason", "for the reason {}"),
    ("error_class", "with an error of class {}"),
    ("error_code", "with the error {}"),
    ("task", "for the task {}"),
    ("intent", "with the intent {}"),
    ("brand", "of the brand {}"),
    ("location_type", "at a place of type {}"),
    ("promise", "that promises {}"),
)
_TRUTHS: Final[tuple[tuple[str, str, str], ...]] = (
    ("contact", "that is a contact", "that is no contact"),
    ("fault", "that failed", "that did not fail"),
    ("context_carried", "with what was known carried along", "without what was known carried along"),
    ("dropped", "that broke off", "that did not break off"),
    ("requested_by_agent", "that an agent asked for", "that no agent asked for"),
)


class Wording:
    """The words for one pattern: durations are said as they are by default, or in a slice, with their name."""

    def __init__(self, written: PatternFile, parameters: dict[str, str] | None = None) -> None:
        self.written = written
        self.parameters = written.parameters if parameters is None else parameters

    def match(self, match: Match) -> str:
        """Say what a touchpoint must be."""
        parts = [form.format(alternatives(getattr(match, key))) for key, form in _LISTS if getattr(match, key)]
        if match.direction:
            parts.append(
                " or ".join(_DIRECTIONS.get(one.value, f"of direction {one.value}") for one in match.direction)
            )
        for key, yes, no in _TRUTHS:
            told = getattr(match, key)
            if told is not None:
                parts.append(yes if told else no)
        parts += self._numbers(match)
        parts += [f"that tells its {field.replace('_', ' ')}" for field in match.tells]
        if match.any_of:
            options = " or ".join(f"({self.match(option)})" for option in match.any_of)
            parts.append(options)
        parts += [f"but not ({self.match(guard)})" for guard in match.none_of]
        return ", ".join(parts) if parts else "whatever it is"

    def clause(self, clause: AnyClause) -> str:
        """Say what a clause asks for."""
        match clause:
            case Run():
                return f"{clause.at_least} items or more, each at most {self.span(clause.gap)} after the one before"
            case Count():
                return self._count(clause)
            case Changes():
                asked = f", counting items {self.match(clause.match)}" if clause.match is not None else ""
                return f"{clause.at_least} changes of channel or more{asked}"
            case Channels():
                asked = f" {self.match(clause.match)}" if clause.match is not None else ""
                return f"items{asked}, at {clause.at_least} channels or more"
            case Bounce():
                return f"from one channel to another and back within {self.span(clause.within)}"
            case Again():
                same = f", with the same {clause.same.replace('_', ' ')}" if clause.same else ""
                return f"two items {self.match(clause.match)}, at two channels{same}"
            case Backwards():
                return "an item at an earlier step than an item before it at another channel"
            case Sequence():
                return self._sequence(clause)
            case Absence():
                return self._absence(clause)
            case Along():
                return f"along the way, under the same key, something {self.match(clause.match)}"

    def key(self, key: Key) -> str:
        """Say what a hit is about."""
        kinds = [kind.value for kind in key.threads]
        parts = [f"the first of {', '.join(kinds)}" if len(kinds) > 1 else f"the {kinds[0]}"] if kinds else []
        for line in key.lines:
            told = f" (if {line.by[-1]} is told)" if line.told else ""
            parts.append(f"a line of one {' and '.join(line.by)}{told}")
        said = ", else ".join(parts)
        if key.lines:
            said += f"; an item joins a line at most {self.span(key.within)} after its newest item"
        if key.ends is not None:
            said += f"; something {self.match(key.ends)} ends it"
        return said

    def guard(self, guard: Guard) -> str:
        """Say what must not have come before."""
        of = "on the same thread" if guard.join == "thread" else "of the same person"
        return f"unless something {self.match(guard.match)} came at most {self.span(guard.within)} before, {of}"

    def items(self) -> str:
        """Say what the items are."""
        items = self.written.items
        parts = [f"a touchpoint {self.match(items.match)}"]
        if items.unless_after is not None:
            parts.append(self.guard(items.unless_after))
        if items.collapse:
            parts.append(f"not counting what comes at most {self.span(items.collapse)} after the one counted last")
        if items.lapsed is not None:
            asked = f" {self.match(items.lapsed)}" if items.lapsed != Match() else ""
            parts.append(f"or a journey{asked} that ends without its goal, the customer last in self-service")
        return ", ".join(parts)

    def hit(self) -> str:
        """Say which clauses make a hit."""
        ways = [" and ".join(f"*{name}*" for name in names) for names in ways_of(self.written)]
        return ", or ".join(ways)

    def verdict(self, verdict: Verdict) -> str:
        """Say when a verdict holds."""
        parts = [f"*{name}* holds" for name in verdict.met]
        conditions: tuple[tuple[Match | None, str], ...] = (
            (verdict.every_item, "every item is {}"),
            (verdict.any_item, "some item is {}"),
            (verdict.every_follow, "everything that follows is {}"),
        )
        parts += [form.format(self.match(match)) for match, form in conditions if match is not None]
        if verdict.related:
            parts.append("something that follows is related to what it follows")
        if verdict.at_least > 1:
            parts.append(f"there are {verdict.at_least} items or more")
        if verdict.run_at_least:
            parts.append(f"a run has {verdict.run_at_least} items or more")
        return " and ".join(parts) if parts else "always" if verdict is self.written.verdicts[0] else "otherwise"

    def span(self, text: str) -> str:
        """Say a duration, with the name of the parameter it is."""
        if not text.startswith("$"):
            return text
        name = text[1:]
        return f"{self.parameters.get(name, '?')} ({name})"

    def _count(self, clause: Count) -> str:
        asked = f" {self.match(clause.match)}" if clause.match is not None else ""
        said = f"{clause.at_least} items or more{asked}" if clause.at_least > 1 else f"an item{asked}"
        if clause.since is not None:
            since = f"later than something {self.match(clause.since)} on the same thread"
            return f"{said}, {since} and at most {self.span(clause.within)} after it"
        return f"{said} within {self.span(clause.within)}" if clause.within else said

    def _sequence(self, clause: Sequence) -> str:
        after = "after the hit" if clause.decides == "severity" else "later"
        if clause.after == "every_item":
            after = "later than all items"
        said = (
            f"something {self.match(clause.match)}, {_JOINS[clause.join]}, {after}, at most {self.span(clause.within)}"
        )
        if clause.expires:
            said += f", and before the item's {clause.expires}"
        if clause.related:
            joints = alternatives([" and ".join(joint) for joint in clause.related])
            said += f"; it {'must share' if clause.must_relate else 'is related by'} {joints}"
        if clause.unless_after is not None:
            said += f"; {self.guard(clause.unless_after)}"
        return said

    def _absence(self, clause: Absence) -> str:
        of = f"for an item {self.match(clause.of)}: " if clause.of is not None else ""
        until = f" after its {clause.until}" if clause.until else ""
        what = f"nothing {self.match(clause.match)} under the same key within {self.span(clause.within)}{until}"
        return f"{of}{what}, shown {self.span(clause.lateness)} after that"

    def _numbers(self, match: Match) -> Iterable[str]:
        statuses = [str(status) for status in match.http_status]
        if match.http_status_at_least is not None:
            statuses.append(f"{match.http_status_at_least} or more")
        if statuses:
            yield f"with HTTP status {alternatives(statuses)}"
        if match.days_supply_at_most is not None:
            yield f"with supply for {match.days_supply_at_most} days or less"
        spans: tuple[tuple[Span | None, Callable[[str], str]], ...] = (
            (match.eta_slip, lambda bounds: f"that moves a promised time by {bounds}"),
            (match.eta_ahead, lambda bounds: f"promised before for {bounds} from then"),
            (match.promise_ahead, lambda bounds: f"due {bounds} from then"),
        )
        for span, say in spans:
            if span is not None:
                yield say(self._bounds(span))

    def _bounds(self, span: Span) -> str:
        parts = [f"at least {self.span(span.at_least)}"] if span.at_least else []
        parts += [f"at most {self.span(span.at_most)}"] if span.at_most else []
        return " and ".join(parts)


def alternatives(values: Iterable[str]) -> str:
    """List what any one of is enough: `a, b or c`."""
    listed = [str(value) for value in values]
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"
