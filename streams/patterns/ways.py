"""Which clauses make a hit, and in which ways."""

from streams.patterns.language import Absence, Along, AnyClause, PatternFile, Sequence


def ways_of(written: PatternFile) -> tuple[tuple[str, ...], ...]:
    """List the ways to be a hit: as written, or all clauses that decide it together."""
    if written.hit:
        return written.hit
    return (tuple(one.name for one in written.clauses if decides_hit(one)),)


def way_place(written: PatternFile, number: int) -> str:
    """Name the place of a way to be a hit: that of the clauses, where they all make one."""
    return f"hit[{number}]" if written.hit else "clauses"


def decides_hit(clause: AnyClause) -> bool:
    """Tell whether a clause decides the hit, and not only how grave it is."""
    if isinstance(clause, Sequence | Absence):
        return clause.decides == "hit"
    return not isinstance(clause, Along)
