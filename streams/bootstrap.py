"""Wire it up: settings become the frozen rules that rooms take, and the doors to what lies outside.

Everything is built here and handed in; no room looks anything up. Only this module and the command line know both
`streams` and `sinks`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sinks.clickhouse.client import Client, connect
from sinks.clickhouse.embedded.served import find
from streams.identity.rules import DAY_MS, HOUR_MS, MINUTE_MS, IdentityRules
from streams.intake.mapping import Mapping, MappingError, parse_mapping, shipped_mappings
from streams.intake.rules import IntakeRules, Limits, SourceDefaults
from streams.journeys.book import Book, load_book
from streams.settings import Settings, SettingsError, SourceSettings

EMBEDDED: Final = "chdb://"


def intake_rules(settings: Settings, named: Sequence[str] = ()) -> IntakeRules:
    """Tell intake what the settings say; SettingsError for a key or a mapping that can not be used.

    `named` are further mappings, shipped ones by name or others by path, that a command line asks for.
    """
    return IntakeRules(
        tenant=settings.tenant,
        hmac_key=settings.identity_key,
        dead_letter_secret=settings.dead_letter_key,
        key_id=str(settings.identity.key_generation),
        key_generation=settings.identity.key_generation,
        horizon_ms=settings.time.horizon_hours * HOUR_MS,
        source_default=_source_defaults(settings.source_default),
        sources={name: _source_defaults(source) for name, source in settings.sources.items()},
        consent_default=settings.privacy.consent_default == "granted",
        blocked=frozenset(settings.identity.blocked),
        loyalty_checksum=settings.identity.loyalty_checksum,
        limits=Limits(
            record_bytes=settings.limits.record_bytes_max, dead_letter_bytes=settings.dead_letters.raw_bytes_max
        ),
        mappings=mappings(settings, named),
    )


def journey_book(settings: Settings) -> Book:
    """Build the book of journeys and patterns for these settings."""
    return load_book(horizon_ms=settings.time.horizon_hours * HOUR_MS, slack_ms=settings.time.slack_hours * HOUR_MS)


def identity_rules(settings: Settings, book: Book) -> IdentityRules:
    """Tell identity what the settings say, and how long patterns and journeys need evidence kept."""
    return IdentityRules(
        horizon_ms=settings.time.horizon_hours * HOUR_MS,
        keep_ms=book.keep_ms,
        slack_ms=settings.time.slack_hours * HOUR_MS,
        sitting_gap_ms=settings.time.sitting_gap_minutes * MINUTE_MS,
        ownership_ms=settings.time.ownership_days * DAY_MS,
        identifiers_per_person=settings.limits.identifiers_per_person,
        claims_per_device=settings.limits.claims_per_device,
        touchpoints_per_holder=settings.limits.touchpoints_per_holder,
        people_per_identifier=settings.limits.people_per_identifier,
        generation=settings.identity.key_generation,
    )


def mappings(settings: Settings, named: Sequence[str] = ()) -> dict[str, Mapping]:
    """List the shipped mappings and those that sources, or `named`, name by path."""
    known = shipped_mappings()
    for name in (*(source.mapping for source in settings.sources.values()), *named):
        if name and name not in known:
            known[name] = read_mapping(Path(name))
    return known


def read_mapping(path: Path) -> Mapping:
    """Read a mapping from a file; SettingsError says what is wrong with it."""
    try:
        return parse_mapping(str(path), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise SettingsError((f"mapping {path}: neither shipped nor readable ({reason})",)) from None
    except MappingError as error:
        raise SettingsError((str(error),)) from None


def warehouse_dsn(settings: Settings) -> str:
    """Tell the address of the warehouse; an embedded folder becomes absolute and is made where it is missing.

    While `seamline clickhouse up` serves that folder, its address there is told instead: only one process can open it.
    """
    dsn = settings.clickhouse.dsn.get_secret_value()
    if not dsn.startswith((EMBEDDED, "http://", "https://")):
        raise SettingsError(("clickhouse.dsn: an address begins with http://, https:// or chdb://",))
    if not dsn.startswith(EMBEDDED) or dsn == EMBEDDED:
        return dsn
    folder = Path(dsn.removeprefix(EMBEDDED)).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError((f"clickhouse.dsn: {folder}: {error.strerror}",)) from None
    served = find(folder)
    return served.address if served and not served.user else f"{EMBEDDED}{folder}"


def open_warehouse(settings: Settings) -> Client:
    """Open the warehouse to write; WarehouseError where it can not be reached."""
    return connect(warehouse_dsn(settings))


def _source_defaults(source: SourceSettings) -> SourceDefaults:
    return SourceDefaults(
        channel=source.channel,
        brand=source.brand,
        region=source.region,
        direction=source.direction,
        outcome=source.outcome,
        sensitivity=source.sensitivity,
    )
