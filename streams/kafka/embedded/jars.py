"""The jars: which ones the lock names, where they are kept, and that each is the one that was locked.

They are fetched once, by jgo (a resolver of its own, no Maven needed), into one flat folder of the cache. That folder,
copied to another machine, is what `offline` expects there; a Maven repository's layout serves as well.
"""

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec

from streams.kafka.embedded.failures import ComponentMissing, JarChanged

LOCK: Final = files("streams.kafka.embedded") / "jgo.lock.toml"
FETCHED_AT_ONCE: Final = 6
TIMEOUT_SECONDS: Final = 15
ATTEMPTS: Final = 3
EXTRA_STEP: Final = "pip install 'seamline[embedded]'"


class Jar(msgspec.Struct, frozen=True):
    """One locked jar: its Maven coordinates and its SHA-256 in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """Name of its file."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def place(self) -> Path:
        """Where it lies in a folder laid out as Maven does."""
        return Path(*self.group.split("."), self.artifact, self.version, self.name)


class Lock(msgspec.Struct, frozen=True):
    """All jars, in the order of the class path, and a digest that names exactly this set."""

    jars: tuple[Jar, ...]
    digest: str

    @property
    def kafka_version(self) -> str:
        """Version of Apache Kafka that is locked."""
        return next(jar.version for jar in self.jars if jar.artifact == "kafka-clients")


def read_lock() -> Lock:
    """Read the lock that was shipped."""
    content = LOCK.read_bytes()
    jars = tuple(
        Jar(each["groupId"], each["artifactId"], each["version"], each["sha256"])
        for each in tomllib.loads(content.decode())["dependencies"]
    )
    return Lock(jars, hashlib.sha256("".join(jar.sha256 for jar in jars).encode()).hexdigest()[:16])


def jar_folder(cache_home: Path, lock: Lock) -> Path:
    """Say in which folder of the cache the jars of this lock are kept."""
    return cache_home.expanduser() / "seamline" / f"kafka-{lock.kafka_version}"


def missing(lock: Lock, folder: Path) -> list[Jar]:
    """List the jars that are not in the folder yet."""
    return [jar for jar in lock.jars if not (folder / jar.name).is_file()]


def verified(lock: Lock, folder: Path) -> list[Path]:
    """List the jars of the class path after comparing every SHA-256 (45 MB, about 0.1 s); JarChanged names others."""
    paths = [folder / jar.name for jar in lock.jars]
    changed = [path for jar, path in zip(lock.jars, paths, strict=True) if _sha256(path) != jar.sha256]
    if changed:
        raise JarChanged(
            f"refused to start: {', '.join(path.name for path in changed)} is not what was locked",
            f"SHA-256 differs in {folder}",
            f"rm {' '.join(str(path) for path in changed)}",
        )
    return paths


def fetch(
    lock: Lock, folder: Path, *, mirror: str = "", offline: Path | None = None, told: Callable[[], None] = lambda: None
) -> int:
    """Bring the jars that are missing into the folder and return how many; `told` is called after each.

    From the folder `offline` where one is given, and then never from the network; else from `mirror` (the address of
    a Maven repository), else from where jgo looks by itself. ComponentMissing when one can not be had, JarChanged
    when what came is not what is locked; neither leaves a jar behind that was not verified.
    """
    wanted = missing(lock, folder)
    if not wanted:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch:
        if offline is not None:
            found = [_copied(jar, offline.expanduser(), Path(scratch)) for jar in wanted]
            for jar, path in zip(wanted, found, strict=True):
                _admit(jar, path, folder)
                told()
        else:
            _download(wanted, Path(scratch), folder, mirror, told)
    return len(wanted)


def _download(wanted: Sequence[Jar], scratch: Path, folder: Path, mirror: str, told: Callable[[], None]) -> None:
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415  an extra, needed once
    except ImportError:
        raise ComponentMissing("the jars of Apache Kafka are not here", "jgo is not installed", EXTRA_STEP) from None
    remote = {"mirror": mirror.rstrip("/")} if mirror else None
    context = MavenContext(repo_cache=scratch, remote_repos=remote, timeout=TIMEOUT_SECONDS)

    def bring(jar: Jar) -> None:
        _admit(jar, _resolved(context.project(jar.group, jar.artifact).at_version(jar.version).artifact()), folder)
        told()

    with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
        try:
            for done in [pool.submit(bring, jar) for jar in wanted]:
                done.result()
        except BaseException:
            # The others would only meet the same trouble.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _resolved(artifact: Any) -> Path:
    """Have jgo download an artifact, again where the connection broke; ComponentMissing when it will not come."""
    error: Exception | None = None
    for _ in range(ATTEMPTS):
        try:
            path: Path = artifact.resolve()
        except (RuntimeError, OSError) as problem:
            error = problem
            # What came so far would be taken for the whole.
            artifact.cached_path.unlink(missing_ok=True)
        else:
            return path
    raise ComponentMissing(
        f"{artifact.filename} could not be fetched",
        str(error),
        "seamline kafka up --mirror ADDRESS, or --offline FOLDER with the jars",
    ) from error


def _copied(jar: Jar, offline: Path, scratch: Path) -> Path:
    for place in (offline / jar.name, offline / jar.place):
        if place.is_file():
            return Path(shutil.copyfile(place, scratch / jar.name))
    raise ComponentMissing(
        f"{jar.name} is not in {offline}",
        "the offline folder needs every jar that is not in the cache",
        "copy seamline/kafka-* from the cache folder of a machine where `seamline kafka up` has run",
    )


def _admit(jar: Jar, path: Path, folder: Path) -> None:
    """Move a jar to where brokers take it from, whole or not at all."""
    if _sha256(path) != jar.sha256:
        raise JarChanged(f"{jar.name} was refused", "what came is not what is locked", "use another mirror")
    os.replace(path, folder / jar.name)  # noqa: PTH105  says that an older file gives way


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
