"""`seamline demo`: events of five channels to people, journeys and friction, on this machine, within a minute."""

import json
import shutil
import time
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Group

from schemas.evidence import Decision
from streams.commands.answers import answer, result_line, warn
from streams.commands.decisions import DecisionLine, decisions_of
from streams.commands.demo_page import alert_section, demo_page
from streams.commands.demo_receiver import Receiver, receiving
from streams.commands.failures import CommandError, UsageError
from streams.commands.options import AsJson, settings_for, spell
from streams.commands.reading import Reading
from streams.commands.replay import complaints, replayed
from streams.commands.running import running
from streams.generator.rules import WorldRules, demo_world
from streams.generator.world import decisions, generate
from streams.local.sources import EventSource, FileSource, Source
from streams.settings import DEVELOPMENT_KEY, Json, Settings

CONFIG_NAME: Final = "seamline.toml"
MARK: Final = "# Written by `seamline demo`, which replaces this folder."
MODE: Final = "local"
"""No broker: the driver `local` and the embedded engine."""
MODE_REASON: Final = "the driver without a broker needs nothing but Python"
EXAMPLES: Final = (
    ("segment.jsonl", "segment", ""),
    ("access.log.gz", "mapping", "apache_combined"),
    ("support.csv.gz", "mapping", "support_log"),
)
"""Records written by others, each with its adapter and mapping (`streams/examples/README.md`)."""
CHANNELS_MIN: Final = 5


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
        free = ("mode", "seconds", "mode_reason", "input_topics", "worker_ready")
        least = {name: 1 for name in self.__struct_fields__ if name not in free}
        least["channels"] = CHANNELS_MIN
        return [f"{name} = {getattr(self, name)}" for name, minimum in least.items() if getattr(self, name) < minimum]


def demo(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where state and warehouse go.")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(min=0, help="Seed of the generated world.")] = 1,
    people: Annotated[int, typer.Option(min=1, max=100_000, help="Customers of the generated world.")] = 600,
    as_json: AsJson = False,
) -> None:
    """Run the main job here: events of five channels in; people, journeys, friction and alerts out.

    Needs nothing outside: a broker-less driver, an embedded warehouse, made-up customers and real records by others.
    """
    began = time.monotonic()
    config = fresh_folder(out)
    with receiving() as receiver:
        # Said outright: a warehouse named in the environment must never receive made-up customers, nor a pager alerts.
        settings = settings_for(
            config, warehouse_of(out), local__state_folder=state_of(out), alerts=_alerts_to(receiver)
        )
        if settings.identity_key == DEVELOPMENT_KEY.encode():
            warn("DEVELOPMENT KEY: these pseudonyms are made with a public key; never load real customers like this.")
        world = msgspec.structs.replace(demo_world(seed), people=people)
        with ExitStack() as stack:
            run = stack.enter_context(running(settings))
            sources: list[Source] = [_generated(world), *_examples(stack)]
            report = replayed(run, sources, _decisions(world, settings), None)
            troubles = complaints(report, run)
            read = Reading(run.client)
            totals = read.ask("demo_totals")[0]
            page = demo_page(read, settings, config, report)
    told = {"mode": MODE, "mode_reason": MODE_REASON, "input_topics": 0, "worker_ready": None}
    counted = {"events": report.events, "alerts_delivered": receiver.delivered}
    seconds = round(time.monotonic() - began, 1)
    outcome = msgspec.convert({**totals, **told, **counted, "seconds": seconds}, Outcome)
    figures: dict[str, object] = msgspec.to_builtins(outcome)
    shown = Group(*page[:-1], *alert_section(receiver.delivered, receiver.first), page[-1])
    answer({**figures, "config": str(config), "failures": troubles}, shown, as_json=as_json)
    if not as_json:
        result_line(figures)
    wrong = troubles or outcome.not_sensible()
    if wrong:
        raise CommandError("the demo did not come out well", "; ".join(wrong), spell("doctor"))


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


def _generated(world: WorldRules) -> EventSource:
    encode = msgspec.json.Encoder().encode
    return EventSource("generated", (encode(delivered.event) for delivered in generate(world)))


def _examples(stack: ExitStack) -> list[FileSource]:
    folder = files("streams.examples")
    return [
        FileSource(stack.enter_context(as_file(folder / name)), adapter=adapter, mapping=mapping, name=name)
        for name, adapter, mapping in EXAMPLES
    ]


def _decisions(world: WorldRules, settings: Settings) -> list[Decision]:
    lines = [msgspec.convert(msgspec.to_builtins(verdict), DecisionLine) for verdict in decisions(world)]
    return decisions_of(lines, settings)
