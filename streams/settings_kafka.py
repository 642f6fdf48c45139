"""Settings of the driver `kafka`: the broker, the registry of schemas, and the worker."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from streams.settings_base import Positive, Section


class SecuritySettings(Section):
    """How the broker is spoken to. Plain text without a login by default."""

    tls: bool = False
    """Encrypt the connection."""
    ca_file: Path | None = None
    """Certificates of the authorities to trust; empty: the system's."""
    certificate_file: Path | None = None
    """Own certificate, for mutual TLS."""
    key_file: Path | None = None
    """Key of the own certificate."""
    key_password: SecretStr = SecretStr("")
    """Password of that key."""
    mechanism: Literal["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = ""
    """SASL mechanism; empty: no login."""
    username: str = ""
    """Name to log in with; for OAUTHBEARER the client id."""
    password: SecretStr = SecretStr("")
    """Password; for OAUTHBEARER the client secret."""
    token_url: str = ""
    """Where OAUTHBEARER tokens are asked for, by the client credentials grant."""
    token_scope: str = ""
    """Scope to ask for."""


class KafkaSettings(Section):
    """The broker, and the topics there."""

    brokers: str = "localhost:9092"
    """Addresses to begin with, host:port, separated by commas."""
    application: str = Field(default="seamline", pattern=r"^[a-zA-Z0-9._-]{1,80}$")
    """Begins the names of consumer groups and transactions; two applications on one broker need two names."""
    prefix: str = Field(default="seamline.", pattern=r"^[a-zA-Z0-9._-]{0,80}$")
    """Begins the names of all topics but the inputs."""
    inputs: tuple[str, ...] = ("web.events", "app.events", "kiosk.events", "support.events", "email.events")
    """Topics that events are read from, any number of partitions each."""
    excepted_inputs: tuple[str, ...] = ()
    """Input topics that log time does not wait for, because what writes them is known to be dead or seldom there."""
    input_adapters: dict[str, str] = Field(default_factory=dict)
    """How the records of an input topic are read where not native: segment, cloudevents, or the name of a mapping."""
    partitions: Annotated[int, Field(gt=0, le=1024)] = 16
    """Partitions of `evidence`, `handoffs`, `changelog` and outputs; for life: another number is a rebuild beside."""
    replication: Positive = 1
    """Replicas of each topic that `topics apply` makes; 3 where there are three brokers."""
    clock: Literal["wall", "data"] = "wall"
    """What moves log time where an input is read to its end: this machine's clock, or (`data`, for history and tests)
    nothing but the times of records and the marks that a loader writes."""
    security: SecuritySettings = SecuritySettings()
    session_timeout_ms: Positive = 15_000
    """Milliseconds after which a silent worker is given up and others take its partitions."""
    heartbeat_ms: Positive = 2_000
    """Milliseconds between signs of life."""
    transaction_timeout_ms: Positive = 6_000
    """Milliseconds after which the broker aborts what a dead worker left open."""


class RegistrySettings(Section):
    """The registry of schemas that Avro events name by id (Confluent's HTTP interface)."""

    url: SecretStr = SecretStr("")
    """Address, `http://user:password@host:8081`; empty: only this release's own schema is known, under id 1."""
    timeout_seconds: Positive = 10
    """How long one request may take."""
    retry_seconds: Positive = 30
    """How long records wait for an id that is not registered yet; then they are dead letters, and it is asked for again
    as much later."""


class WorkerSettings(Section):
    """One worker process, its checkpoints and its limits."""

    roles: tuple[Literal["intake", "stitcher", "warehouse", "alerting"], ...] = (
        "intake",
        "stitcher",
        "warehouse",
        "alerting",
    )
    """What a worker does; `warehouse` gets a process of its own."""
    state_folder: Path = Path("var/worker")
    """Where the marks against crash loops are; nothing there is needed to go on."""
    web_host: str = "127.0.0.1"
    """Address that /livez, /readyz, /metrics and /version are served on."""
    web_port: Annotated[int, Field(ge=0, le=65_534)] = 6066
    """Port of the same; the warehouse process has the next one; 0: a free one."""
    checkpoint_ms: Positive = 1_000
    """Milliseconds between checkpoints of a partition under load."""
    handoff_ms: Positive = 200
    """Milliseconds after which a checkpoint that holds a hand-off is committed."""
    hit_ms: Positive = 50
    """Milliseconds after which a checkpoint that holds friction is committed."""
    poll_records_max: Positive = 5_000
    """Records of one poll."""
    crash_loops_max: Positive = 3
    """Deaths of the process at one record after which the record is set aside unread."""
    stop_at_floods: bool = True
    """Stop an input partition when more than 200 of its last 1,000 events, or 100 in a row, are dead letters; off: read
    through a flood that is known. Each stays a dead letter."""
    log_format: Literal["text", "json"] = "text"
    """How log lines are written."""
    traces_url: str = ""
    """Where OpenTelemetry spans are sent (OTLP over HTTP: `http://host:4318/v1/traces`); empty: none are made."""
