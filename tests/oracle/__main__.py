"""`make oracle`: a generated world through the engine and through the oracle, table by table; and every small world.

The oracle reads the events as written; the engine reads them as delivered, late, twice and out of order. Prints a line
`RESULT {json}`; exit code 0 only where no row differs, every world is right, and all friction that was planted is found
and no other, at most two in a hundred plants being ambiguous.
"""

import argparse
import sys
import time
from collections import Counter
from itertools import islice

import msgspec

from schemas.evidence import Decision
from streams.generator.world import WorldRules, arrivals, chapters, decisions, oracle_world, truth
from streams.local.process import calm_collector
from tests.oracle.compare import Difference, compare
from tests.oracle.evidence import rulings
from tests.oracle.plants import Reckoning, reckon
from tests.oracle.published import published
from tests.oracle.shape import Tables
from tests.oracle.tables import Oracle
from tests.support.engine import run_engine
from tests.worlds.all_worlds import WORLDS
from tests.worlds.tellers import by_engine, by_oracle

SHOWN = 40
BATCH_RECORDS = 5_000


def by_batch(rules: WorldRules, as_of: int | None = None) -> Tables:
    """Let the oracle compute a world from what was written; `as_of` None: drained."""
    written = (one.event for chapter in chapters(rules) for one in chapter.written)
    return Oracle().tables(written, [msgspec.to_builtins(verdict) for verdict in decisions(rules)], as_of)


def by_stream(rules: WorldRules, partitions: int, as_of: int | None = None) -> Tables:
    """Let the engine compute a world from what was delivered."""
    ruled = rulings([msgspec.to_builtins(verdict) for verdict in decisions(rules)], Oracle().reader)
    decided = [
        Decision(one.pair, one.decided_at, one.decision_id, "split" if one.split else "allow", "", "") for one in ruled
    ]
    delivered = (msgspec.json.encode(one.event) for one in arrivals(chapters(rules)))
    asked = "drained" if as_of is None else as_of
    return published(
        run_engine(delivered, decided, partitions=partitions, as_of=asked, batch_records=BATCH_RECORDS).tables
    )


def differences(rules: WorldRules, partitions: int, as_of: int | None = None) -> tuple[Tables, list[Difference]]:
    """Compare both; the engine's tables and every difference."""
    oracle = by_batch(rules, as_of)
    say(f"oracle: {sum(map(len, oracle.values()))} rows")
    ours = by_stream(rules, partitions, as_of)
    say(f"engine: {sum(map(len, ours.values()))} rows")
    return ours, compare(ours, oracle)


def say(line: str) -> None:
    """Tell on the side how far it got."""
    print(line, file=sys.stderr, flush=True)


def report(found: list[Difference]) -> None:
    """Print a few differences of each table, and how many there are of each kind."""
    for (table, field), count in Counter((one.table, one.field) for one in found).most_common():
        say(f"{count} x {table}.{field}")
        for one in islice((one for one in found if (one.table, one.field) == (table, field)), SHOWN // 8):
            say(f"    {one}")


def tell_of(planted: Reckoning) -> None:
    """Print a few plants that were missed and hits that nobody planted, and how many there are of each pattern."""
    for what, each in (("missed", planted.missed), ("stray", planted.stray)):
        for pattern, count in sorted(Counter(one.pattern for one in each).items()):
            say(f"{what}: {count} x {pattern}")
            for one in islice((one for one in each if one.pattern == pattern), SHOWN // 8):
                say(f"    {one}")


def wrong_worlds() -> int:
    """Tell every world to both; how many came out wrong."""
    wrong = 0
    for world in WORLDS:
        sayings = [f"oracle: {line}" for line in by_oracle(world)] + [f"engine: {line}" for line in by_engine(world)]
        wrong += bool(sayings)
        if sayings:
            say("\n    ".join([f"wrong: {world.name}", *sayings]))
    return wrong


def main() -> int:
    """Run, compare, print the RESULT line."""
    calm_collector()
    asked = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    asked.add_argument("--events", type=int, default=500_000, help="events as written")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--partitions", type=int, default=4)
    options = asked.parse_args()
    began = time.monotonic()
    rules = oracle_world(options.events, options.seed)
    tables, found = differences(rules, options.partitions)
    report(found)
    planted = reckon(truth(rules), tables)
    tell_of(planted)
    wrong = wrong_worlds()
    result = {
        "events": options.events,
        "seed": options.seed,
        "tables": len(tables),
        "rows_compared": sum(map(len, tables.values())),
        "differences": len(found),
        "plants": planted.plants,
        "precision": planted.precision,
        "recall": planted.recall,
        "ambiguous_share": planted.ambiguous_share,
        "worlds": len(WORLDS),
        "worlds_right": len(WORLDS) - wrong,
        "seconds": round(time.monotonic() - began, 1),
    }
    print("RESULT", msgspec.json.encode(result).decode(), flush=True)
    return 1 if found or wrong or not planted.holds else 0


if __name__ == "__main__":
    raise SystemExit(main())
