"""Say of one clause, under one key, since when it is met and by what, or why it is not."""

from datetime import UTC, datetime

import msgspec

from schemas.touchpoint import Touchpoint
from streams.explanations.watching import Moment, Watched, moment_of
from streams.patterns import language
from streams.patterns.durations import spelled
from streams.patterns.language import AnyClause
from streams.patterns.matches import NEVER, Group, Tally
from streams.patterns.pattern import Pattern
from streams.patterns.predicates import compile_match, length
from streams.patterns.ways import ways_of


class Reason(msgspec.Struct, frozen=True):
    """Whether a clause is met, since when (milliseconds UTC), and why or why not."""

    met: bool
    at: int | None
    why: str


def reason(pattern: Pattern, clause: AnyClause, watched: Watched, group: Group, told: list[Touchpoint]) -> Reason:
    """Judge a clause; `group` is what is remembered, with the absences taken over that show."""
    by = watched.met.get(clause.name)
    if isinstance(clause, language.Sequence):
        return _met(by) if by is not None else _no(_not_followed(pattern, clause, watched, told))
    if isinstance(clause, language.Absence):
        return _absence(pattern, clause, watched, group)
    if isinstance(clause, language.Along):
        return _met(by) if by is not None else _no("nothing such came along")
    if isinstance(clause, language.Run):
        if by is not None:
            return _met(by)
        return _no(f"{group.run} of {clause.at_least} in the newest run")
    position = next(number for number, one in enumerate(pattern.counted) if one.name == clause.name)
    tally = group.tallies[position]
    if tally.met_at != NEVER:
        return _met(by) if by is not None else Reason(met=True, at=tally.met_at, why="by a journey that was given up")
    return _no(_counted(clause, tally))


def spelled_moment(moment: Moment) -> str:
    """Spell a moment: when, where, what."""
    given_up = f", given up at {spelled_time(moment.given_up_at)}" if moment.given_up_at is not None else ""
    return f"{moment.channel}:{moment.name} at {spelled_time(moment.time)}{given_up}"


def spelled_time(instant: int) -> str:
    """Spell an instant to the second, in UTC."""
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _met(by: Moment) -> Reason:
    return Reason(met=True, at=by.time, why=f"by {spelled_moment(by)}")


def _no(why: str) -> Reason:
    return Reason(met=False, at=None, why=why)


def _counted(clause: AnyClause, tally: Tally) -> str:
    match clause:
        case language.Count():
            if clause.since is not None:
                return f"{tally.count} counted, and never {clause.at_least} in time after something to count since"
            close = ", and never so close together" if clause.within and tally.count >= clause.at_least else ""
            return f"{tally.count} of {clause.at_least}{close}"
        case language.Changes():
            return f"{tally.count} of {clause.at_least} changes"
        case language.Channels():
            seen = f" ({', '.join(sorted(tally.numbers))})" if tally.numbers else ""
            return f"{tally.count} of {clause.at_least} channels{seen}"
        case language.Bounce():
            return "no channel was left and come back to in time"
        case language.Again():
            return "told at two channels: nothing" if clause.same else "at two channels: none"
        case _:
            return "no step was gone back to at another channel"


def _absence(pattern: Pattern, clause: language.Absence, watched: Watched, group: Group) -> Reason:
    number = pattern.written.clauses.index(clause)
    if group.met & pattern.bits[clause.name]:
        shown = [wait for wait in watched.group.waits if wait.missing == number]
        at = min((wait.shown_from for wait in shown), default=group.completed_at)
        return Reason(met=True, at=at, why=f"nothing such came in time, which shows since {spelled_time(at)}")
    waits = [wait for wait in watched.group.waits if wait.missing == number]
    if waits:
        first = min(waits, key=lambda wait: wait.shown_from)
        until, shows = spelled_time(first.deadline), spelled_time(first.shown_from)
        return _no(f"it may still come until {until}; that it does not shows from {shows} on")
    by = watched.ended.get(clause.name)
    if by is not None:
        return _no(f"it came: {spelled_moment(by)}")
    if clause.decides == "severity":
        return _no("there is no hit after which it could be missing")
    rest = any(clause.name in names and len(names) > 1 for names in ways_of(pattern.written))
    return _no("the rest is not met, after which it would be waited for" if rest else "no item had to wait for it")


def _not_followed(pattern: Pattern, clause: language.Sequence, watched: Watched, told: list[Touchpoint]) -> str:
    """Find what came nearest to following, and say what kept it apart."""
    parameters = pattern.written.parameters
    test, within = compile_match(clause.match, parameters), length(clause.within, parameters)
    such = [one for one in told if test(one, pattern.values_of(one.brand, one.channel, one.task))]
    starts = [item.counts_at for item in watched.items]
    if not such:
        return "nothing such happened at all"
    if not starts:
        return "there is nothing yet for it to follow"
    later = [one for one in such if one.event_time > min(starts)]
    if not later:
        return f"{len(such)} such, none of them later; the newest is {spelled_moment(moment_of(such[-1]))}"
    pause, nearest = min(
        ((min(one.event_time - start for start in starts if start < one.event_time), one) for one in later),
        key=lambda pair: pair[0],
    )
    said = f"the nearest is {spelled_moment(moment_of(nearest))}, {spelled(pause)} after an item"
    if pause > within(_values_of_items(pattern, watched, told)):
        return f"{said}, which is too late"
    return f"{said}, and is kept apart: {_kept_apart(clause)}"


def _values_of_items(pattern: Pattern, watched: Watched, told: list[Touchpoint]) -> dict[str, int]:
    keys = {item.key for item in watched.items}
    head = watched.group.head
    if head is not None:
        return pattern.values_of(head.brand, head.channel, head.task)
    one = next((one for one in told if one.key.hex() in keys), None)
    return pattern.values_of(one.brand, one.channel, one.task) if one is not None else pattern.values


def _kept_apart(clause: language.Sequence) -> str:
    reasons = []
    if clause.must_relate:
        reasons.append("it shares nothing that was asked for")
    if clause.join != "person":
        reasons.append("it is under another key")
    if clause.after == "every_item":
        reasons.append("it is not later than all items, or the line had ended")
    if clause.expires:
        reasons.append(f"the item's {clause.expires} was past")
    if clause.unless_after is not None:
        reasons.append("it came too soon after what it must not follow")
    if clause.decides == "severity":
        reasons.append("it did not come in time after the hit")
    return ", or ".join(reasons) if reasons else "the other clauses were not met by then"
