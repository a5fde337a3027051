"""A file can be read in one sitting: none is too long without a reason.

The reason is a comment in the thing itself: `# Longer than 40 lines: one case a line.`
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {"helpers": 400, "programs": 400, "tools": 400, "bench": 400, "tests": 600}
"""The most lines of one file, by folder."""
CLASS, FUNCTION = 300, 40


def parts(path: Path, most: int) -> Iterator[tuple[str, int, list[str]]]:
    """The file, its classes and its functions: name, limit and lines of each."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    yield "the file", most, lines
    if path.is_relative_to(ROOT / "tests"):
        return  # a test is as long as what happens in it
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            limit = CLASS if isinstance(node, ast.ClassDef) else FUNCTION
            yield node.name, limit, lines[node.lineno - 1 : node.end_lineno]


@pytest.mark.parametrize("folder", FILES)
def test_what_is_long_says_why(folder: str) -> None:
    long = [
        f"{path.relative_to(ROOT)}: {name} has {len(lines)} lines, of {limit} at most"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name, limit, lines in parts(path, FILES[folder])
        if len(lines) > limit and not any(f"# Longer than {limit} lines: " in x for x in lines)
    ]
    assert long == []
