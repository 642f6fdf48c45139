"""Everything intake is told in advance, as one frozen value. `streams/bootstrap.py` makes it from the settings."""

from typing import Final

import msgspec

from schemas.touchpoint import Channel, Direction, Outcome, Sensitivity
from schemas.wire import (
    ATTRIBUTES_MAX,
    EVENT_BYTES_MAX,
    EXPERIMENTS_MAX,
    FACTS_MAX,
    IDENTIFIERS_MAX,
    ITEMS_MAX,
    NAME_CHARS_MAX,
)
from streams.intake.mapping import Mapping
from streams.intake.times import TIME_END

BLOCKED_ALWAYS: Final = frozenset(
    {"-1", "anonymous", "guest", "invalid", "n/a", "none", "null", "test", "undefined", "unknown"}
)
"""Values that are nobody's, compared casefolded for every kind; so is anything made of zeros and dashes only."""

ZEROS_AND_DASHES: Final = "0-"
HORIZON_MS: Final = 72 * 3_600_000


class SourceDefaults(msgspec.Struct, frozen=True):
    """What holds for a source's events where they do not say it themselves. An empty brand is the tenant."""

    channel: Channel | None = None
    brand: str = ""
    region: str = ""
    direction: Direction = Direction.INBOUND
    outcome: Outcome = Outcome.NONE
    sensitivity: Sensitivity = Sensitivity.PERSONAL


class Limits(msgspec.Struct, frozen=True):
    """What bounds one event and what intake remembers; an event beyond a limit is a dead letter with that reason.

    `record_bytes` bounds a record that carries several events, `event_bytes` each of them. The `cached_*`
    ones bound memory only: beyond them work is repeated.
    """

    record_bytes: int = 1024 * 1024
    event_bytes: int = EVENT_BYTES_MAX
    events_per_record: int = 1000
    json_depth: int = 16
    name_chars: int = NAME_CHARS_MAX
    text_chars: int = 4096
    identifier_chars: int = 512
    identifiers: int = IDENTIFIERS_MAX
    items: int = ITEMS_MAX
    experiments: int = EXPERIMENTS_MAX
    facts: int = FACTS_MAX
    attributes: int = ATTRIBUTES_MAX
    dead_letter_bytes: int = 48 * 1024
    claim_times: int = 1024
    cached_identifiers: int = 65_536
    cached_customers: int = 16_384
    cached_links: int = 65_536
    sources: int = 1024


class IntakeRules(msgspec.Struct, frozen=True, kw_only=True):
    """How intake reads, pseudonymises and judges events. Two intakes with equal rules give equal answers.

    `hmac_key` is the tenant's key of one generation; `key_id` names it. `dead_letter_secret` is what the encryption
    key of dead letters is derived from, named by `dead_letter_key_id`. `blocked` is compared casefolded, beside the
    built-in list. `sources` are looked up by the event's source, exactly, then by the longest entry that ends in `*`.
    Events received at `received_before` or later (ms) are dead: log time would follow them and leave the rest behind.
    """

    tenant: str
    hmac_key: bytes
    dead_letter_secret: bytes
    key_id: str = "1"
    key_generation: int = 1
    dead_letter_key_id: str = "1"
    horizon_ms: int = HORIZON_MS
    received_before: int = TIME_END
    source_default: SourceDefaults = SourceDefaults()
    sources: dict[str, SourceDefaults] = {}
    consent_default: bool = True
    blocked: frozenset[str] = frozenset()
    loyalty_checksum: bool = False
    limits: Limits = Limits()
    mappings: dict[str, Mapping] = {}

    def __repr__(self) -> str:
        """Name the keys, never show them."""
        return f"IntakeRules(tenant={self.tenant!r}, key_id={self.key_id!r}, generation={self.key_generation})"

    def defaults_of(self, source: str) -> SourceDefaults:
        """Tell what holds for this source: its own entry, else the longest prefix entry, else the default."""
        exact = self.sources.get(source)
        if exact is not None:
            return exact
        prefixes = [name for name in self.sources if name.endswith("*") and source.startswith(name[:-1])]
        return self.sources[max(prefixes, key=len)] if prefixes else self.source_default


def is_blocked(value: str, blocked: frozenset[str]) -> bool:
    """Tell whether a normalised value is nobody's: on a list, empty, or made of zeros and dashes."""
    return value in BLOCKED_ALWAYS or value in blocked or not value.strip(ZEROS_AND_DASHES)
