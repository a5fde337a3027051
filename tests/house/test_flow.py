"""Data flows one way through the packages: the contracts of `[tool.importlinter]` are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[2]


def test_no_package_imports_from_one_above_it(capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(str(ROOT / "pyproject.toml"), no_cache=True)
    if code != 0:
        pytest.fail(capsys.readouterr().out, pytrace=False)
