"""Catalogues of another size than the shipped one: fewer patterns, or copies beside them that match no event."""

import msgspec

from streams.journeys.book import Book, load_book
from streams.patterns.compiling import compile_pattern
from streams.patterns.language import Absence, Along, AnyClause, Count, Guard, PatternFile, Sequence
from streams.patterns.loader import load_catalogue
from streams.patterns.pattern import Pattern
from streams.patterns.written import Match

replace = msgspec.structs.replace


def book_of(patterns: int) -> Book:
    """Give the book with the first so many shipped patterns; beyond them with copies, which match nothing."""
    shipped = load_catalogue()
    copies = [
        _copy_of(shipped[number % len(shipped)].written, f"Z{number:02d}") for number in range(patterns - len(shipped))
    ]
    return load_book(patterns=(*shipped[:patterns], *copies))


def _copy_of(written: PatternFile, name: str) -> Pattern:
    """Copy a pattern under another id, with names of events that no event has, wherever it asks an event."""
    items, key = written.items, written.key
    return compile_pattern(
        replace(
            written,
            id=name,
            items=replace(
                items,
                match=_unmet(items.match, name),
                lapsed=_unmet(items.lapsed, name) if items.lapsed is not None else None,
                unless_after=_unmet_guard(items.unless_after, name),
            ),
            key=replace(key, ends=_unmet(key.ends, name)) if key.ends is not None else key,
            clauses=tuple(_unmet_clause(clause, name) for clause in written.clauses),
        )
    )


def _unmet_clause(clause: AnyClause, name: str) -> AnyClause:
    """Rename what events are asked by a clause; the matches of items that count are left, they are asked of items."""
    if isinstance(clause, Sequence):
        return replace(clause, match=_unmet(clause.match, name), unless_after=_unmet_guard(clause.unless_after, name))
    if isinstance(clause, Count):
        return replace(clause, since=_unmet(clause.since, name)) if clause.since is not None else clause
    if isinstance(clause, Absence | Along):
        return replace(clause, match=_unmet(clause.match, name))
    return clause


def _unmet_guard(guard: Guard | None, name: str) -> Guard | None:
    return replace(guard, match=_unmet(guard.match, name)) if guard is not None else None


def _unmet(match: Match, name: str) -> Match:
    """Ask for other names: the same with another first part, or one where any name would do."""
    return replace(match, name=tuple(f"{name.lower()}.{one}" for one in match.name or ("happened",)))
