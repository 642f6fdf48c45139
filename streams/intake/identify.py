"""Who an event names: its identifiers in their classes, sorted, and what is only context."""

from typing import Final

import msgspec

from schemas.identifiers import FIRST_WEAK_THREAD_RANK, LAST_DEVICE_RANK, LAST_STRONG_RANK, Ident, Kind
from schemas.wire import WireCorrelation, WireIdentifier
from streams.intake.ledger import Ledger
from streams.intake.pseudonymise import Pseudonyms
from streams.intake.rejected import Refusal

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
BRAND_SCOPED: Final = frozenset(kind.value for kind in CORRELATION_KINDS)
CORRELATION_FIELDS: Final = tuple(kind.value for kind in CORRELATION_KINDS)


class Named(msgspec.Struct, gc=False):
    """The identifiers of one event, each class sorted and distinct, context by kind, and flags of refused ones."""

    strong: tuple[Ident, ...] = ()
    observed: tuple[Ident, ...] = ()
    devices: tuple[Ident, ...] = ()
    threads: tuple[Ident, ...] = ()
    context: dict[str, str] | None = None
    flags: tuple[str, ...] = ()


class Scope(msgspec.Struct, frozen=True, gc=False):
    """What an event's identifiers are unique within, and the region of its phones."""

    source: str
    brand: str
    region: str


NOBODY_NAMED: Final = Named()


class Identification:
    """Names who an event is about. Pure but for the cache of pseudonyms and the counts."""

    def __init__(self, tenant: str, pseudonyms: Pseudonyms, ledger: Ledger) -> None:
        self._tenant = tenant
        self._pseudonyms = pseudonyms
        self._ledger = ledger

    def named(
        self,
        identifiers: tuple[WireIdentifier, ...] | None,
        correlation: WireCorrelation | None,
        session_id: str | None,
        scope: Scope,
    ) -> Named:
        """Collect the identifiers an event tells; those that are none are flagged, counted and left out."""
        named = Named()
        strong: list[Ident] = []
        observed: list[Ident] = []
        devices: list[Ident] = []
        threads: list[Ident] = []
        for told in identifiers or ():
            if told.kind in CONTEXT_KINDS:
                self._keep_context(named, told)
                continue
            found = self._pseudonyms.of(told.kind, told.scope or self._scope_of(told.kind, scope), told.value, scope.region)
            if isinstance(found, Refusal):
                self._flag(named, found, told.kind)
            elif found[0] <= LAST_STRONG_RANK:
                (strong if self._is_firm(told.assurance) else observed).append(found)
            elif found[0] <= LAST_DEVICE_RANK:
                devices.append(found)
            else:
                threads.append(found)
        if correlation is not None:
            self._correlate(named, threads, correlation, scope.brand)
        if session_id and not devices:
            self._thread(named, threads, Kind.SESSION.value, scope.source, session_id)
        if devices:
            threads = [thread for thread in threads if thread[0] < FIRST_WEAK_THREAD_RANK]
        named.strong, named.observed = _distinct(strong), _distinct(observed)
        named.devices, named.threads = _distinct(devices), _distinct(threads)
        return named

    def _scope_of(self, wire_kind: str, scope: Scope) -> str:
        """Threads told among the identifiers are the same as in `correlation`; anything else is unique in the tenant."""
        if wire_kind in BRAND_SCOPED:
            return scope.brand
        return scope.source if wire_kind == Kind.SESSION.value else self._tenant

    def _is_firm(self, assurance: str | None) -> bool:
        if assurance in FIRM:
            return True
        if assurance is not None and assurance not in ASSURANCES:
            self._ledger.unknown_values["identifiers.assurance"] += 1
        return False

    def _correlate(self, named: Named, threads: list[Ident], correlation: WireCorrelation, brand: str) -> None:
        for field in CORRELATION_FIELDS:
            value: str | None = getattr(correlation, field)
            if value:
                self._thread(named, threads, field, brand, value)

    def _thread(self, named: Named, threads: list[Ident], wire_kind: str, scope: str, value: str) -> None:
        found = self._pseudonyms.of(wire_kind, scope, value, "")
        if isinstance(found, Refusal):
            self._flag(named, found, wire_kind)
        else:
            threads.append(found)

    def _keep_context(self, named: Named, told: WireIdentifier) -> None:
        value = told.value
        if told.kind == "payment_token":
            value = self._pseudonyms.keyed_hash(told.kind, self._tenant, value).hex()
        named.context = {**(named.context or {}), told.kind: value}

    def _flag(self, named: Named, refusal: Refusal, wire_kind: str) -> None:
        if refusal is Refusal.UNKNOWN_KIND:
            self._ledger.unknown_values["identifiers.kind"] += 1
            flag = refusal.value
        else:
            flag = f"{refusal.value}:{wire_kind}"
        self._ledger.refused_identifiers[flag] += 1
        if flag not in named.flags:
            named.flags = (*named.flags, flag)


def _distinct(found: list[Ident]) -> tuple[Ident, ...]:
    return tuple(found) if len(found) < 2 else tuple(sorted(set(found)))  # noqa: PLR2004 - one needs no sorting
