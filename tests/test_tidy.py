"""The repository keeps its own house rules: sizes, docstrings, words, commands, licences."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("schemas", "streams", "sinks")
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
FUNCTION_LINES_USUAL = 30
ARCHITECTURE_LINES_MAX = 200
MAKE_LINES_MAX = 3

# Written in pieces, so that this file does not name what it forbids.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+|farm)" + r"/[\w.]"),
    "a package index": re.compile("pypi" + r"\.org|files\.python" + r"hosted|/simple" + "/"),
    "something left to do": re.compile("TO" + "DO|FIX" + "ME|XX" + "X"),
    "a word for how it was made": re.compile("(?i)\\b(clau" + "de|anthro" + "pic|chat" + "gpt|co" + "pilot)\\b"),
}
DATA_SUFFIXES = {".csv", ".tsv", ".gz", ".jsonl", ".log", ".txt"}
WORDLESS_NAMES = re.compile(r"(Manager|Util|Utils|Helper|Service|Handler)$")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


FILES = tracked()
PYTHON = [path for path in FILES if path.suffix == ".py"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def is_public(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] in ROOMS


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_file_is_of_a_size_to_be_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= FILE_LINES_MAX
    assert {f.name: length(f) for f in functions(ast.parse(text)) if length(f) > FUNCTION_LINES_MAX} == {}


def test_nine_functions_in_ten_are_short() -> None:
    lengths = sorted(length(f) for path in PYTHON if is_public(path) for f in functions(ast.parse(path.read_text())))
    assert lengths[len(lengths) * 9 // 10] <= FUNCTION_LINES_USUAL


@pytest.mark.parametrize("path", PYTHON, ids=name_of)
def test_module_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", [path for path in PYTHON if is_public(path)], ids=name_of)
def test_public_names_have_docstrings(path: Path) -> None:
    names = _public(ast.parse(path.read_text(encoding="utf-8")))
    assert [node.name for node in names if not ast.get_docstring(node)] == []


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Module-level names and the methods of public classes that do not begin with an underscore."""
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from (m for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("_"))


@pytest.mark.parametrize("path", [path for path in PYTHON if is_public(path)], ids=name_of)
def test_classes_are_named_by_the_domain(path: Path) -> None:
    names = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
    assert [name for name in names if WORDLESS_NAMES.search(name)] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = FORBIDDEN[what]
    found = []
    for path in FILES:
        # Data written by others is kept as it came.
        if _is_foreign(path):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def _is_foreign(path: Path) -> bool:
    """Tell data of others, which is kept as it came: it lies in a folder that says under which licence."""
    if path.suffix == ".py" or "data" not in path.relative_to(ROOT).parts:
        return False
    inside = [folder for folder in path.parents if folder.is_relative_to(ROOT)]
    folders = [folder for folder in inside if "data" in folder.relative_to(ROOT).parts]
    return any(_names_licence(folder) for folder in folders)


def _names_licence(folder: Path) -> bool:
    if any(folder.glob("LICEN[CS]E*")):
        return True
    readme = folder / "README.md"
    return readme.is_file() and bool(re.search("(?i)licen[cs]e", readme.read_text(encoding="utf-8")))


def test_licence_is_apache() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_data_of_others_carries_its_licence() -> None:
    bare = [
        name_of(path)
        for path in FILES
        if path.suffix in DATA_SUFFIXES and "data" in path.relative_to(ROOT).parts[:-1] and not _is_foreign(path)
    ]
    assert bare == []


def test_architecture_stays_short() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text().splitlines()) <= ARCHITECTURE_LINES_MAX


def makefile_targets() -> dict[str, tuple[str, list[str]]]:
    """Each target of the Makefile with its help text and the lines of its recipe."""
    targets: dict[str, tuple[str, list[str]]] = {}
    recipe: list[str] = []
    for line in (ROOT / "Makefile").read_text().splitlines():
        if head := re.match(r"([a-z-]+):.*## (.*)", line):
            recipe = []
            targets[head.group(1)] = (head.group(2), recipe)
        elif line.startswith("\t"):
            recipe.append(line)
        elif line:
            recipe = []
    return targets


@pytest.mark.parametrize("target", makefile_targets())
def test_make_target_is_short_explained_and_in_the_readme(target: str) -> None:
    text, recipe = makefile_targets()[target]
    assert text
    assert len(recipe) <= MAKE_LINES_MAX
    assert f"`make {target}`" in (ROOT / "README.md").read_text() or target == "environment"


def test_modules_that_make_runs_exist() -> None:
    modules = re.findall(r"python -m ((?:tests|benchmarks)\.[a-z_.]+)", (ROOT / "Makefile").read_text())
    assert modules
    paths = [ROOT / module.replace(".", "/") for module in modules]
    assert [p.name for p in paths if not p.with_suffix(".py").is_file() and not (p / "__main__.py").is_file()] == []


@pytest.mark.parametrize("lock", ["run", "embedded", "dev", "bench"])
def test_lock_has_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert "://" not in text
    pinned = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE)
    assert len(pinned) > 10
    assert len(re.findall(r"^[a-z0-9._-]+==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(pinned)
