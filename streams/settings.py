"""Every knob of Seamline in one frozen value, read once: defaults, a TOML file, `SEAMLINE_*`, the command line.

This is the only module that reads the environment. Each field says its meaning and unit; `docs/settings.md` is
generated from here. An unknown key is an error, so that no misspelt setting is silently ignored. Secrets never show
in a `repr`.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, SecretStr, ValidationError

from schemas.touchpoint import Channel, Direction, Outcome, Sensitivity
from streams.settings_alerts import AlertSettings
from streams.settings_base import Positive, Section
from streams.settings_embedded import EmbeddedKafkaSettings
from streams.settings_kafka import KafkaSettings, RegistrySettings, WorkerSettings

ENV_PREFIX: Final = "SEAMLINE_"
ENV_CONFIG: Final = "SEAMLINE_CONFIG"
"""Names the TOML file when the command line does not."""
DEFAULT_CONFIG: Final = Path("seamline.toml")
WELL_KNOWN: Final = {"JAVA_HOME": "java_home", "XDG_CACHE_HOME": "cache_home"}
"""Variables of other programs' making, and which setting of `embedded_kafka` they stand for where it is not set."""
DEVELOPMENT_KEY: Final = "seamline-development-key-not-for-real-customers"
"""Public, so pseudonyms made with it can be reversed by dictionary. `doctor` and `demo` say so loudly."""

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class SettingsError(Exception):
    """The settings can not be used; `problems` names each key and what is wrong with it, one line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems as they will be shown; none of them repeats a value, which may be a secret."""
        super().__init__("; ".join(problems))
        self.problems = problems


class SourceSettings(Section):
    """What is assumed of a source where its events do not say, and how its records are read."""

    channel: Channel | None = None
    """Channel of events that name none; empty: they are `unknown`."""
    brand: str = ""
    """Brand of events that name none; empty: the tenant."""
    region: str = ""
    """Two-letter country for phone numbers without `+`; empty: such numbers are rejected."""
    direction: Direction = Direction.INBOUND
    """Direction of events that name none."""
    sensitivity: Sensitivity = Sensitivity.PERSONAL
    """Sensitivity of events that name none."""
    outcome: Outcome = Outcome.NONE
    """Outcome of events that name none."""
    adapter: str = "native"
    """Shape of its records: native, segment, cloudevents or mapping."""
    mapping: str = ""
    """Name or path of the mapping, for adapter `mapping`."""


class IdentitySettings(Section):
    """How identifiers become pseudonyms. Changing any of these is a rebuild: old and new pseudonyms do not meet."""

    key: SecretStr = SecretStr(DEVELOPMENT_KEY)
    """Key of the HMAC over identifiers, at least 16 characters. The default is public: for development only."""
    key_file: Path | None = None
    """File that holds the key; beats `key`. Blanks around it are ignored."""
    key_generation: Positive = 1
    """Generation of the key; part of every pseudonym's derivation."""
    loyalty_checksum: bool = False
    """Reject loyalty numbers that fail the Luhn check."""
    blocked: tuple[str, ...] = ()
    """Values that are nobody's, beside the built-in list (`guest`, `null` ...): shared store e-mails and phones."""


class DeadLetterSettings(Section):
    """How rejected records are kept: they hold plain identifiers, so they are kept encrypted."""

    key: SecretStr = SecretStr(DEVELOPMENT_KEY)
    """Secret the encryption key is derived from, 16 characters or more. The default is public: for development only."""
    key_file: Path | None = None
    """File that holds the secret; beats `key`. Blanks around it are ignored."""
    raw_bytes_max: Positive = 48 * 1024
    """Bytes of a rejected record that are kept; beyond it only length, hash and coordinates."""


class PrivacySettings(Section):
    """What may be done with events that say nothing about consent."""

    consent_default: Literal["granted", "denied"] = "granted"
    """Consent of events that carry none. `denied` makes stitching opt-in."""


class TimeSettings(Section):
    """How long things wait and how long they are remembered (docs/rules.md)."""

    horizon_hours: Positive = 72
    """Hours an event may be received after it happened; beyond it is late and only counted."""
    slack_hours: Positive = 6
    """Hours of log time delivery may be out of order beyond what ticks promise."""
    ahead_hours: Positive = 168
    """Hours an event may claim to be received ahead of this machine's clock; beyond it is a dead letter."""
    sitting_gap_minutes: Positive = 30
    """Minutes without activity that end a sitting on a device."""
    ownership_days: Positive = 30
    """Days a device stays with the customer who last claimed it."""


class LimitSettings(Section):
    """What bounds the state. Beyond a limit the row is flagged and outside the promise."""

    identifiers_per_person: Positive = 64
    """Identifiers one person may have."""
    claims_per_device: Positive = 4096
    """Exact claim times kept for one device or thread; the newest win."""
    touchpoints_per_holder: Positive = 2000
    """Touchpoints in the window of one identifier; beyond it is quarantined."""
    people_per_identifier: Positive = 25
    """People an identifier may be bound to; beyond it is junk and links nobody."""
    record_bytes_max: Positive = 1024 * 1024
    """Bytes of one input record; a longer one is a dead letter."""


class ClickHouseSettings(Section):
    """The warehouse."""

    dsn: SecretStr = SecretStr("chdb://var/warehouse")
    """Where the tables are: `http://user:password@host:8123/database`, or `chdb://FOLDER` (embedded engine)."""
    batch_rows_max: Positive = 100_000
    """Rows of one insert."""


class LocalSettings(Section):
    """The driver without a broker."""

    partitions: Annotated[int, Field(gt=0, le=1024)] = 4
    """Logical partitions; for the life of a state folder."""
    state_folder: Path = Path("var/state")
    """Folder of stored state and of `decisions.jsonl`."""
    batch_records_max: Positive = 25_000
    """Input records taken between two settles."""


class Settings(Section):
    """All settings. Times inside are derived from these by `streams/bootstrap.py`, never read again."""

    tenant: str = Field(default="main", pattern=r"^[a-z][a-z0-9_-]{0,62}$")
    """Whose customers these are: part of every pseudonym, and the default brand."""
    identity: IdentitySettings = IdentitySettings()
    dead_letters: DeadLetterSettings = DeadLetterSettings()
    privacy: PrivacySettings = PrivacySettings()
    time: TimeSettings = TimeSettings()
    limits: LimitSettings = LimitSettings()
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    local: LocalSettings = LocalSettings()
    alerts: AlertSettings = AlertSettings()
    kafka: KafkaSettings = KafkaSettings()
    registry: RegistrySettings = RegistrySettings()
    worker: WorkerSettings = WorkerSettings()
    embedded_kafka: EmbeddedKafkaSettings = EmbeddedKafkaSettings()
    source_default: SourceSettings = SourceSettings()
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    """Sources by the name their events carry, exactly or as a beginning that ends in `*`; others: `source_default`."""

    @property
    def identity_key(self) -> bytes:
        """The key of identifiers; SettingsError when its file can not be read or it is too short."""
        return _secret("identity.key", self.identity.key, self.identity.key_file)

    @property
    def dead_letter_key(self) -> bytes:
        """The secret of dead letters; SettingsError likewise."""
        return _secret("dead_letters.key", self.dead_letters.key, self.dead_letters.key_file)


def load_settings(config: Path | None = None, overrides: Mapping[str, Json] | None = None) -> Settings:
    """Read the settings; SettingsError names every key that is wrong.

    `config` must exist when given (here or by SEAMLINE_CONFIG); `seamline.toml` in the current folder is read if it is
    there. `overrides` are dotted keys of the command line: `{"clickhouse.dsn": "chdb://var/demo"}`.
    """
    named = config or (Path(path) if (path := os.environ.get(ENV_CONFIG)) else None)
    tree = _read_toml(named or DEFAULT_CONFIG, required=named is not None)
    for name in sorted(os.environ):
        if name.upper().startswith(ENV_PREFIX) and name.upper() != ENV_CONFIG:
            _put(tree, name[len(ENV_PREFIX) :].lower().split("__"), _env_value(os.environ[name]))
    for dotted, value in (overrides or {}).items():
        _put(tree, dotted.split("."), value)
    for name, key in WELL_KNOWN.items():
        embedded = tree.setdefault("embedded_kafka", {})
        if isinstance(embedded, dict) and os.environ.get(name):
            embedded.setdefault(key, os.environ[name])
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        lines = (f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
        raise SettingsError(tuple(lines)) from None


def _read_toml(path: Path, *, required: bool) -> dict[str, Json]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not required:
            return {}
        raise SettingsError((f"{path}: no such file",)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SettingsError((f"{path}: {reason}",)) from None


def _env_value(text: str) -> Json:
    """Read a JSON list or object as such; anything else is text, which pydantic converts to the field's type."""
    if not text.startswith(("[", "{")):
        return text
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    return value


def _put(tree: dict[str, Json], path: list[str], value: Json) -> None:
    for part in path[:-1]:
        branch = tree.setdefault(part, {})
        if not isinstance(branch, dict):
            raise SettingsError((f"{'.'.join(path)}: {part} is a value, not a group",))
        tree = branch
    tree[path[-1]] = value


def _secret(name: str, value: SecretStr, file: Path | None) -> bytes:
    try:
        secret = (file.read_text(encoding="utf-8") if file else value.get_secret_value()).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise SettingsError((f"{name}_file: {file}: {reason}",)) from None
    if len(secret) < 16:  # noqa: PLR2004
        raise SettingsError((f"{name}: must have at least 16 characters",))
    return secret.encode()
