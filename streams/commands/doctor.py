"""`seamline doctor`: look at this machine and these settings, say what is well, and how to mend the rest."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import msgspec
from rich.table import Table
from rich.text import Text

from sinks.clickhouse.failures import WarehouseError
from sinks.clickhouse.migrate import pending
from streams.bootstrap import open_warehouse
from streams.commands.answers import answer
from streams.commands.failures import CommandError
from streams.commands.options import PROGRAM, AsJson, ConfigFile, Dsn, settings_for
from streams.commands.reading import is_missing
from streams.settings import DEVELOPMENT_KEY, Settings, SettingsError

DISK_FAIL_BYTES: Final = 200 * 1024**2
DISK_WARN_BYTES: Final = 2 * 1024**3
PYTHON_MIN: Final = (3, 11)
JAVA_MIN: Final = 17
COLOURS: Final = {"ok": "green", "warn": "yellow", "fail": "bold red"}


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; `fix` is what to do about it, empty when it is well."""

    subject: str
    verdict: Literal["ok", "warn", "fail"]
    says: str
    fix: str = ""


def doctor(config: ConfigFile = None, dsn: Dsn = None, as_json: AsJson = False) -> None:
    """Check Python, engines, warehouse, keys, consent, disk and Java; each line says its fix.

    Exit code 1 when a check fails; warnings alone do not.
    """
    settings = settings_for(config, dsn)
    findings = list(examine(settings))
    page = Table("", "what", "found", "to do", box=None, header_style="bold")
    for finding in findings:
        colour = COLOURS[finding.verdict]
        page.add_row(Text(finding.verdict, style=colour), *map(Text, (finding.subject, finding.says, finding.fix)))
    answer({"checks": [msgspec.to_builtins(finding) for finding in findings]}, page, as_json=as_json)
    failed = [finding.subject for finding in findings if finding.verdict == "fail"]
    if failed:
        raise CommandError(
            "not well: " + ", ".join(failed), next_step=findings[[f.verdict for f in findings].index("fail")].fix
        )


def examine(settings: Settings) -> Iterable[Finding]:
    """Look at everything in the order it is needed; one check that breaks is a finding of its own, not the end."""
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _python, _embedded_engine, _warehouse, _identity_key, _dead_letter_key, _consent, _disk, _java,
    )  # fmt: skip
    return (check(settings) for check in checks)


def _python(_: Settings) -> Finding:
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


def _warehouse(settings: Settings) -> Finding:
    if is_missing(settings):
        return Finding("warehouse", "warn", "not made yet", f"{PROGRAM} demo, or {PROGRAM} migrate")
    try:
        with open_warehouse(settings) as client:
            waiting = pending(client)
    except WarehouseError as error:
        return Finding("warehouse", "fail", str(error), error.next_step)
    if waiting:
        return Finding("warehouse", "warn", f"reachable; {len(waiting)} migrations to apply", f"{PROGRAM} migrate")
    return Finding("warehouse", "ok", "reachable, tables up to date")


def _identity_key(settings: Settings) -> Finding:
    return _key("identity key", "identity", settings, lambda: settings.identity_key)


def _dead_letter_key(settings: Settings) -> Finding:
    return _key("dead-letter key", "dead_letters", settings, lambda: settings.dead_letter_key)


def _key(subject: str, section: str, _: Settings, read: Callable[[], bytes]) -> Finding:
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


def _disk(settings: Settings) -> Finding:
    folder = _existing(settings.local.state_folder)
    free = shutil.disk_usage(folder).free
    says = f"{free / 1024**3:.1f} GiB free at {folder}"
    if free < DISK_FAIL_BYTES:
        return Finding("disk", "fail", says, "free some space, or move local.state_folder and clickhouse.dsn")
    return Finding(
        "disk", "warn" if free < DISK_WARN_BYTES else "ok", says, "" if free >= DISK_WARN_BYTES else "free some space"
    )


def _existing(path: Path) -> Path:
    absolute = path.absolute()
    return next(folder for folder in (absolute, *absolute.parents) if folder.is_dir())


def _java(_: Settings) -> Finding:
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
