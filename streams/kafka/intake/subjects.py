"""What a registry holds for our input topics: whether all of it is read, and our own schema registered beside it."""

from collections.abc import Iterable
from typing import Final

import msgspec

from schemas.evolution import breaks
from schemas.linter import lint
from streams.kafka.intake.registry import AVRO, BACKWARD_TRANSITIVE, Incompatible, NotRegistered, Registered, Registry

STRICT: Final = frozenset({BACKWARD_TRANSITIVE, "FULL_TRANSITIVE"})


class Objection(msgspec.Struct, frozen=True):
    """Something about a subject that is not as it must be."""

    subject: str
    problem: str


def subjects_of(inputs: Iterable[str]) -> list[str]:
    """Name the subject of the values of each topic, as producers do unless they are told otherwise."""
    return [f"{topic}-value" for topic in inputs]


async def examine(registry: Registry, subject: str, schema: str) -> list[Objection]:
    """Look at every version of a subject: is it safe, is it read by `schema`, and is that the rule from now on.

    A subject that nobody registered has nothing to object to: its topic may carry JSON.
    """
    try:
        numbers = await registry.versions(subject)
    except NotRegistered:
        return []
    found = []
    for number in numbers:
        version = await registry.version(subject, number)
        found += [f"version {number}: {problem}" for problem in _faults(version, schema)]
    if (level := await registry.level(subject)) not in STRICT:
        found.append(f"compatibility is {level}, and must be {BACKWARD_TRANSITIVE}")
    return [Objection(subject, problem) for problem in found]


async def register(registry: Registry, subject: str, schema: str) -> int:
    """Register our schema and give its id; the subject is held to BACKWARD_TRANSITIVE from then on.

    Incompatible when it would not read what is registered already, whatever rule the subject had; nothing is changed
    then.
    """
    objections = [each.problem for each in await examine(registry, subject, schema)]
    if faults := [problem for problem in objections if problem.startswith("version ")]:
        raise Incompatible(subject, "; ".join(faults))
    if await registry.level(subject) not in STRICT:
        await registry.demand(subject)
    return await registry.register(subject, schema)


def _faults(version: Registered, schema: str) -> list[str]:
    if version.schema_type != AVRO:
        return [f"is {version.schema_type}, not Avro"]
    unsafe = [f"{fault.path}: {fault.rule} ({fault.found})" for fault in lint(version.schema)]
    return unsafe or [f"{each.path}: {each.problem}" for each in breaks(version.schema, schema)]
