"""Check what is shipped: every schema is safe and made from the contract, every example is good in JSON and in Avro.

`seamline schemas check` prints what `findings` returns; the tests assert that it is empty.
"""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

import msgspec

from schemas.avsc import contract_files
from schemas.codecs import AvroSchemas, avro_fields, decode_json
from schemas.contract import faults
from schemas.evolution import breaks
from schemas.formats import CodecError
from schemas.linter import lint
from schemas.rows import Table
from schemas.topics import CATALOGUE, TOPIC_OF_TABLE
from schemas.wire import WireEvent


class Finding(NamedTuple):
    """Something to mend: in which file or entry, and what."""

    subject: str
    problem: str


def findings(against: Path | None = None) -> list[Finding]:
    """Check schemas, examples and catalogue.

    With `against`, a directory like `schemas/avro` of an older release, also that this one reads what that one wrote.
    """
    found = [*_schemas(), *_examples(), *_topics()]
    return found if against is None else [*found, *_evolution(against)]


def examples() -> dict[str, bytes]:
    """Read the example events that ship with Seamline: name to JSON."""
    folder = resources.files("schemas") / "examples"
    return {file.name.removesuffix(".json"): file.read_bytes() for file in sorted(folder.iterdir(), key=_name)}


def _name(file: Traversable) -> str:
    return file.name


def _schemas() -> Iterator[Finding]:
    for path, text in contract_files().items():
        file = resources.files("schemas").joinpath(*path.parts)
        shipped = file.read_text(encoding="utf-8") if file.is_file() else ""
        if shipped != text:
            yield Finding(str(path), "is not what the contract says: run `seamline schemas docs --write`")
        yield from (Finding(str(path), f"{fault.path}: {fault.rule}: {fault.found}") for fault in lint(text))


def _examples() -> Iterator[Finding]:
    avro = AvroSchemas()
    for name, encoded in examples().items():
        yield from (Finding(name, f"{fault.path}: {fault.problem}") for fault in faults(encoded))
        try:
            event = decode_json(encoded)
            normal = msgspec.convert(avro_fields(event), WireEvent)
            if avro.decode(avro.encode(event)) != normal:
                yield Finding(name, "comes back from Avro as another event")
        except CodecError as error:
            yield Finding(name, f"{type(error).__name__}: {error}")


def _topics() -> Iterator[Finding]:
    names = [topic.name for topic in CATALOGUE]
    yield from (Finding(name, "two topics have this name") for name in {n for n in names if names.count(n) > 1})
    yield from (Finding(str(table), "no topic carries this table") for table in Table if table not in TOPIC_OF_TABLE)


def _evolution(against: Path) -> Iterator[Finding]:
    for path, text in contract_files().items():
        older = against / Path(*path.parts[1:])
        if older.is_file():
            for entry in breaks(older.read_bytes(), text):
                yield Finding(str(path), f"no longer reads the older release: {entry.path}: {entry.problem}")
