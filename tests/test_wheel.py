"""The wheel holds exactly the three packages, with every file that is data."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ["schemas", "sinks", "streams"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(folder.glob("seamline-*.whl")))


def _inside(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def test_wheel_holds_exactly_three_packages(wheel: zipfile.ZipFile) -> None:
    assert sorted({name.partition("/")[0] for name in _inside(wheel)}) == PACKAGES


def test_wheel_holds_every_tracked_file_of_them(wheel: zipfile.ZipFile) -> None:
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True).stdout
    tracked = {name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()}
    assert tracked - _inside(wheel) == set()


def test_contract_is_sound_where_only_the_wheel_is(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); from schemas import check; print(check.__file__); "
    program += "print(check.findings())"
    call = [sys.executable, "-c", program, str(wheel.filename)]
    told = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert told == f"{wheel.filename}/schemas/check.py\n[]\n"


def test_wheel_names_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    told = {name.partition(".dist-info/")[2]: name for name in wheel.namelist() if ".dist-info/" in name}
    assert "seamline = streams.cli:main" in wheel.read(told["entry_points.txt"]).decode()
    assert "licenses/LICENSE" in told
    assert "Requires-Python: >=3.11" in wheel.read(told["METADATA"]).decode()
