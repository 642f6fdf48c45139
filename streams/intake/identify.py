"""Who an event names: its identifiers in their classes, sorted, and what is only context."""

from operator import attrgetter
from typing import Final

import msgspec

from schemas.identifiers import FIRST_WEAK_THREAD_RANK, LAST_DEVICE_RANK, LAST_STRONG_RANK, Ident, Kind
from schemas.wire import WireCorrelation, WireIdentifier
from streams.intake.ledger import Ledger
from streams.intake.pseudonymise import Pseudonyms
from streams.intake.rejected import Refusal
from streams.intake.rules import IntakeRules

FIRM: Final = frozenset({"authenticated", "asserted"})
ASSURANCES: Final = FIRM | {"observed", "inferred"}
"""Everything not firm, an assurance left out or unknown too, only claims and never links: in doubt nobody is merged."""
CONTEXT_KINDS: Final = frozenset({"terminal_id", "agent_ref", "ip", "payment_token"})
CORRELATION_KINDS: Final = (
    Kind.ORDER,
    Kind.PRESCRIPTION,
    Kind.TICKET,
    Kind.CASE,
    Kind.CALL,
    Kind.APPOINTMENT,
    Kind.PAYMENT,
    Kind.CART,
    Kind.MESSAGE,
)
BRAND_SCOPED: Final = frozenset(kind.value for kind in (*CORRELATION_KINDS, Kind.MESSAGE_LINK))
THREAD_FIELDS: Final = tuple(kind.value for kind in CORRELATION_KINDS)
_threads_in: Final = attrgetter(*THREAD_FIELDS)
SESSION: Final = Kind.SESSION.value
UNKNOWN_KIND: Final = Refusal.UNKNOWN_KIND


class Named(msgspec.Struct, frozen=True, gc=False):
    """The identifiers of one event, each class sorted and distinct, context by kind, and flags of refused ones.

    `routing` is what the touchpoint's key is made of, `unknown` names the fields whose words nobody knows.
    """

    strong: tuple[Ident, ...] = ()
    observed: tuple[Ident, ...] = ()
    devices: tuple[Ident, ...] = ()
    threads: tuple[Ident, ...] = ()
    routing: bytes = b""
    context: dict[str, str] | None = None
    flags: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


NONE_NAMED: Final = Named()


class Where(msgspec.Struct, frozen=True, gc=False):
    """Where an event comes from: what threads are unique within, and the region that phones are read in."""

    source: str
    brand: str
    region: str


class Identification:
    """Names who an event is about. Pure but for the cache of pseudonyms, which only saves work, and the counts."""

    def __init__(self, rules: IntakeRules, pseudonyms: Pseudonyms, ledger: Ledger) -> None:
        self._tenant = rules.tenant
        self._pseudonyms = pseudonyms
        self._ledger = ledger

    def named(
        self,
        identifiers: tuple[WireIdentifier, ...] | None,
        correlation: WireCorrelation | None,
        session_id: str | None,
        where: Where,
    ) -> Named:
        """Collect the identifiers an event tells; those that are none are flagged, counted and left out."""
        named = self.identified(identifiers, where) if identifiers else NONE_NAMED
        named = self.with_threads(named, correlation, session_id, where)
        self.count(named)
        return named

    def count(self, named: Named) -> None:
        """Count what was refused of one event's identifiers."""
        if named.flags or named.unknown:
            self._ledger.refused_identifiers.update(named.flags)
            self._ledger.unknown_values.update(named.unknown)

    def identified(self, told: tuple[WireIdentifier, ...], where: Where) -> Named:
        """Name who these identifiers stand for; nothing is counted."""
        strong: list[Ident] = []
        observed: list[Ident] = []
        devices: list[Ident] = []
        threads: list[Ident] = []
        refused: list[str] = []
        unknown: list[str] = []
        context: dict[str, str] = {}
        for each in told:
            kind, assurance = each.kind, each.assurance
            if kind in CONTEXT_KINDS:
                context[kind] = self._context_of(each)
                continue
            ident = self._pseudonyms.of(kind, each.scope or self._scope_of(kind, where), each.value, where.region)
            if not isinstance(ident, bytes):
                _refuse(ident, kind, refused, unknown)
                continue
            if assurance is not None and assurance not in ASSURANCES:
                unknown.append("identifiers.assurance")
            if ident[0] <= LAST_STRONG_RANK:
                (strong if assurance in FIRM else observed).append(ident)
            else:
                (devices if ident[0] <= LAST_DEVICE_RANK else threads).append(ident)
        return _named((_sorted(strong), _sorted(observed), _sorted(devices)), threads, context, refused, unknown)

    def with_threads(
        self, named: Named, correlation: WireCorrelation | None, session_id: str | None, where: Where
    ) -> Named:
        """Add the threads of an event to those among its identifiers; nothing is counted.

        Weak threads play no part beside a device.
        """
        if correlation is None and (not session_id or named.devices):
            return named
        threads, refused, unknown = list(named.threads), list(named.flags), list(named.unknown)
        thread_of = self._pseudonyms.of
        told: list[tuple[str, str, str]] = []
        if correlation is not None:
            brand = where.brand
            told = [(kind, brand, value) for kind, value in zip(THREAD_FIELDS, _threads_in(correlation)) if value]  # noqa: B905 - of one length, by their making
        if session_id and not named.devices:
            told.append((SESSION, where.source, session_id))
        for kind, scope, value in told:
            ident = thread_of(kind, scope, value, "")
            if isinstance(ident, bytes):
                threads.append(ident)
            else:
                _refuse(ident, kind, refused, unknown)
        if len(threads) == len(named.threads) and len(refused) == len(named.flags):
            return named
        return _named((named.strong, named.observed, named.devices), threads, named.context, refused, unknown)

    def _scope_of(self, wire_kind: str, where: Where) -> str:
        """Threads told among the identifiers are the same as in `correlation` and `session_id`."""
        if wire_kind in BRAND_SCOPED:
            return where.brand
        return where.source if wire_kind == SESSION else self._tenant

    def _context_of(self, told: WireIdentifier) -> str:
        if told.kind == "payment_token":
            return self._pseudonyms.keyed_hash(told.kind, self._tenant, told.value).hex()
        return told.value


def _named(
    classes: tuple[tuple[Ident, ...], tuple[Ident, ...], tuple[Ident, ...]],
    threads: list[Ident],
    context: dict[str, str] | None,
    refused: list[str],
    unknown: list[str],
) -> Named:
    strong, observed, devices = classes
    if devices and threads:
        threads = [thread for thread in threads if thread[0] < FIRST_WEAK_THREAD_RANK]
    sorted_threads = _sorted(threads)
    return Named(
        strong,
        observed,
        devices,
        sorted_threads,
        b"".join(strong + devices + sorted_threads),
        context or None,
        tuple(dict.fromkeys(refused)) if refused else (),
        tuple(unknown),
    )


def _sorted(found: list[Ident]) -> tuple[Ident, ...]:
    """Sort identifiers, each once."""
    return tuple(sorted(set(found))) if len(found) > 1 else tuple(found)


def _refuse(refusal: Refusal, wire_kind: str, refused: list[str], unknown: list[str]) -> None:
    """Flag a refused identifier; a kind nobody knows is counted but not repeated, it could be anything."""
    if refusal is UNKNOWN_KIND:
        unknown.append("identifiers.kind")
        refused.append(refusal.value)
    else:
        refused.append(f"{refusal.value}:{wire_kind}")
