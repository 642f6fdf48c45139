"""Who an event names: its identifiers in their classes, sorted, and what is only context."""

from typing import Final

import msgspec
from msgspec.structs import astuple

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
SCOPED: Final = BRAND_SCOPED | {Kind.SESSION.value}
CORRELATION_FIELDS: Final = WireCorrelation.__struct_fields__


class Named(msgspec.Struct, frozen=True, gc=False):
    """The identifiers of one event, each class sorted and distinct, context by kind, and flags of refused ones."""

    strong: tuple[Ident, ...]
    observed: tuple[Ident, ...]
    devices: tuple[Ident, ...]
    threads: tuple[Ident, ...]
    context: dict[str, str] | None = None
    flags: tuple[str, ...] = ()


class Scope(msgspec.Struct, frozen=True, gc=False):
    """What an event's identifiers are unique within, and the region of its phones."""

    source: str
    brand: str
    region: str


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
        strong: list[Ident] = []
        observed: list[Ident] = []
        devices: list[Ident] = []
        threads: list[Ident] = []
        refused: list[str] = []
        context: dict[str, str] | None = None
        of = self._pseudonyms.of
        for told in identifiers or ():
            kind = told.kind
            if kind in CONTEXT_KINDS:
                context = {**(context or {}), kind: self._context_of(told)}
                continue
            within = told.scope or (self._scope_of(kind, scope) if kind in SCOPED else self._tenant)
            found = of(kind, within, told.value, scope.region)
            if not isinstance(found, bytes):
                refused.append(self._refuse(found, kind))
                continue
            rank = found[0]
            if rank <= LAST_STRONG_RANK:
                (strong if self._is_firm(told.assurance) else observed).append(found)
            elif rank <= LAST_DEVICE_RANK:
                devices.append(found)
            else:
                threads.append(found)
        if correlation is not None:
            for kind, value in zip(CORRELATION_FIELDS, astuple(correlation), strict=True):
                if value and kind in BRAND_SCOPED:
                    self._thread(threads, refused, (kind, scope.brand, value))
        if session_id and not devices:
            self._thread(threads, refused, (Kind.SESSION.value, scope.source, session_id))
        if devices and threads:
            threads = [thread for thread in threads if thread[0] < FIRST_WEAK_THREAD_RANK]
        flags = tuple(dict.fromkeys(refused))
        return Named(_distinct(strong), _distinct(observed), _distinct(devices), _distinct(threads), context, flags)

    def _scope_of(self, wire_kind: str, scope: Scope) -> str:
        """Threads told among the identifiers are the same as in `correlation` and `session_id`."""
        return scope.source if wire_kind == Kind.SESSION.value else scope.brand

    def _is_firm(self, assurance: str | None) -> bool:
        if assurance in FIRM:
            return True
        if assurance is not None and assurance not in ASSURANCES:
            self._ledger.unknown_values["identifiers.assurance"] += 1
        return False

    def _thread(self, threads: list[Ident], refused: list[str], told: tuple[str, str, str]) -> None:
        found = self._pseudonyms.of(*told, "")
        if isinstance(found, bytes):
            threads.append(found)
        else:
            refused.append(self._refuse(found, told[0]))

    def _context_of(self, told: WireIdentifier) -> str:
        if told.kind == "payment_token":
            return self._pseudonyms.keyed_hash(told.kind, self._tenant, told.value).hex()
        return told.value

    def _refuse(self, refusal: Refusal, wire_kind: str) -> str:
        """Count a refused identifier and name its flag; a kind nobody knows is not repeated, it could be anything."""
        if refusal is Refusal.UNKNOWN_KIND:
            self._ledger.unknown_values["identifiers.kind"] += 1
            return refusal.value
        flag = f"{refusal.value}:{wire_kind}"
        self._ledger.refused_identifiers[flag] += 1
        return flag


def _distinct(found: list[Ident]) -> tuple[Ident, ...]:
    return tuple(found) if len(found) < 2 else tuple(sorted(set(found)))  # noqa: PLR2004 - one needs no sorting
