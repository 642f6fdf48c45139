"""`seamline demo`: events of five channels to people, journeys and friction, on this machine, within a minute."""

import json
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import msgspec
import typer
from rich.console import Group
from rich.text import Text

from sinks.clickhouse.client import Client
from streams.commands.answers import answer, result_line, warn
from streams.commands.demo.local import demo_local
from streams.commands.demo.page import alert_section, demo_page
from streams.commands.demo.receiver import Receiver, receiving
from streams.commands.demo.world import Told
from streams.commands.failures import CommandError, DependencyError, UsageError
from streams.commands.options import AsJson, settings_for, spell
from streams.commands.reading import Reading
from streams.generator.rules import WorldRules, demo_world
from streams.settings import DEVELOPMENT_KEY, Json, Settings, load_settings

if TYPE_CHECKING:
    from streams.kafka.embedded.runtime import Runtime

CONFIG_NAME: Final = "seamline.toml"
WORKER_NAME: Final = "worker.toml"
MARK: Final = "# Written by `seamline demo`, which replaces this folder."
LOCAL: Final = "local"
KAFKA: Final = "kafka"
CHOSEN: Final = "asked for with --mode"
CHANNELS_MIN: Final = 5
ALERT_SECONDS: Final = 15.0
"""How long the end of a demo on a broker waits for alerts that are on their way."""

Mode: TypeAlias = Literal["auto", "kafka", "local"]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a demo came to; the fields of its RESULT line."""

    mode: str
    events: int
    channels: int
    people: int
    cross_channel_people: int
    journeys: int
    cross_channel_journeys: int
    friction_hits: int
    rollup_rows: int
    dead_letters: int
    seconds: float
    mode_reason: str
    input_topics: int
    """Topics that events came in by; none without a broker."""
    alerts_delivered: int
    """Alerts whose signature the demo's own receiver found good."""
    worker_ready: bool | None
    """Whether the worker said that it is ready; None without one."""

    def not_sensible(self) -> list[str]:
        """Name the figures that a demo can not have."""
        free = ["mode", "seconds", "mode_reason", "input_topics", "worker_ready"]
        if self.mode == KAFKA:
            # What tells no time in a file has the time of its record on a broker.
            free.append("dead_letters")
        least = {name: 1 for name in self.__struct_fields__ if name not in free}
        least["channels"] = CHANNELS_MIN
        return [f"{name} = {getattr(self, name)}" for name, minimum in least.items() if getattr(self, name) < minimum]


def demo(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where state and warehouse go.")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(min=0, help="Seed of the generated world.")] = 1,
    people: Annotated[int, typer.Option(min=1, max=100_000, help="Customers of the generated world.")] = 600,
    mode: Annotated[
        Mode, typer.Option(help="On a real broker or without; auto: with one if there can be one.")
    ] = "auto",
    as_json: AsJson = False,
) -> None:
    """Run the main job here: events of five channels in; people, journeys, friction and alerts out.

    Starts a real Kafka where Java is found, else runs the driver without a broker; an embedded warehouse, made-up
    customers and real records by others.
    """
    began = time.monotonic()
    config = fresh_folder(out)
    runtime, reason = _runtime(mode)
    world = msgspec.structs.replace(demo_world(seed), people=people)
    with receiving() as receiver, ExitStack() as stack:
        settings, client, told = stack.enter_context(_ran(out, config, receiver, runtime, world))
        read = Reading(client)
        totals = read.ask("demo_totals")[0]
        page = demo_page(read, settings, config, told.report)
        if runtime is not None:
            receiver.wait(ALERT_SECONDS)
    counted: dict[str, object] = {
        "mode": LOCAL if runtime is None else KAFKA,
        "mode_reason": reason,
        "input_topics": told.input_topics,
        "worker_ready": told.worker_ready,
        "events": told.report.events,
        "alerts_delivered": receiver.delivered,
        "seconds": round(time.monotonic() - began, 1),
    }
    outcome = msgspec.convert({**totals, **counted}, Outcome)
    figures: dict[str, object] = msgspec.to_builtins(outcome)
    how = Text(f"mode {outcome.mode}: {reason}", style="dim")
    shown = Group(how, *page[:-1], *alert_section(receiver.delivered, receiver.first), page[-1])
    answer({**figures, "config": str(config), "failures": told.troubles}, shown, as_json=as_json)
    if not as_json:
        result_line(figures)
    wrong = told.troubles or outcome.not_sensible()
    if wrong:
        raise CommandError("the demo did not come out well", "; ".join(wrong), spell("doctor"))


def _runtime(mode: Mode) -> "tuple[Runtime | None, str]":
    """Find what a broker is run with; None, and why, where the demo goes without."""
    if mode == LOCAL:
        return None, CHOSEN
    from streams.kafka.embedded.failures import EmbeddedBrokerError
    from streams.kafka.embedded.runtime import find_runtime

    try:
        found = find_runtime(load_settings().embedded_kafka)
    except EmbeddedBrokerError as error:
        if mode == KAFKA:
            raise DependencyError(error.problem, error.cause, error.next_step) from error
        return None, f"no broker can be started here: {error.problem}"
    return found, CHOSEN if mode == KAFKA else f"Java {found.java.major} is here, so a real Kafka was started"


@contextmanager
def _ran(
    out: Path, config: Path, receiver: Receiver, runtime: "Runtime | None", world: WorldRules
) -> Iterator[tuple[Settings, Client, Told]]:
    """Run it one way or the other, and give the warehouse to look at.

    Said outright: a warehouse named in the environment must never receive made-up customers, nor a pager alerts.
    """
    with ExitStack() as stack:
        if runtime is None:
            alerts = _alerts_to(receiver)
            settings = settings_for(config, warehouse_of(out), local__state_folder=state_of(out), alerts=alerts)
            _warn_of_key(settings)
            client, told = stack.enter_context(demo_local(settings, world))
        else:
            from streams.commands.demo.on_kafka import broker_at, demo_kafka, kafka_settings

            brokers = stack.enter_context(broker_at(out / "kafka", runtime))
            own: dict[str, Json] = {
                "clickhouse": {"dsn": warehouse_of(out)},
                "kafka": kafka_settings(brokers),
                "worker": {"state_folder": f"{out.absolute()}/worker"},
                "source_default": {"region": "US"},
                "alerts": _alerts_to(receiver),
            }
            worker_config = out / WORKER_NAME
            worker_config.write_text(f"{MARK}\n{_as_toml(own)}", encoding="utf-8")
            settings = load_settings(worker_config, own)
            _warn_of_key(settings)
            client, told = stack.enter_context(demo_kafka(settings, worker_config, out / "warehouse", world))
        yield settings, client, told


def _as_toml(tree: Mapping[str, Json], path: str = "") -> str:
    """Spell settings as TOML: values first, then tables; JSON spells text, numbers and lists alike."""
    lines = [
        f"{json.dumps(name)} = {json.dumps(value)}\n" for name, value in tree.items() if not isinstance(value, dict)
    ]
    for name, value in tree.items():
        if isinstance(value, dict):
            inner = f"{path}.{json.dumps(name)}" if path else json.dumps(name)
            lines.append(f"\n[{inner}]\n{_as_toml(value, inner)}")
    return "".join(lines)


def _warn_of_key(settings: Settings) -> None:
    if settings.identity_key == DEVELOPMENT_KEY.encode():
        warn("DEVELOPMENT KEY: these pseudonyms are made with a public key; never load real customers like this.")


def fresh_folder(out: Path) -> Path:
    """Empty the folder of an earlier demo, and write the settings that the commands after this one use."""
    config = out / CONFIG_NAME
    if out.exists() and not _is_free(out, config):
        raise UsageError(f"{out} is not empty and no demo's folder", "", spell("demo", "--out", "ANOTHER_FOLDER"))
    dsn, state = json.dumps(warehouse_of(out)), json.dumps(state_of(out))
    text = f'{MARK}\n[clickhouse]\ndsn = {dsn}\n\n[local]\nstate_folder = {state}\n\n[source_default]\nregion = "US"\n'
    try:
        if out.exists():
            shutil.rmtree(out)
        out.mkdir(parents=True)
        config.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{error.filename or out}: can not be written", error.strerror or str(error)) from error
    return config


def warehouse_of(out: Path) -> str:
    """Tell the address of a demo's warehouse."""
    return f"chdb://{out.absolute()}/warehouse"


def state_of(out: Path) -> str:
    """Tell the folder of a demo's state."""
    return f"{out.absolute()}/state"


def _is_free(out: Path, config: Path) -> bool:
    try:
        return config.read_text(encoding="utf-8").startswith(MARK)
    except FileNotFoundError:
        return not any(out.iterdir())
    except (OSError, UnicodeDecodeError):
        return False


def _alerts_to(receiver: Receiver) -> Json:
    webhook: Json = {"url": receiver.address, "secret": receiver.spelled_secret, "allow_private": True}
    return {"webhook": webhook}
