"""`seamline kafka`: a real Apache Kafka of one node on this machine: start it, ask for it, stop it, remove it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from streams.commands.answers import answer, progress, warn
from streams.commands.failures import CommandError, DependencyError
from streams.commands.options import AsJson, ConfigFile, help_alone, settings_for, spell
from streams.kafka.embedded.failures import ComponentMissing, EmbeddedBrokerError
from streams.kafka.embedded.folder import MARKER, Standing, cluster_of, marker_of, remove, standing
from streams.kafka.embedded.process import age_seconds
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.kafka.embedded.runtime import Runtime

NOT_RUNNING: Final = 3
LOCAL_NAMES: Final = ("127.0.0.1", "localhost")

Folder: TypeAlias = Annotated[
    Path | None,
    typer.Option("--folder", metavar="FOLDER", help="Folder of its data (default: var/kafka).", show_default=False),
]

commands = typer.Typer(
    help="A real Apache Kafka of one node on this machine.", invoke_without_command=True, callback=help_alone
)


@commands.command("up", epilog="Example: seamline kafka up")
def up(
    folder: Folder = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", min=1, max=65_535, help="Port (default: 9092 or a free one).", show_default=False
        ),
    ] = None,
    temporary: Annotated[bool, typer.Option("--temporary", help="Remove the data when it is stopped.")] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="First keep an archive of classes: later starts take half the time.")
    ] = False,
    mirror: Annotated[
        str | None, typer.Option("--mirror", metavar="ADDRESS", help="Maven repository to fetch jars from.")
    ] = None,
    offline: Annotated[
        Path | None, typer.Option("--offline", metavar="FOLDER", help="Take jars from here, ask no network.")
    ] = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Start the broker and return once it answers. Its jars are fetched the first time, and verified every time.

    It listens on 127.0.0.1 only. Running already, it is left alone and its address is told.
    """
    from streams.kafka.embedded.broker import EmbeddedBroker, keep_archive

    settings = settings_for(
        config,
        embedded_kafka__folder=_text(folder),
        embedded_kafka__port=port,
        embedded_kafka__mirror=mirror,
        embedded_kafka__offline_folder=_text(offline),
    )
    place = settings.embedded_kafka.folder
    began = time.monotonic()
    with _explained():
        found = standing(place)
        if found is None:
            runtime = _runtime(settings)
            if archive and not keep_archive(runtime):
                warn(f"Java {runtime.java.major} at {runtime.java.program} keeps no archive of classes")
            EmbeddedBroker.start(
                place, settings.embedded_kafka.port or None, runtime=runtime, outlives=True, temporary=temporary
            )
        elif port not in {None, found.port}:
            raise CommandError(f"a broker runs in {place} already, on port {found.port}", "", _next("down", place))
    document = {**_described(place), "already_running": found is not None}
    document["seconds"] = round(time.monotonic() - began, 2)
    answer(document, _page(document, settings, place), as_json=as_json)


@commands.command("status", epilog="Example: seamline kafka status --json")
def status(folder: Folder = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Say whether the broker runs and answers, where, since when and in which version; exit code 3 when it does not."""
    settings = _settings(config, folder)
    place = settings.embedded_kafka.folder
    document = _described(place)
    answer(document, _page(document, settings, place), as_json=as_json)
    if not document["answers"]:
        raise typer.Exit(NOT_RUNNING)


@commands.command("down", epilog="Example: seamline kafka down")
def down(folder: Folder = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Stop the broker; its data are kept, unless it was started with --temporary. Not running is fine too."""
    from streams.kafka.embedded.broker import stop_broker

    place = _settings(config, folder).embedded_kafka.folder
    with _explained():
        stopped = stop_broker(place)
    kept = marker_of(place) is not None
    document = {"folder": str(place), "was_running": stopped is not None, "data_kept": kept}
    said = f"stopped (pid {stopped.mark.pid})" if stopped else f"no broker runs in {place}"
    answer(document, said + (f"; its data stay in {place}" if kept else ""), as_json=as_json)


@commands.command("reset", epilog="Example: seamline kafka reset")
def reset(folder: Folder = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Stop the broker and remove its topics, settings and log: only from a folder that it has made itself."""
    from streams.kafka.embedded.broker import stop_broker

    place = _settings(config, folder).embedded_kafka.folder
    ours = marker_of(place) is not None
    if not ours and place.exists():
        raise CommandError(f"{place} is not a folder of the broker", f"it has no {MARKER}; nothing was removed")
    with _explained():
        stopped = stop_broker(place)
        if marker_of(place) is not None:
            remove(place)
    document = {"folder": str(place), "was_running": stopped is not None, "removed": ours}
    answer(document, f"removed {place}" if ours else f"nothing to remove: there is no {place}", as_json=as_json)


def _settings(config: Path | None, folder: Path | None) -> Settings:
    return settings_for(config, embedded_kafka__folder=_text(folder))


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _runtime(settings: Settings) -> "Runtime":
    """Find Java and the jars; shows that they are fetched where they are."""
    from streams.kafka.embedded.jars import jar_folder, missing, read_lock
    from streams.kafka.embedded.runtime import find_runtime

    lock = read_lock()
    wanted = len(missing(lock, jar_folder(settings.embedded_kafka.cache_home, lock)))
    if not wanted:
        return find_runtime(settings.embedded_kafka)
    title = f"fetching Apache Kafka {lock.kafka_version}"
    with progress(title, unit="jars") as bar:
        task = bar.add_task(title, total=wanted)
        return find_runtime(settings.embedded_kafka, lambda: bar.advance(task))


def _described(folder: Path) -> dict[str, object]:
    from streams.kafka.embedded.listening import answers

    found = standing(folder)
    if found is None:
        return {"running": False, "answers": False, "folder": str(folder)}
    marker = marker_of(folder)
    return {
        "running": True,
        "answers": answers(found.port, cluster_of(folder)),
        "folder": str(folder),
        "address": _address(found),
        "port": found.port,
        "pid": found.mark.pid,
        "kafka_version": found.kafka_version,
        "java_version": found.java_version,
        "uptime_seconds": round(age_seconds(found.mark), 1),
        "temporary": marker is not None and marker.temporary,
        "log": str(folder / "broker.log"),
    }


def _address(found: Standing) -> str:
    return f"{LOCAL_NAMES[0]}:{found.port}"


def _page(document: dict[str, object], settings: Settings, folder: Path) -> str:
    if not document["running"]:
        return f"no broker runs in {folder}\nstart   {_next('up', folder)}"
    says = "answers at" if document["answers"] else "runs, and does not answer yet, at"
    lines = [
        f"Apache Kafka {document['kafka_version']} {says} {document['address']}",
        f"process {document['pid']}, Java {document['java_version']}, up {document['uptime_seconds']} s",
        f"data    {folder}" + (" (removed when it is stopped)" if document["temporary"] else ""),
        f"log     {document['log']}",
        f"stop    {_next('down', folder)}",
    ]
    if settings.kafka.brokers not in {f"{name}:{document['port']}" for name in LOCAL_NAMES}:
        lines.insert(1, f"use it  export SEAMLINE_KAFKA__BROKERS={document['address']}")
    return "\n".join(lines)


def _next(verb: str, folder: Path) -> str:
    return spell("kafka", verb, "--folder", str(folder))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ComponentMissing as error:
        raise DependencyError(error.problem, error.cause, error.next_step) from error
    except EmbeddedBrokerError as error:
        raise CommandError(error.problem, error.cause, error.next_step) from error
