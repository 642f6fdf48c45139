"""`seamline alerts`: what is open, what waits or could not be delivered; try destinations, deliver what waits."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Group, RenderableType
from rich.text import Text

from schemas.alerts import Alert, Reason, Told, Transition, decode_alert
from sinks.alerts.destination import DeliveryFailed, Destination, Message
from sinks.alerts.messages import body_of, message_schema
from sinks.alerts.outbox import FILE_NAME, Outbox
from sinks.alerts.postman import Postman
from sinks.console.tables import rows_page
from sinks.console.words import utc_text
from streams.bootstrap_alerts import alert_destinations, retry_ms
from streams.commands.alerting import HOME_SECONDS, now_ms, outbox_failures
from streams.commands.answers import answer
from streams.commands.brokers import broker_failures
from streams.commands.failures import CommandError, DependencyError, UsageError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, RowLimit, help_alone, settings_for
from streams.settings import Settings

UNSENT: Final = ("waiting", "undeliverable")
commands = typer.Typer(
    help="Alerts: what is open, what waits, and whether destinations answer.",
    invoke_without_command=True,
    callback=help_alone,
)


class MessageShown(msgspec.Struct, frozen=True):
    """One message as it is listed; `state` is waiting, delivered or undeliverable."""

    message_id: str
    destination: str
    state: str
    attempts: int
    error: str


@commands.command("ls", epilog="Example: seamline alerts ls --all")
def list_alerts(
    every: Annotated[bool, typer.Option("--all", help="Resolved alerts and delivered messages too.")] = False,
    on_broker: Annotated[bool, typer.Option("--kafka", help="Those of the topic `alerts`, not of a folder.")] = False,
    limit: RowLimit = 50,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """List alerts that are open, the newest first, and messages that wait or were undeliverable."""
    settings = settings_for(config)
    alerts, messages = _on_broker(settings) if on_broker else _in_folder(settings, every, limit)
    shown = [alert for alert in alerts if alert.number and (alert.is_open or every)]
    shown.sort(key=lambda alert: (-alert.at, alert.incident_key))
    document = {
        "alerts": [_shown(alert) for alert in shown[:limit]],
        "messages": [msgspec.to_builtins(each) for each in messages[:limit]],
    }
    answer(document, _page(shown[:limit], messages[:limit]), as_json=as_json)


@commands.command("test", epilog="Example: seamline alerts test")
def try_destinations(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Send each destination a message of type friction.test, once.

    Exit code 3 when one did not take it.
    """
    destinations = _destinations(settings_for(config))
    at = now_ms()
    message = Message(f"test.{at}", "test", msgspec.json.encode(body_of(_example(at), is_test=True)))
    troubles = {each.name: asyncio.run(_tried(each, message)) for each in destinations}
    told = [{"destination": name, "arrived": not error, "error": error} for name, error in troubles.items()]
    answer({"destinations": told}, rows_page(told), as_json=as_json)
    failed = [error for error in troubles.values() if error]
    if failed:
        raise DependencyError("a destination did not take the message", failed[0], f"{PROGRAM} config docs")


@commands.command("deliver", epilog="Example: seamline alerts deliver")
def deliver(
    seconds: Annotated[float, typer.Option(min=0, max=3600, help="How long to try.")] = HOME_SECONDS,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Deliver what waits here; a run does it by itself. Exit code 1 when something still waits."""
    settings = settings_for(config)
    destinations = _destinations(settings)
    folder = settings.local.state_folder
    with outbox_failures(), closing(Outbox(folder)) as outbox:
        before = outbox.count("waiting")
        postman = Postman(folder, destinations, retry_ms(settings))
        postman.start()
        postman.come_home(seconds)
        told = {"before": before, **{state: outbox.count(state) for state in (*UNSENT, "delivered")}}
        first = next(iter(outbox.entries(("waiting",), 1)), None)
    answer(told, rows_page([told]), as_json=as_json)
    if postman.error is not None:
        raise CommandError("alerts could not be delivered", str(postman.error))
    if first is not None:
        raise CommandError(f"{told['waiting']} messages still wait", first.error, f"{PROGRAM} alerts test")


@commands.command("schema", epilog="Example: seamline alerts schema > alert.schema.json")
def schema() -> None:
    """Print the JSON Schema of what destinations are sent."""
    answer(message_schema(), "", as_json=True)


def _destinations(settings: Settings) -> list[Destination]:
    destinations = alert_destinations(settings)
    if not destinations:
        raise UsageError("alerts go nowhere", "neither alerts.webhook.url nor alerts.file is set", "docs/alerts.md")
    return destinations


async def _tried(destination: Destination, message: Message) -> str:
    try:
        await destination.deliver(message)
    except DeliveryFailed as failure:
        return str(failure)
    return ""


def _in_folder(settings: Settings, every: bool, limit: int) -> tuple[list[Alert], list[MessageShown]]:
    folder = settings.local.state_folder
    if not (folder / FILE_NAME).is_file():
        hint = "set alerts.webhook.url or alerts.file; runs after that keep them. With a broker: --kafka"
        raise CommandError(f"{folder} holds no alerts", "no run with a destination", hint)
    with outbox_failures(), closing(Outbox(folder)) as outbox:
        alerts = [decode_alert(record) for record in outbox.records()]
        entries = outbox.entries((*UNSENT, "delivered") if every else UNSENT, limit)
    return alerts, [MessageShown(e.message_id, e.destination, e.state, e.attempts, e.error) for e in entries]


def _on_broker(settings: Settings) -> tuple[list[Alert], list[MessageShown]]:
    from streams.assembly import broker_of
    from streams.kafka.alerts.alert_log import read_alert_log
    from streams.kafka.names import Names

    with broker_failures(settings):
        log = asyncio.run(read_alert_log(broker_of(settings), Names.of(settings.kafka)))
    waiting = [MessageShown(alert.message_id, "", "waiting", 0, "") for alert in log.waiting]
    lost = [MessageShown(e.message_id, e.destination, "undeliverable", e.attempts, e.error) for e in log.undeliverable]
    return log.alerts, [*waiting, *reversed(lost)]


def _shown(alert: Alert) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(alert.told)
    own = {"alert_id": alert.alert_id, "number": alert.number, "is_open": alert.is_open, "reason": alert.reason.value}
    return {**own, "at": alert.at, "opened_at": alert.opened_at, "severity": alert.severity, **told}


def _page(alerts: Sequence[Alert], messages: Sequence[MessageShown]) -> RenderableType:
    opened = [
        {
            "alert": alert.alert_id[:12],
            "state": "open" if alert.is_open else alert.reason.value,
            "severity": alert.severity,
            "pattern": f"{alert.told.pattern} {alert.told.name}",
            "since": utc_text(alert.opened_at),
            "people": alert.told.people,
            "hits": alert.told.hits,
            "try": alert.told.commands[0],
        }
        for alert in alerts
    ]
    rows = [msgspec.to_builtins(each) for each in messages]
    return Group(
        rows_page(opened) if opened else Text("no alert is open"),
        *([Text(), rows_page(rows)] if rows else [Text("no message waits", style="dim")]),
    )


def _example(at: int) -> Alert:
    """Make up an alert that can be taken for no real one."""
    told = Told(
        pattern="X00", pattern_version=1, name="test", owner="whoever reads this", meaning="This is a test.",
        remedy="Nothing is to be done.", people=0, hits=0, person_ids=(), journey_ids=(), evidence=(), commands=(),
    )  # fmt: skip
    return Alert(
        incident_key="test", number=1, transition=Transition.OPENED, reason=Reason.NONE, is_open=True, at=at,
        opened_at=at, severity="info", told=told, members=(), marks=(),
    )  # fmt: skip
