"""What a broker is run with: a Java and the verified jars; and what is kept in the cache to start sooner."""

import base64
import hashlib
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from streams.kafka.embedded.failures import BrokerDied
from streams.kafka.embedded.jars import Lock, fetch, jar_folder, read_lock, verified
from streams.kafka.embedded.java import Java, find_java
from streams.kafka.embedded.listening import HOST
from streams.settings_embedded import EmbeddedKafkaSettings

MAIN: Final = "kafka.Kafka"
FORMATTER: Final = "kafka.tools.StorageTool"
FORMAT_SECONDS: Final = 120
FORMATTED: Final = ("meta.properties", "bootstrap.checkpoint")
FLAGS: Final = (
    "-Xms64m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
    "-Djava.awt.headless=true",
)
AOT_SINCE: Final = 25
ARCHIVE_FLAGS: Final = (
    ("-XX:SharedArchiveFile", "-XX:ArchiveClassesAtExit"),
    ("-XX:AOTCache", "-XX:AOTCacheOutput"),
)
"""To use and to make an archive of classes: before Java 25, and since. A build without a base archive needs the new."""
ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
"""All that Java sees of it: options left there by others do not change the broker."""

SETTINGS: Final = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # After a crash the broker waits for its own old session: 9 s by default.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    # With the default buffer of 128 MiB the heap would have to be larger.
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.cleaner.io.buffer.size": "65536",
    "log.cleaner.backoff.ms": "500",
    "log.initial.task.delay.ms": "500",
}
"""Settings of a broker that is alone; others may be added, or these changed, at the start."""


class Runtime(msgspec.Struct, frozen=True):
    """A Java, the locked jars and the folder of the cache they are in."""

    java: Java
    lock: Lock
    folder: Path
    heap_mb: int

    @property
    def archive(self) -> Path:
        """Where the archive of loaded classes is, or would be: one for each Java and each set of jars."""
        key = f"{self.java.says}\n{self.lock.digest}\n{self.folder}"
        return self.folder / f"classes-{hashlib.sha256(key.encode()).hexdigest()[:16]}.jsa"

    def command(self, folder: Path, properties: Path, *, training: Path | None = None) -> list[str]:
        """Spell the start of a broker after verifying every jar (JarChanged); `training` writes an archive there."""
        using, making = ARCHIVE_FLAGS[self.java.major >= AOT_SINCE]
        archived = [f"{using}={self.archive}"] if self.archive.is_file() else []
        return [
            str(self.java.program),
            f"-Xmx{self.heap_mb}m",
            *FLAGS,
            *([f"{making}={training}"] if training else archived),
            f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
            "-cp",
            self._class_path(),
            MAIN,
            str(properties),
        ]

    def format(self, data: Path) -> None:
        """Make a new folder of topics, with ids of its own; BrokerDied when Kafka's own tool fails.

        The tool costs a run of Java, and what it writes is the same but for the ids: it is kept in the cache.
        """
        kept = self.folder / f"formatted-{self.lock.digest}"
        if not all((kept / name).is_file() for name in FORMATTED):
            self._format_once(kept)
        part = data.with_name(data.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        shutil.copyfile(kept / "bootstrap.checkpoint", part / "bootstrap.checkpoint")
        ids = {"cluster.id": _fresh_id(), "directory.id": _fresh_id()}
        lines = (line.partition("=") for line in (kept / "meta.properties").read_text().splitlines() if "=" in line)
        (part / "meta.properties").write_text("".join(f"{k}={ids.get(k, v)}\n" for k, _, v in lines))
        part.rename(data)

    def _format_once(self, kept: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".formatting-") as scratch:
            data, properties = Path(scratch) / "data", Path(scratch) / "server.properties"
            properties.write_text(spelled(settings(data, 9092, 9093, {})))
            call = [str(self.java.program), *FLAGS, "-cp", self._class_path(), FORMATTER]
            arguments = ["format", "--cluster-id", _fresh_id(), "--config", str(properties)]
            told = subprocess.run(  # noqa: S603  the program is the user's own Java
                [*call, *arguments],
                env=ENVIRONMENT,
                capture_output=True,
                text=True,
                timeout=FORMAT_SECONDS,
                check=False,
            )
            if told.returncode:
                lines = (told.stderr + told.stdout).strip().splitlines()
                raise BrokerDied("Kafka could not format a folder", lines[-1] if lines else "it said nothing")
            kept.mkdir(exist_ok=True)
            for name in FORMATTED:
                (data / name).replace(kept / name)

    def _class_path(self) -> str:
        return ":".join(str(path) for path in verified(self.lock, self.folder))


def find_runtime(settings: EmbeddedKafkaSettings, told: Callable[[], None] = lambda: None) -> Runtime:
    """Find Java and see that every jar is in the cache, fetching what is missing; `told` is called after each.

    ComponentMissing when there is no Java, or a jar can not be had; JarChanged when one is not what is locked.
    """
    java, lock = find_java(settings.java_home), read_lock()
    folder = jar_folder(settings.cache_home, lock)
    fetch(lock, folder, mirror=settings.mirror, offline=settings.offline_folder, told=told)
    return Runtime(java, lock, folder, settings.heap_mb)


def settings(data: Path, port: int, controller_port: int, more: Mapping[str, str]) -> dict[str, str]:
    """Say all settings of a broker on these ports of this machine; `more` wins."""
    return {
        **SETTINGS,
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "log.dirs": str(data),
        **more,
    }


def spelled(properties: Mapping[str, str]) -> str:
    """Write settings as Java reads them."""
    return "".join(f"{key}={value}\n" for key, value in properties.items())


def _fresh_id() -> str:
    """Draw an id as Kafka spells them: 16 bytes in base64 for addresses, not beginning with a dash."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
