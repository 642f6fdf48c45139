"""The image: pinned, hashed, without root, and nothing in it that is not needed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.deploy.manifests import DEPLOY, ROOT, VERSION

TEXT = (DEPLOY / "Dockerfile").read_text()


def instructions(word: str) -> list[str]:
    joined = TEXT.replace("\\\n", " ")
    return [line.partition(" ")[2].strip() for line in joined.splitlines() if line.split(" ")[0] == word]


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).parent / "hadolint"
    told = subprocess.run([program, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")


def test_both_stages_have_the_python_that_everything_is_tested_with() -> None:
    images = [line.split(" ")[0] for line in instructions("FROM")]
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["python_version"]
    assert images == [f"python:{checked}-trixie", f"python:{checked}-slim-trixie"]


def test_packages_come_by_hash_and_the_wheel_without_its_own() -> None:
    installs = re.findall(r"pip install .*", TEXT)
    assert len(installs) == 2
    assert "--require-hashes --requirement /tmp/run.txt" in installs[0]
    assert "--no-deps" in installs[1]
    assert "requirements/run.txt /tmp/run.txt" in instructions("COPY")


def test_nobody_is_root_and_the_command_is_seamline() -> None:
    assert instructions("USER") == ["10001:10001"]
    assert instructions("ENTRYPOINT") == ['["seamline"]']


def test_health_is_asked_at_livez_of_the_port_that_is_set() -> None:
    (check,) = instructions("HEALTHCHECK")
    assert "/livez" in check
    assert 'os.environ[\\"SEAMLINE_WORKER__WEB_PORT\\"]' in check


def test_version_is_that_of_the_wheel() -> None:
    assert set(re.findall(r"^ARG VERSION=(.*)$", TEXT, re.MULTILINE)) == {VERSION}
    assert f"seamline:{VERSION}" in TEXT


def test_context_holds_only_what_is_copied() -> None:
    let_in = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"]
    assert let_in == ["dist/seamline-*.whl", "requirements/run.txt"]
    assert (ROOT / "requirements/run.txt").is_file()
