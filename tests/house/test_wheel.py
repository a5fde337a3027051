"""The wheel has all that the helpers need: it works where there is no clone, and no network."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )
    if result.returncode != 0:
        pytest.fail(result.stdout, pytrace=False)
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this clone, with the flit_core that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_every_file_of_the_helpers_is_in_the_wheel(wheel: Path) -> None:
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "helpers").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert here <= set(ZipFile(wheel).namelist())


def test_the_wheel_says_the_license_of_the_code_and_that_of_the_texts(wheel: Path) -> None:
    names = {Path(name).name for name in ZipFile(wheel).namelist() if "/licenses/" in name}
    assert names == {"LICENSE", "LICENSE-texts"}


def test_each_library_that_the_helpers_import_is_declared() -> None:
    imported = set()
    for path in (ROOT / "helpers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).partition(".")[0])
    distributions = metadata.packages_distributions()
    libraries = {
        distributions[name][0].lower()
        for name in imported - sys.stdlib_module_names - {"helpers"}
        if name in distributions
    }
    required = metadata.requires("socket-course") or []
    needed = [each for each in required if "extra ==" not in each or 'extra == "hub"' in each]
    declared = {re.match(r"[\w-]+", each)[0].lower() for each in needed}
    assert libraries <= declared


def test_the_helpers_work_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    run(*PIP, "install", "--no-deps", "--no-index", "--target", installed, wheel, cwd=tmp_path)
    program = Path(__file__).with_name("in_an_empty_folder.py")
    shown = run(
        *(sys.executable, "-P", program, ROOT),
        cwd=tmp_path,
        PYTHONPATH=str(installed),
        PYTHONIOENCODING="utf-8",
    )
    for words in (
        "✓ read_exactly: correct",
        "✗ read_exactly: incorrect",
        "A known mistake: one recv() is taken for all n bytes.",
        "near.sendall(b'hello')          │── 5 bytes ──►│ far.recv(5) → b'hello'",
        "Predict. A client has connected and sent nothing.",
        "export default",
    ):
        assert words in shown
