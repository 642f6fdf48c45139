"""What an event says of people, as messages to the holders of its identifiers (docs/rules.md 1.5).

Claims of one settle that differ only in time travel as one message. A strong link carries no date, so it is sent once;
a claim on a thread, or a link between two, again only if it is earlier, since nothing else of it can decide. What was
sent is remembered: whoever loses what a settle handed over must start a new `Routing` too.
"""

from typing import Final

from schemas.evidence import Anonymous, Claim, Edge, Link, Observe
from schemas.identifiers import Ident, nobody
from schemas.touchpoint import Touchpoint
from streams.intake.rules import Limits
from streams.processor import Addressed

SIGN_OUT: Final = "identity.reset"


class Routing:
    """Collects the evidence of accepted and late events until it is handed over."""

    def __init__(self, limits: Limits) -> None:
        self._claim_times_max = limits.claim_times
        self._links_max = limits.cached_links
        self._sent: list[Addressed] = []
        self._claims: dict[tuple[Ident, tuple[Ident, ...], bool], tuple[list[int], list[int]]] = {}
        self._links_known: set[tuple[Ident, Ident]] = set()
        self._ties_known: dict[tuple[Ident, Ident], int] = {}
        self._claims_known: dict[tuple[Ident, tuple[Ident, ...], bool], tuple[int, int]] = {}

    def route(self, touchpoint: Touchpoint, is_late: bool) -> None:
        """Take one event's evidence. A late event is no touchpoint, but what it says of identity counts."""
        if touchpoint.strong:
            self._route_strong(touchpoint, is_late)
        elif not is_late:
            self._send(_home_of(touchpoint), Anonymous(touchpoint))
        self._claim_all(touchpoint)
        if not touchpoint.strong and touchpoint.threads:
            self._tie_threads(touchpoint)

    def hand_over(self) -> list[Addressed]:
        """Give everything collected since the last time."""
        sent, self._sent = self._sent, []
        claims, self._claims = self._claims, {}
        size = self._claim_times_max
        for (target, ids, firm), (times, received) in claims.items():
            for start in range(0, len(times), size):
                chunk = slice(start, start + size)
                claim = Claim(target, ids, tuple(times[chunk]), tuple(received[chunk]), firm)
                sent.append(Addressed(target, claim))
        return sent

    def _route_strong(self, touchpoint: Touchpoint, is_late: bool) -> None:
        smallest, *others = touchpoint.strong
        if not is_late:
            self._send(smallest, Observe(touchpoint))
        else:
            self._send(smallest, Edge(touchpoint.strong, touchpoint.event_time, touchpoint.received_at))
        for larger in others:
            pair = (larger, smallest)
            if pair not in self._links_known:
                if len(self._links_known) >= self._links_max:
                    self._links_known.clear()
                self._links_known.add(pair)
                self._send(larger, Link(larger, smallest))

    def _claim_all(self, touchpoint: Touchpoint) -> None:
        ids = touchpoint.strong or touchpoint.observed
        firm = bool(touchpoint.strong)
        if touchpoint.name == SIGN_OUT:
            for device in touchpoint.devices:
                self._claim(device, (), True, touchpoint)
        elif ids:
            for device in touchpoint.devices:
                self._claim(device, ids, firm, touchpoint)
        if ids:
            for thread in touchpoint.threads:
                self._claim_thread(thread, ids, firm, touchpoint)

    def _tie_threads(self, touchpoint: Touchpoint) -> None:
        first, *others = touchpoint.threads
        for larger in others:
            known = self._ties_known.get((larger, first))
            if known is None or touchpoint.received_at < known:
                self._ties_known[larger, first] = touchpoint.received_at
                self._send(larger, Link(larger, first, touchpoint.received_at))
        if len(self._ties_known) > self._links_max:
            self._ties_known.clear()
        if touchpoint.devices:
            self._claim_thread(first, touchpoint.devices[:1], True, touchpoint)

    def _claim_thread(self, thread: Ident, ids: tuple[Ident, ...], firm: bool, touchpoint: Touchpoint) -> None:
        """Claim a thread, unless a claim that was sent before beats this one.

        A thread belongs to its first claimant, so one that is neither earlier nor received earlier can decide nothing.
        (Devices are different: every claim of theirs counts.)
        """
        name = (thread, ids, firm)
        known = self._claims_known.get(name)
        if known is not None and known[0] <= touchpoint.event_time and known[1] <= touchpoint.received_at:
            return
        if len(self._claims_known) >= self._links_max:
            self._claims_known.clear()
        self._claims_known[name] = (touchpoint.event_time, touchpoint.received_at)
        self._claim(thread, ids, firm, touchpoint)

    def _claim(self, target: Ident, ids: tuple[Ident, ...], firm: bool, touchpoint: Touchpoint) -> None:
        key = (target, ids, firm)
        dated = self._claims.get(key)
        if dated is None:
            self._claims[key] = ([touchpoint.event_time], [touchpoint.received_at])
        else:
            dated[0].append(touchpoint.event_time)
            dated[1].append(touchpoint.received_at)

    def _send(self, to: Ident, message: Observe | Anonymous | Edge | Link) -> None:
        self._sent.append(Addressed(to, message))


def _home_of(touchpoint: Touchpoint) -> Ident:
    """Name who keeps a touchpoint without a strong identifier."""
    if touchpoint.threads:
        return touchpoint.threads[0]
    return touchpoint.devices[0] if touchpoint.devices else nobody(touchpoint.key)
