"""What `seamline doctor` looks at on this machine and in the settings: Python, Java, keys, consent, room on disk."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from streams.bootstrap import EMBEDDED
from streams.commands.findings import Finding, Verdict
from streams.settings import DEVELOPMENT_KEY, Settings, SettingsError

DISK_FAIL_BYTES: Final = 200 * 1024**2
DISK_WARN_BYTES: Final = 2 * 1024**3
TRIAL_BYTES: Final = 1024**2
PYTHON_MIN: Final = (3, 11)
JAVA_MIN: Final = 17


def machine(settings: Settings) -> Iterator[Finding]:
    """Look at this machine, in the order things are needed."""
    yield _python()
    yield _embedded_engine(settings)
    yield from _disk(settings)
    yield _java()


def keys_and_consent(settings: Settings) -> Iterator[Finding]:
    """Look at the settings that decide whose data can be read."""
    yield _key("identity key", "identity", lambda: settings.identity_key)
    yield _key("dead-letter key", "dead_letters", lambda: settings.dead_letter_key)
    yield _consent(settings)


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= PYTHON_MIN:
        return Finding("python", "ok", found)
    return Finding("python", "fail", found, "install Python 3.11 or newer")


def _embedded_engine(settings: Settings) -> Finding:
    if find_spec("chdb"):
        return Finding("embedded engine", "ok", "chdb is installed")
    needed = settings.clickhouse.dsn.get_secret_value().startswith("chdb:")
    fix = "install seamline[embedded], or set clickhouse.dsn to a server"
    return Finding("embedded engine", "fail" if needed else "ok", "chdb is not installed", fix if needed else "")


def _java() -> Finding:
    path = shutil.which("java")
    if path is None:
        return Finding("java", "ok", "none; the broker-less driver needs none")
    said = subprocess.run([path, "-version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603
    match = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    found = int(match.group(1)) if match else 0
    if found >= JAVA_MIN:
        return Finding("java", "ok", f"{found}; an embedded broker can run")
    return Finding(
        "java", "warn", f"{found or 'unknown version'}", f"install Java {JAVA_MIN} or newer for the embedded broker"
    )


def _key(subject: str, section: str, read: Callable[[], bytes]) -> Finding:
    try:
        secret = read()
    except SettingsError as error:
        return Finding(
            subject, "fail", error.problems[0], f"set {section}.key_file to a readable file of 16 characters or more"
        )
    if secret == DEVELOPMENT_KEY.encode():
        says = "the DEVELOPMENT key, which is public: pseudonyms made with it can be reversed"
        return Finding(subject, "warn", says, f"set {section}.key_file before real customers' events")
    return Finding(subject, "ok", "set")


def _consent(settings: Settings) -> Finding:
    if settings.privacy.consent_default == "denied":
        return Finding("consent", "ok", "events that say nothing of consent are counted, not stitched")
    says = "events that say nothing of consent are stitched (privacy.consent_default = granted)"
    return Finding("consent", "warn", says, "set privacy.consent_default = denied where the law wants opt-in")


def _disk(settings: Settings) -> Iterable[Finding]:
    """Look at each file system that something is written to, by the first setting that leads there."""
    dsn = settings.clickhouse.dsn.get_secret_value()
    folders = {"local.state_folder": settings.local.state_folder, "worker.state_folder": settings.worker.state_folder}
    if dsn.startswith(EMBEDDED) and dsn != EMBEDDED:
        folders["clickhouse.dsn"] = Path(dsn.removeprefix(EMBEDDED))
    folders["embedded_kafka.folder"] = settings.embedded_kafka.folder
    seen: dict[int, Finding] = {}
    for setting, folder in folders.items():
        standing = existing(folder)
        finding = room_in(standing, setting, is_made=standing == folder.absolute())
        before = seen.setdefault(standing.stat().st_dev, finding)
        if before.verdict == "ok" != finding.verdict:
            seen[standing.stat().st_dev] = finding
    return seen.values()


def existing(path: Path) -> Path:
    """Find the folder, or the nearest above it that is there."""
    absolute = path.absolute()
    return next(folder for folder in (absolute, *absolute.parents) if folder.is_dir())


def room_in(folder: Path, setting: str, *, is_made: bool) -> Finding:
    """Tell how much room there is, and write a file without a name to see that it can be used; nothing stays.

    A quota, a read-only file system or a limit of the process show only that way. Where the folder is yet to be made,
    not being allowed to write beside it is a warning.
    """
    free = shutil.disk_usage(folder).free
    says = f"{free / 1024**3:.1f} GiB free at {folder}"
    move = f"or move {setting}"
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(bytes(TRIAL_BYTES))
            trial.flush()
            os.fsync(trial.fileno())
    except PermissionError as error:
        verdict: Verdict = "fail" if is_made else "warn"
        return Finding("disk", verdict, f"{folder} can not be written: {error.strerror}", f"allow it, {move}")
    except OSError as error:
        says = f"{folder} can not be written: {error.strerror} ({free / 1024**3:.1f} GiB free)"
        return Finding("disk", "fail", says, f"free some space or raise the limit, {move}")
    if free < DISK_FAIL_BYTES:
        return Finding("disk", "fail", says, f"free some space, {move}")
    if free < DISK_WARN_BYTES:
        return Finding("disk", "warn", says, f"free some space, {move}")
    return Finding("disk", "ok", says)
