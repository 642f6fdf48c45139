"""The broker's folder: a marker that it is ours, settings, data, log, and who runs in it.

.seamline-kafka     marker: what the folder is, for which Kafka; without it nothing here is ever removed
broker.json         the process that runs, its port and its own idea of what it was told
server.properties   written at every start
log4j2.properties   likewise
broker.log          and broker.log.1: at most 2 x 8 MB
output.log          what the process said outside its log: crashes
data/               topics
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from streams.kafka.embedded.failures import FolderRefused
from streams.kafka.embedded.process import ProcessMark, is_alive
from streams.kafka.embedded.runtime import spelled

MARKER: Final = ".seamline-kafka"
OURS: Final = ("broker.json", "server.properties", "log4j2.properties", "broker.log", "broker.log.1", "output.log")
LOG_TAIL_BYTES: Final = 64 * 1024

LOGGING: Final = """\
status = error
# Else the log would end before the broker does.
shutdownHook = disable
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = {folder}/broker.log
appender.file.filePattern = {folder}/broker.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 8MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 1
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


class Marker(msgspec.Struct, frozen=True):
    """What the folder is: the Kafka that wrote it, and whether its data go when the broker is stopped."""

    kafka_version: str
    temporary: bool


class Standing(msgspec.Struct, frozen=True):
    """A broker that runs: its process, ports, the versions, and what was added to its settings."""

    mark: ProcessMark
    port: int
    controller_port: int
    kafka_version: str
    java_version: int


def claim(folder: Path, marker: Marker) -> None:
    """Make the folder ours, or see that it is; FolderRefused when it holds anything else or newer data."""
    folder.mkdir(parents=True, exist_ok=True)
    found = marker_of(folder)
    if found is None:
        if any(folder.iterdir()):
            raise FolderRefused(
                f"{folder} is not a folder of the broker", "it holds other things", "name an empty folder"
            )
    elif found.kafka_version != marker.kafka_version:
        raise FolderRefused(
            f"{folder} was written by Kafka {found.kafka_version}, this is {marker.kafka_version}",
            "data of another version are not opened",
            f"seamline kafka reset --folder {folder}",
        )
    (folder / MARKER).write_bytes(msgspec.json.encode(marker))


def marker_of(folder: Path) -> Marker | None:
    """Read the marker; None where there is none, or it is not one of ours."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / MARKER).read_bytes(), type=Marker)
    return None


def standing(folder: Path) -> Standing | None:
    """Tell which broker runs in this folder; None when none does, whatever the file says."""
    last = last_standing(folder)
    return last if last is not None and is_alive(last.mark) else None


def last_standing(folder: Path) -> Standing | None:
    """Tell which broker ran here last, so that the next one can have its port."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / "broker.json").read_bytes(), type=Standing)
    return None


def cluster_of(folder: Path) -> str:
    """Read which cluster the data are of: how a broker is told from any other; empty where there are none yet."""
    with contextlib.suppress(OSError):
        lines = (folder / "data" / "meta.properties").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line).get("cluster.id", "")
    return ""


def record(folder: Path, now: Standing) -> None:
    """Write down who runs; whole or not at all."""
    part = folder / "broker.json.part"
    part.write_bytes(msgspec.json.encode(now))
    part.replace(folder / "broker.json")


def configure(folder: Path, properties: Mapping[str, str]) -> Path:
    """Write the settings of the broker and of its log; returns the file that it is started with."""
    (folder / "log4j2.properties").write_text(LOGGING.format(folder=folder))
    path = folder / "server.properties"
    path.write_text(spelled(properties))
    return path


def remove(folder: Path) -> None:
    """Remove what the broker made, marker last, and the folder if nothing else is in it; FolderRefused if not ours."""
    if marker_of(folder) is None:
        raise FolderRefused(f"{folder} is not a folder of the broker", f"it has no {MARKER}", "nothing was removed")
    if standing(folder) is not None:
        raise FolderRefused(f"a broker runs in {folder}", "", f"seamline kafka down --folder {folder}")
    shutil.rmtree(folder / "data", ignore_errors=True)
    for name in (*OURS, MARKER):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def remove_temporary(folder: Path) -> None:
    """Remove a folder whose marker says that its data are not to be kept; the broker has ended."""
    marker = marker_of(folder)
    if marker is not None and marker.temporary:
        remove(folder)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one program at a time start or stop the broker of a folder; others wait. No folder, nothing to wait for."""
    if not folder.is_dir():
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def last_error(folder: Path) -> str:
    """Say why a broker ended: the last error of its log, else the last line it said."""
    lines: list[str] = []
    for name in ("output.log", "broker.log"):
        with contextlib.suppress(OSError), (folder / name).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            lines += file.read().decode(errors="replace").splitlines()
    wrong = [line for line in lines if " ERROR " in line or " FATAL " in line or "Exception" in line]
    return (wrong or [line for line in lines if line.strip()] or ["it said nothing"])[-1].strip()
