"""Resolve `jgo.toml` anew into `jgo.lock.toml`: `python -m streams.kafka.embedded.lock`. Needs the network."""

import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
RUN_SCOPES: Final = frozenset({None, "compile", "runtime"})


def write_lock(specification: Path, lock: Path) -> int:
    """Resolve the coordinates of a specification, fetch every jar, write its SHA-256; returns how many there are."""
    from jgo.env import EnvironmentSpec, LockedDependency, LockFile, compute_spec_hash  # noqa: PLC0415  an extra
    from jgo.maven import MavenContext  # noqa: PLC0415  an extra
    from jgo.parse import Coordinate  # noqa: PLC0415  an extra

    spec = EnvironmentSpec.load(specification)
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=30)
        wanted = [context.create_dependency(Coordinate.parse(text)) for text in spec.coordinates]
        inputs, reached = context.resolver.resolve(wanted)
        needed = [*inputs, *(each for each in reached if each.scope in RUN_SCOPES)]
        locked = [LockedDependency.from_dependency(each) for each in needed]
    LockFile(
        dependencies=locked,
        environment_name=spec.name,
        java_version=spec.java_version,
        entrypoints=spec.entrypoints,
        default_entrypoint=spec.default_entrypoint,
        spec_hash=compute_spec_hash(specification),
    ).save(lock)
    return len(locked)


if __name__ == "__main__":
    print(write_lock(HERE / "jgo.toml", HERE / "jgo.lock.toml"), "jars locked")  # noqa: T201  said to who runs it
