"""The report: figures that grow from run to run. `docs/chaos.json` keeps them, `docs/chaos.md` tells them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.chaos.faults import Kind
from tests.chaos.rounds import Outcome

DOCS: Final = Path(__file__).parents[2] / "docs"
AIMS: Final = {
    Kind.SIGKILL.value: 200,
    Kind.SIGSTOP.value: 50,
    Kind.BROKER_KILL.value: 50,
    "rebalance": 50,
    Kind.CUT.value: 200,
}
EVENTS_AIM: Final = 3_000_000
MEANINGS: Final = {
    Kind.SIGKILL.value: "a worker killed, and started again at once or after others took over",
    "wiped": "of these, its state folder lost",
    Kind.SIGSTOP.value: "a worker stopped for longer than its session, then continued: a zombie",
    Kind.BROKER_KILL.value: "the broker killed and started again",
    "rebalance": "a worker that joined or left in peace",
    Kind.CUT.value: "a connection cut after the request and before the answer, or in the middle of anything",
    Kind.HOLD.value: "requests to join a group held up on their way",
    Kind.WAREHOUSE_AWAY.value: "ClickHouse away for some seconds",
}
NOT_COVERED: Final = (
    "several brokers, replication, and power loss: one broker, killed as a process; its writes stay in memory",
    "clocks: log time is moved by the data, never by a machine's clock",
    "slow or full disks, and slow networks but for requests to join",
    "rounds of hours; states larger than some ten thousand people",
    "interleavings within one step of the program: the simulation is for these",
)


class Figures(msgspec.Struct):
    """Sums over every run since the report began, or since what was found last was `mended`."""

    rounds: int = 0
    faults: dict[str, int] = {}
    events: int = 0
    rows_compared: int = 0
    divergences: int = 0
    diverging: list[str] = []
    lapses: list[str] = []
    mended: list[str] = []
    mutants: dict[str, bool] = {}
    worst_stall_seconds: float = 0.0
    worst_end_seconds: float = 0.0
    worst_drain_seconds: float = 0.0
    seconds: float = 0.0
    next_seed: int = 1

    def add(self, outcome: Outcome) -> None:
        """Add a round of healthy workers."""
        self.rounds += 1
        for kind, count in outcome.faults.items():
            self.faults[kind] = self.faults.get(kind, 0) + count
        self.events += outcome.deliveries
        self.rows_compared += outcome.rows_compared
        self.seconds += outcome.seconds
        self.next_seed = max(self.next_seed, outcome.script.seed + 1)
        self.worst_stall_seconds = max(self.worst_stall_seconds, outcome.worst_stall_seconds)
        self.worst_end_seconds = max(self.worst_end_seconds, outcome.worst_end_seconds)
        self.worst_drain_seconds = max(self.worst_drain_seconds, outcome.drained_after_seconds)
        played = f"seed {outcome.script.seed}, {outcome.script.recipe}"
        self.lapses += [f"{played}: {lapse}" for lapse in outcome.lapses]
        if outcome.diverges:
            self.divergences += 1
            self.diverging.append(f"{played}: {first_of(outcome)}")

    def anew(self, cause: str) -> "Figures":
        """Begin again, with seeds not played yet: what was found is mended, and every figure is to be earned."""
        told = f"{cause} ({self.rounds} rounds, {self.events:,} events: {'; '.join([*self.diverging, *self.lapses])})"
        return Figures(mutants=self.mutants, next_seed=self.next_seed, mended=[*self.mended, told])

    def result(self) -> dict[str, object]:
        """Give the figures of the RESULT line."""
        kinds = {kind: self.faults.get(kind, 0) for kind in AIMS}
        return {
            "rounds": self.rounds,
            **kinds,
            "events": self.events,
            "rows_compared": self.rows_compared,
            "divergences": self.divergences,
            "mutants": len(self.mutants),
            "mutants_caught": sum(self.mutants.values()),
            "worst_stall_seconds": round(self.worst_stall_seconds, 1),
        }


def first_of(outcome: Outcome) -> str:
    """Say the first thing that is wrong."""
    return [*outcome.broken, *outcome.differences][0]


def load(folder: Path = DOCS) -> Figures:
    """Read the figures of all runs so far; none where there is no report."""
    path = folder / "chaos.json"
    return msgspec.json.decode(path.read_bytes(), type=Figures) if path.exists() else Figures()


def save(figures: Figures, folder: Path = DOCS) -> None:
    """Write both files."""
    packed = msgspec.json.format(msgspec.json.encode(figures), indent=2)
    (folder / "chaos.json").write_bytes(packed + b"\n")
    (folder / "chaos.md").write_text(told(figures), encoding="utf-8")


def told(figures: Figures) -> str:
    """Tell the figures as a page."""
    kinds = [*MEANINGS, *sorted(figures.faults.keys() - MEANINGS.keys())]
    lines = [
        "# Chaos",
        "",
        "Written by `make chaos`; every run adds to it. Real workers on a real broker, loaded with a generated world",
        "whose tables an oracle knows, while faults drawn by seed overlap. A round ends when everything is read and",
        "committed and hand-offs stand still; then every row of every table is compared, and the accounts: each record",
        "of an input counted once, each letter taken once, no two rows of one revision.",
        "",
        *_table(("", "so far", "aim"), _amounts(figures)),
        "",
        "## Faults",
        "",
        *_table(
            ("fault", "done", "aim", "what happens"),
            [
                (kind, f"{figures.faults.get(kind, 0):,}", str(AIMS.get(kind, "")), MEANINGS.get(kind, ""))
                for kind in kinds
            ],
        ),
        "",
        "## How long others wait",
        "",
        "When a worker dies, the partitions of others make no progress for at most",
        f"{figures.worst_stall_seconds:.1f} s (session timeout 6 s). They go on while nobody notices; where the dead",
        "worker is started again at once, its joining makes the group wait for the session of the dead one.",
        "",
        f"A worker that is asked to end took at most {figures.worst_end_seconds:.1f} s. After the last fault",
        f"everything was drained within {figures.worst_drain_seconds:.0f} s.",
        "",
        "## Mutants",
        "",
        "Workers with a bug each, to see that the rig would notice.",
        "",
        *_table(
            ("bug", "caught"),
            [(name, "yes" if caught else "**no**") for name, caught in sorted(figures.mutants.items())],
        ),
        "",
        "## Divergences",
        "",
        *([f"* {line}" for line in figures.diverging] or ["None."]),
        "",
        "## Lapses",
        "",
        "Promises about time that were not kept, while the tables were right: ends of more than ten seconds.",
        "",
        *([f"* {line}" for line in figures.lapses] or ["None."]),
        "",
        "## Found and mended",
        "",
        "After each the figures above began again.",
        "",
        *([f"* {line}" for line in figures.mended] or ["Nothing."]),
        "",
        "## Not covered",
        "",
        *(f"* {line}" for line in NOT_COVERED),
        "",
    ]
    return "\n".join(lines)


def _amounts(figures: Figures) -> list[tuple[str, str, str]]:
    return [
        ("rounds", f"{figures.rounds:,}", ""),
        ("events", f"{figures.events:,}", f"{EVENTS_AIM:,}"),
        ("rows compared", f"{figures.rows_compared:,}", ""),
        ("divergences", f"{figures.divergences:,}", "0"),
        ("hours", f"{figures.seconds / 3600:.1f}", ""),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
