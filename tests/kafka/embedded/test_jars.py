"""Jars come from where they were told to, and only those that were locked are ever started."""

import gc
import hashlib
import re
import shutil
import threading
import tomllib
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from streams.kafka.embedded.broker import EmbeddedBroker
from streams.kafka.embedded.failures import ComponentMissing, JarChanged
from streams.kafka.embedded.jars import LOCK, Jar, Lock, fetch, jar_folder, missing, read_lock, verified
from streams.kafka.embedded.runtime import Runtime

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
"""jgo leaves the connections of answers that failed to the garbage collector."""


def smallest(runtime: Runtime, count: int) -> Lock:
    """A lock of the smallest jars, so that copying them costs nothing."""
    jars = sorted(runtime.lock.jars, key=lambda jar: (runtime.folder / jar.name).stat().st_size)
    return Lock(tuple(jars[:count]), "few")


def as_maven_lays_out(jars: tuple[Jar, ...], source: Path, folder: Path) -> Path:
    for jar in jars:
        (folder / jar.place).parent.mkdir(parents=True)
        shutil.copyfile(source / jar.name, folder / jar.place)
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files; cuts the first `cuts_left` answers that are jars in the middle."""

    cuts_left: ClassVar[int] = 0

    def copyfile(self, source: Any, outputfile: Any) -> None:
        if type(self).cuts_left and self.path.endswith(".jar"):
            type(self).cuts_left -= 1
            outputfile.write(source.read(100))
            return
        super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named so by the standard library
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A Maven repository on this machine: its address and its folder, which is empty."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *told: _Quiet(*told, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", folder
        server.shutdown()
        thread.join()
    gc.collect()


def test_lock_has_a_hash_for_each_jar_and_no_address() -> None:
    text, lock = LOCK.read_text(), read_lock()
    assert "://" not in text
    assert len(lock.jars) == len(re.findall(r'^sha256 = "[0-9a-f]{64}"$', text, re.MULTILINE))
    assert lock.kafka_version.startswith("4.3.")


def test_lock_was_made_from_what_is_specified() -> None:
    specified = hashlib.sha256((Path(str(LOCK)).parent / "jgo.toml").read_bytes()).hexdigest()
    assert specified.startswith(tomllib.loads(LOCK.read_text())["metadata"]["spec_hash"])


def test_everything_comes_from_an_offline_folder(runtime: Runtime, tmp_path: Path) -> None:
    folder, told = jar_folder(tmp_path, runtime.lock), []
    count = fetch(runtime.lock, folder, offline=runtime.folder, told=lambda: told.append(1))
    assert count == len(told) == len(runtime.lock.jars)
    assert [path.name for path in verified(runtime.lock, folder)] == [jar.name for jar in runtime.lock.jars]
    assert fetch(runtime.lock, folder, offline=tmp_path / "gone") == 0


def test_an_offline_folder_may_be_a_maven_repository(runtime: Runtime, tmp_path: Path) -> None:
    lock = smallest(runtime, 2)
    offline = as_maven_lays_out(lock.jars, runtime.folder, tmp_path / "repository")
    assert fetch(lock, tmp_path / "cache", offline=offline) == 2
    assert missing(lock, tmp_path / "cache") == []


def test_a_jar_that_is_not_in_the_offline_folder_is_named_and_no_network_is_asked(
    runtime: Runtime, tmp_path: Path, mirror: tuple[str, Path]
) -> None:
    lock = smallest(runtime, 1)
    as_maven_lays_out(lock.jars, runtime.folder, mirror[1])
    with pytest.raises(ComponentMissing, match=re.escape(f"{lock.jars[0].name} is not in {tmp_path / 'empty'}")):
        fetch(lock, tmp_path / "cache", mirror=mirror[0], offline=tmp_path / "empty")


def test_jars_come_from_a_mirror(runtime: Runtime, tmp_path: Path, mirror: tuple[str, Path]) -> None:
    lock = smallest(runtime, 3)
    as_maven_lays_out(lock.jars, runtime.folder, mirror[1])
    assert fetch(lock, tmp_path / "cache", mirror=mirror[0]) == 3
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == sorted(jar.name for jar in lock.jars)
    assert len(verified(lock, tmp_path / "cache")) == 3


def test_a_connection_that_breaks_is_tried_again(
    runtime: Runtime, tmp_path: Path, mirror: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = smallest(runtime, 2)
    as_maven_lays_out(lock.jars, runtime.folder, mirror[1])
    monkeypatch.setattr(_Quiet, "cuts_left", 2)
    assert fetch(lock, tmp_path / "cache", mirror=mirror[0]) == 2
    assert _Quiet.cuts_left == 0


def test_other_bytes_from_a_mirror_are_refused_and_not_kept(
    runtime: Runtime, tmp_path: Path, mirror: tuple[str, Path]
) -> None:
    lock = smallest(runtime, 1)
    (as_maven_lays_out(lock.jars, runtime.folder, mirror[1]) / lock.jars[0].place).write_bytes(b"another jar")
    with pytest.raises(JarChanged, match=re.escape(lock.jars[0].name)):
        fetch(lock, tmp_path / "cache", mirror=mirror[0])
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", ""])
def test_a_jar_that_can_not_be_fetched_is_named(tmp_path: Path, mirror: tuple[str, Path], address: str) -> None:
    lock = Lock((Jar("org.example", "thing", "1", "0" * 64),), "one")
    with pytest.raises(ComponentMissing, match=r"thing-1\.jar could not be fetched") as refused:
        fetch(lock, tmp_path / "cache", mirror=address or mirror[0])
    assert "--offline" in refused.value.next_step


def test_a_changed_jar_is_refused_by_its_name_before_anything_runs(runtime: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    folder.mkdir()
    for jar in runtime.lock.jars:
        (folder / jar.name).symlink_to(runtime.folder / jar.name)
    victim = folder / smallest(runtime, 1).jars[0].name
    content = bytearray(victim.read_bytes())
    content[-1] ^= 1
    victim.unlink()
    victim.write_bytes(content)
    with pytest.raises(JarChanged, match=re.escape(victim.name)) as refused:
        EmbeddedBroker.start(tmp_path / "kafka", runtime=msgspec.structs.replace(runtime, folder=folder))
    assert str(victim) in refused.value.next_step
    assert not (tmp_path / "kafka" / "broker.json").exists()
