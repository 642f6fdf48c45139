"""A cluster of stitchers in one process: N partitions, their queues, and who is heard when.

Partitions make progress independently, as they do on a broker. Between two of them letters keep their order; apart
from that `Schedule` may interleave them any way, and crash any of them between two settles. `drain` goes on until
nobody has a letter.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from random import Random

from schemas.evidence import Message, Tick
from schemas.identifiers import Ident, partition_of
from schemas.rows import Upsert
from streams.identity.rules import IdentityRules
from streams.journeys.book import Book
from streams.processor import Addressed, Change, Emit
from streams.processors.stitcher import Stitcher

EVIDENCE = -1
TURN_ENDS = 0.4
"""How often, in a random schedule, a partition that has taken letters settles before anybody takes more."""
Publish = Callable[[list[Upsert]], None]
Log = Callable[[int, list[Change]], None]
Recall = Callable[[int], Iterable[tuple[bytes, bytes]]]


class Schedule:
    """How partitions take turns: each in order and everything at once, or (with a seed) at random.

    With a seed each turn takes a random number of letters of a random queue, and `crash_rate` of the turns end in a
    crash: the stitcher is thrown away, made anew from the changelog, and its unsettled letters are delivered again.
    """

    def __init__(self, seed: int | None = None, crash_rate: float = 0.0) -> None:
        self.random = None if seed is None else Random(seed)
        self.crash_rate = crash_rate


class Cluster:
    """Runs the stitchers of all partitions. `publish` gets upserts, `log` changelog records with their partition."""

    def __init__(
        self,
        partitions: int,
        rules: IdentityRules,
        book: Book,
        *,
        publish: Publish,
        log: Log,
        recall: Recall,
        schedule: Schedule | None = None,
    ) -> None:
        self._rules = rules
        self._book = book
        self._publish = publish
        self._log = log
        self._recall = recall
        self._schedule = schedule or Schedule()
        self.stitchers = [self._restored(number) for number in range(partitions)]
        self.queues: list[dict[int, deque[Addressed]]] = [{} for _ in range(partitions)]
        self._sent: Counter[type[Message]] = Counter()

    def send(self, letters: Sequence[Addressed]) -> None:
        """Put evidence into the queues of the partitions it is for."""
        self._deliver(letters, EVIDENCE)

    def tick(self, source: str, read_up_to: int) -> None:
        """Tell every partition up to when an input has been read."""
        for queues in self.queues:
            queues.setdefault(EVIDENCE, deque()).append(Addressed(Ident(b""), Tick(source, read_up_to)))

    def drain(self) -> None:
        """Let partitions take turns until no letter is left; then forget what nobody can need any more."""
        while True:
            if self._schedule.random is None:
                self._drain_in_order()
            else:
                self._drain_at_random(self._schedule.random)
            floor = self.log_time
            for number, stitcher in enumerate(self.stitchers):
                self._apply(number, stitcher.settle(stitcher.log_time, floor))
            if not self._has_letters():
                return

    def advance(self, as_of: int) -> None:
        """Settle every partition as of an instant, once all letters are delivered."""
        for number in range(len(self.stitchers)):
            self._apply(number, self.stitchers[number].settle(as_of))
        self.drain()

    @property
    def log_time(self) -> int:
        """The log time nobody is behind."""
        return min(stitcher.log_time for stitcher in self.stitchers)

    @property
    def ledger(self) -> Counter[str]:
        """What all holders counted: keys new and repeat, letters forwarded."""
        return sum((stitcher.post.ledger for stitcher in self.stitchers), Counter())

    @property
    def messages(self) -> dict[str, int]:
        """How many messages of each kind were sent."""
        return {kind.__name__: count for kind, count in self._sent.items()}

    def _drain_in_order(self) -> None:
        """Let everybody hear everything before anybody publishes."""
        while self._has_letters():
            for number, stitcher in enumerate(self.stitchers):
                queues, self.queues[number] = self.queues[number], {}
                for source in sorted(queues):
                    stitcher.take_all(queues[source])
                self._deliver(stitcher.exchange(), number)

    def _has_letters(self) -> bool:
        return any(queue for queues in self.queues for queue in queues.values())

    def _drain_at_random(self, random: Random) -> None:
        unsettled: list[list[tuple[int, Addressed]]] = [[] for _ in self.stitchers]
        while True:
            choices = [(n, s) for n, queues in enumerate(self.queues) for s, queue in sorted(queues.items()) if queue]
            waiting = [n for n, taken in enumerate(unsettled) if taken]
            if not choices and not waiting:
                return
            if waiting and (not choices or random.random() < TURN_ENDS):
                self._end_turn(random.choice(waiting), unsettled, random)
                continue
            number, source = random.choice(choices)
            queue = self.queues[number][source]
            for _ in range(random.randint(1, min(len(queue), 5))):
                letter = queue.popleft()
                unsettled[number].append((source, letter))
                self.stitchers[number].take(letter)

    def _end_turn(self, number: int, unsettled: list[list[tuple[int, Addressed]]], random: Random) -> None:
        if random.random() < self._schedule.crash_rate:
            self.stitchers[number] = self._restored(number)
            for source, letter in reversed(unsettled[number]):
                self.queues[number][source].appendleft(letter)
        else:
            stitcher = self.stitchers[number]
            self._apply(number, stitcher.settle(stitcher.log_time))
        unsettled[number] = []

    def _restored(self, number: int) -> Stitcher:
        stitcher = Stitcher(number, self._rules, self._book)
        stitcher.restore(self._recall(number))
        return stitcher

    def _apply(self, number: int, emit: Emit) -> None:
        self._publish(emit.upserts)
        self._log(number, emit.changelog)
        self._deliver(emit.handoffs, number)

    def _deliver(self, letters: Sequence[Addressed], source: int) -> None:
        sent = [queues.setdefault(source, deque()) for queues in self.queues]
        partitions = len(sent)
        for letter in letters:
            sent[partition_of(letter.to, partitions)].append(letter)
        self._sent.update(type(letter.message) for letter in letters)
