"""The table of the helpers in lesson 00: what a lesson uses stands in it, and it has no more."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import helpers
from helpers import LiveServer
from helpers.kernel.socket import KernelSocket

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OF_A_SERVER = {name for name in vars(LiveServer) if not name.startswith("_")}
OF_A_ROW = {*KernelSocket.__dataclass_fields__} - {"name", "kind"}  # ordinary words in Python


def cells(lesson: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    return found


def table() -> str:
    """What the table has between backticks."""
    first = {cell["id"]: "".join(cell["source"]) for cell in cells(LESSONS[0])}
    return "\n".join(re.findall(r"`([^`]+)`", first["helpers-table"]))


def used(lesson: Path) -> set[str]:
    """The helpers' names that the lesson imports, and the attributes that it asks them for."""
    names: set[str] = set()
    for cell in cells(lesson):
        if cell["cell_type"] != "code":
            continue
        lines = [line for line in cell["source"] if not line.lstrip().startswith("%")]
        for node in ast.walk(ast.parse("".join(lines))):
            if isinstance(node, ast.ImportFrom) and node.module == "helpers":
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.Attribute) and node.attr in OF_A_ROW:
                names.add(f".{node.attr}")
            elif (
                isinstance(node, ast.Attribute)
                and node.attr in OF_A_SERVER
                and isinstance(node.value, ast.Name)
                and node.value.id.endswith("server")
            ):
                names.add(f"server.{node.attr}")
    return names


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_what_a_lesson_uses_stands_in_the_table(lesson: Path) -> None:
    missing = {name for name in used(lesson) if not re.search(rf"{re.escape(name)}\b", table())}
    assert missing <= {"server.start"}  # it stands there as LiveServer(f).start()


def test_what_stands_in_the_table_exists() -> None:
    for name in re.findall(r"\bserver\.(\w+)", table()):
        assert name in OF_A_SERVER
    for name in re.findall(r"^\.(\w+)$", table(), re.M):
        assert name in OF_A_ROW
    for name in set(re.findall(r"^(\w+)\(", table(), re.M)) - {"f", "help"}:
        assert hasattr(helpers, name)


def test_a_lesson_is_searched_for_what_it_uses() -> None:
    every = set().union(*map(used, LESSONS))
    assert {"LiveServer", "kernel_view", "server.result", ".queue_limit", ".to_read"} <= every
