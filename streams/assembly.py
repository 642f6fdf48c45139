"""What a worker is made of: settings become members, by role, and the process that hosts them.

The warehouse has a process of its own, because encoding rows holds the interpreter for as long as heartbeats may not
wait. Whoever has other roles too starts that process beside itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from random import Random
from typing import Any, Final

import faust
import msgspec
from mode import Worker as Host

from schemas.codecs import AvroSchemas
from sinks.alerts.dispatch import Dispatch
from streams.bootstrap import identity_rules, intake_rules, journey_book
from streams.bootstrap_alerts import alert_destinations, alert_rules, retry_ms
from streams.identity.rules import HOUR_MS
from streams.intake.ledger import Ledger
from streams.intake.shapes import ADAPTERS, MAPPING
from streams.kafka.alerts.delivering import DeliveryMember
from streams.kafka.alerts.member import AlertingMember, AlertingShared
from streams.kafka.app import make_app
from streams.kafka.blocking import computing
from streams.kafka.clients.client import KafkaBroker
from streams.kafka.clients.security import Security, secure
from streams.kafka.companion import Companion
from streams.kafka.hosted import Hosted, Lasting, Member
from streams.kafka.intake.ahead import schemas_ahead
from streams.kafka.intake.lane import Way
from streams.kafka.intake.member import Ahead, IntakeMember, Intaking
from streams.kafka.intake.suspects import Suspects
from streams.kafka.names import Names
from streams.kafka.operation.health import Facts, Version, facts_of, pulse, serve, web_app
from streams.kafka.operation.lag_watch import watch_lags
from streams.kafka.operation.logs import Log
from streams.kafka.operation.metrics import Metrics, wall_clock_ms
from streams.kafka.stitcher.member import StitcherMember
from streams.kafka.stitcher.shared import Stitching
from streams.local.process import calm_collector
from streams.processors.intake import Intake
from streams.settings import Settings
from streams.sink import warehouse_member

INTAKE, STITCHER, WAREHOUSE, ALERTING = ROLES = ("intake", "stitcher", "warehouse", "alerting")
IN_ONE_PROCESS: Final = (INTAKE, STITCHER, ALERTING)
log = Log(__name__)


class Worker(msgspec.Struct, frozen=True):
    """One process: its roles, its members, what they share."""

    roles: tuple[str, ...]
    settings: Settings
    security: Security
    metrics: Metrics
    broker: KafkaBroker
    pages: Member
    members: tuple[Member, ...]
    hosts: list[Host | faust.App] = msgspec.field(default_factory=list)
    """What runs it, once there is something; it knows first that all must end."""


def broker_of(settings: Settings) -> KafkaBroker:
    """Make clients of the broker possible; nothing is connected to yet. SecurityError for what can not be used."""
    return KafkaBroker(settings.kafka, secure(settings.kafka.security).arguments())


def worker_of(settings: Settings, roles: Iterable[str], companion: Companion | None = None) -> Worker:
    """Make the members of these roles; SettingsError and SecurityError for settings that can not be used."""
    calm_collector()
    chosen = tuple(roles)
    security, metrics = secure(settings.kafka.security), Metrics()
    broker = KafkaBroker(settings.kafka, security.arguments())
    hosts = list[Host | faust.App]()

    def facts() -> Facts:
        is_failing = companion is not None and companion.is_failing
        is_stopping = any(host.should_stop for host in hosts)
        return facts_of(metrics, chosen, is_stopping=is_stopping, is_companion_failing=is_failing)

    pages = Lasting(lambda: _pages(settings, chosen, broker, metrics, facts))
    members = [member for role in chosen for member in _MAKERS[role](settings, broker, metrics)]
    beside_them = (companion,) if companion else ()
    return Worker(chosen, settings, security, metrics, broker, pages, (*members, *beside_them), hosts)


def host_of(worker: Worker) -> Host:
    """Make the process that hosts a worker: Faust's where anything flows through Faust, else what Faust is built on."""
    logging: dict[str, Any] = {"loglevel": "INFO", "redirect_stdouts": False, "override_logging": False}
    if INTAKE in worker.roles or ALERTING in worker.roles:
        # Faust starts an app's members once its own group is assigned, which a broker may keep waiting; pages may not.
        return faust.Worker(_app(worker, worker.members), Hosted(worker.pages), **logging)
    host = Host(*(Hosted(member) for member in (worker.pages, *worker.members)), daemon=True, **logging)
    worker.hosts.append(host)
    return host


def app_of(worker: Worker) -> faust.App:
    """Make the Faust app that hosts a whole worker, its pages too."""
    return _app(worker, (worker.pages, *worker.members))


def _app(worker: Worker, members: Sequence[Member]) -> faust.App:
    names = Names.of(worker.settings.kafka)
    folder = worker.settings.worker.state_folder / "faust"
    app = make_app(worker.settings.kafka, worker.security, names, worker.broker, members, folder)
    worker.hosts.append(app)
    return app


def _intake(settings: Settings, broker: KafkaBroker, metrics: Metrics) -> list[Member]:
    kafka = settings.kafka
    named = [way for way in kafka.input_adapters.values() if way not in ADAPTERS]
    # Where there is a registry all ids are its own, number 1 too.
    base, schemas = intake_rules(settings, named), AvroSchemas({} if settings.registry.url.get_secret_value() else None)
    ahead_ms = settings.time.ahead_hours * HOUR_MS

    def new_intake(ledger: Ledger, name: str) -> Intake:
        rules = msgspec.structs.replace(base, received_before=wall_clock_ms() + ahead_ms)
        return Intake(rules, ledger, schemas, name)

    shared = Intaking(
        names=Names.of(settings.kafka),
        partitions=kafka.partitions,
        new_intake=new_intake,
        suspects=Suspects(settings.worker.state_folder, settings.worker.crash_loops_max),
        settings=settings.worker,
        metrics=metrics,
        by_data=kafka.clock == "data",
        ways={topic: _way(adapter) for topic, adapter in kafka.input_adapters.items()},
        ahead=lambda: _ahead(settings, schemas),
    )
    return [IntakeMember(broker, shared, computing(INTAKE))]


@asynccontextmanager
async def _ahead(settings: Settings, schemas: AvroSchemas) -> AsyncIterator[Ahead | None]:
    """See that schemas are known before they are needed; without a registry only this release's own is."""
    if not settings.registry.url.get_secret_value():
        yield None
        return
    async with schemas_ahead(settings.registry, schemas) as ahead:
        yield ahead


def _stitcher(settings: Settings, broker: KafkaBroker, metrics: Metrics) -> list[Member]:
    book = journey_book(settings)
    shared = Stitching(
        names=Names.of(settings.kafka),
        partitions=settings.kafka.partitions,
        rules=identity_rules(settings, book),
        book=book,
        settings=settings.worker,
        metrics=metrics,
        excepted=frozenset(settings.kafka.excepted_inputs),
    )
    return [StitcherMember(broker, shared, computing(STITCHER))]


def _warehouse(settings: Settings, broker: KafkaBroker, metrics: Metrics) -> list[Member]:
    return [warehouse_member(settings, broker, metrics)]


def _alerting(settings: Settings, broker: KafkaBroker, metrics: Metrics) -> list[Member]:
    rules = alert_rules(
        settings, journey_book(settings).catalogue.patterns, hold_ms=settings.alerts.hold_seconds * 1000
    )
    names = Names.of(settings.kafka)
    post = Dispatch(
        alert_destinations(settings),
        retry_ms=retry_ms(settings),
        now=wall_clock_ms,
        random=Random(),  # noqa: S311 - it spreads retries, nothing more
    )
    return [
        AlertingMember(broker, AlertingShared(names, settings.kafka.partitions, rules, metrics)),
        DeliveryMember(broker, names, post, metrics),
    ]


_MAKERS: Final[dict[str, Callable[[Settings, KafkaBroker, Metrics], list[Member]]]] = {
    INTAKE: _intake,
    STITCHER: _stitcher,
    WAREHOUSE: _warehouse,
    ALERTING: _alerting,
}


def _way(adapter: str) -> Way:
    """Read what a setting says of an input: the name of an adapter, else of a mapping."""
    return Way(adapter) if adapter in ADAPTERS else Way(MAPPING, adapter)


async def _pages(
    settings: Settings, roles: tuple[str, ...], broker: KafkaBroker, metrics: Metrics, facts: Callable[[], Facts]
) -> None:
    """Serve health and metrics until cancelled."""
    told = Version(release(), roles, settings.kafka.application)
    pages = web_app(facts, metrics, told)
    async with serve(pages, settings.worker.web_host, settings.worker.web_port) as port:
        log.info("serving", host=settings.worker.web_host, port=port, roles=",".join(roles))
        await asyncio.gather(pulse(metrics), watch_lags(broker, Names.of(settings.kafka), metrics))


def release() -> str:
    """Tell which release this is."""
    try:
        return version("seamline")
    except PackageNotFoundError:
        return "unknown"
