import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT, python_files

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = CONTRACTS[0]["layers"]
NAMED = {name.strip() for layer in LAYERS for name in re.split(r"[|:]", layer)}


def test_every_backend_room_stands_on_the_staircase() -> None:
    rooms = {
        f"backend.{path.stem}"
        for path in (ROOT / "backend").iterdir()
        if path.stem != "__init__" and not path.stem.startswith("__") and (path.is_dir() or path.suffix == ".py")
    }
    assert rooms == {name for name in NAMED if name.startswith("backend.")}


def test_no_import_goes_up_and_none_closes_a_circle(tmp_path: Path) -> None:
    """The contracts of `pyproject.toml` hold; `make layers` says more when they do not."""
    assert {contract["type"] for contract in CONTRACTS} == {"layers", "acyclic_siblings"}
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--cache-dir", str(tmp_path)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 # our own words
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_top_level_package_stands_on_the_staircase() -> None:
    on_stairs = {name.split(".")[0] for name in NAMED}
    assert on_stairs == set(PACKAGES)


def test_no_package_stands_outside() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found == {*PACKAGES, "tests"}


@pytest.mark.parametrize("package", PACKAGES)
def test_each_top_level_package_is_ours(package: str) -> None:
    file = importlib.import_module(package).__file__
    assert file is not None
    assert Path(file).resolve().is_relative_to(ROOT)


def test_an_init_file_is_one_docstring() -> None:
    for path in python_files(*PACKAGES, "tests"):
        if path.name == "__init__.py":
            body = ast.parse(path.read_text()).body
            assert [type(node) for node in body] == [ast.Expr], path
            assert ast.get_docstring(ast.parse(path.read_text())), path


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in python_files(*PACKAGES)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_no_room_is_called_utils_or_helpers() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
    assert [path for path in python_files(*PACKAGES) if path.stem in vague or path.parent.name in vague] == []
