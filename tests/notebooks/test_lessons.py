"""What a lesson promises: its facts are shown, and no order of its cells can hurt the learner.

`facts.toml` lists each fact of each lesson, and the cell that shows it. The order tests run the
cells in a real kernel: shuffled with fixed seeds, and twice over.
"""

from __future__ import annotations

import json
import queue
import random
import re
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from helpers.course import lessons

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FACTS = tomllib.loads((ROOT / "tests" / "notebooks" / "facts.toml").read_text(encoding="utf-8"))[
    "fact"
]
CELL_LIMIT = 30
"""Seconds that one cell may take, whatever ran before it."""

WITH_SERVERS = ("05", "08", "10", "12")
"""The lessons that have most to leave behind. The cells of the others are shuffled every week."""

PLAIN_ERRORS = {
    "KeyboardInterrupt",
    "NameError",
    "Deadlock",
    "TypeError",
    "ValueError",
    "UnicodeDecodeError",
    "EOFError",
    "RuntimeError",
    "OSError",
    "OverflowError",
    "TimeoutError",
    "BlockingIOError",
    "BrokenPipeError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "PermissionError",
    "gaierror",
    "SSLCertVerificationError",
    "SSLEOFError",
    "SSLError",
    "error",  # of struct, which has no other name
    "KeyError",  # of a selector: the socket is not registered, or is so already
}
"""What a learner may meet when cells run out of order: a missing name, or a socket's own error."""


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    """The cells with code, in their order."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def lesson(number: str) -> Path:
    """The notebook of a lesson."""
    return next(path for path in NOTEBOOKS if path.name.startswith(f"{number}_"))


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact['lesson']}-{fact['says'][:50]}")
def test_each_fact_names_a_cell_that_ran(fact: dict[str, str]) -> None:
    cells = {cell["id"]: cell for cell in code_cells(lesson(fact["lesson"]))}
    assert fact["cell"] in cells, f"no code cell {fact['cell']!r} in lesson {fact['lesson']}"
    assert cells[fact["cell"]]["execution_count"]


def test_each_lesson_has_its_facts() -> None:
    with_facts = {fact["lesson"] for fact in FACTS}
    assert with_facts == {path.name[:2] for path in NOTEBOOKS} - {"00"}


@pytest.fixture
def kernel(loop_of_jupyter: None) -> Iterator[BlockingKernelClient]:
    """A kernel that runs in the notebooks' folder."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(ROOT / "notebooks"))
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def run_cell(kernel: BlockingKernelClient, cell: dict[str, Any]) -> str:
    """Run one cell. The name of its error, or nothing."""
    message = kernel.execute("".join(cell["source"]), allow_stdin=False, stop_on_error=False)
    deadline = time.monotonic() + CELL_LIMIT
    while True:
        try:
            reply = kernel.get_shell_msg(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            pytest.fail(f"cell {cell['id']!r} hangs")
        if reply["parent_header"].get("msg_id") == message:
            if reply["content"].get("ename"):
                print(cell["id"], reply["content"]["ename"], reply["content"]["evalue"])
            return str(reply["content"].get("ename", ""))


def run_helper(kernel: BlockingKernelClient, source: str) -> str:
    """Run code of the test's own. The name of its error, or nothing."""
    return run_cell(kernel, {"id": "(the test's own)", "source": source})


NOTHING_LEFT = """
import threading
from helpers.live import registry
registry.stop_all()
left = [thread for thread in threading.enumerate() if type(thread) is threading.Thread
        and thread.name not in before
        and not thread.name.startswith("asyncio_")]  # to_thread() of the kernel's loop: it is idle
for thread in left:
    thread.join(5)  # a panel's thread ends with its server, a moment later
assert not any(thread.is_alive() for thread in left), left
"""


def run_in_order(kernel: BlockingKernelClient, cells: list[dict[str, Any]]) -> dict[str, str]:
    """Run the cells as they come. The errors that no learner should see, by cell."""
    assert run_helper(kernel, "import threading, helpers; helpers.patience(1)") == ""
    assert run_helper(kernel, "before = {each.name for each in threading.enumerate()}") == ""
    odd = {}
    for cell in cells:
        error = run_cell(kernel, cell)
        if error and error not in PLAIN_ERRORS:
            odd[cell["id"]] = error
    assert run_helper(kernel, NOTHING_LEFT) == ""
    return odd


SHUFFLES = [
    pytest.param(
        path,
        seed,
        id=f"{path.stem}-{seed}",
        marks=[] if seed == 1 and path.name[:2] in WITH_SERVERS else pytest.mark.weekly,
    )
    for path in NOTEBOOKS
    for seed in (1, 2, 3, 4)
]


@pytest.mark.parametrize(("notebook", "seed"), SHUFFLES)
def test_cells_in_any_order_give_plain_errors_and_leave_nothing(
    kernel: BlockingKernelClient, notebook: Path, seed: int
) -> None:
    cells = code_cells(notebook)
    first, rest = cells[:1], cells[1:]
    random.Random(seed).shuffle(rest)
    assert run_in_order(kernel, first + rest) == {}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_twice_over_fail_only_where_the_lesson_says_so(
    kernel: BlockingKernelClient, notebook: Path
) -> None:
    cells = code_cells(notebook)
    assert run_helper(kernel, "import threading") == ""
    assert run_helper(kernel, "before = {each.name for each in threading.enumerate()}") == ""
    for cell in cells * 2:
        error = run_cell(kernel, cell)
        wanted = "raises-exception" in cell["metadata"].get("tags", [])
        if wanted and sys.platform != "linux":
            continue  # what is an error on Linux need not be one elsewhere
        assert bool(error) == wanted, f"{cell['id']}: {error or 'no error'}"
    assert run_helper(kernel, NOTHING_LEFT) == ""


# --- the anatomy of a lesson --------------------------------------------------------------------


def texts(notebook: Path) -> dict[str, str]:
    """The text of each cell without code, by its id."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return {
        cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
    }


def items(text: str) -> list[str]:
    """The items of the lists in a text."""
    return re.findall(r"^- .+", text, re.MULTILINE)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_closes_with_the_list_that_it_opens_with(notebook: Path) -> None:
    found = texts(notebook)
    promised = items(found["title"].partition("After this lesson you can")[2])
    assert 3 <= len(promised) == len(items(found["seen"]))


@pytest.mark.parametrize("each", lessons.LESSONS, ids=lambda each: each.number)
def test_no_lesson_needs_one_that_may_be_left_out(each: lessons.Lesson) -> None:
    needs = re.search(r"You need lesson.*", texts(lesson(each.number))["title"])
    left_out = {other.file for other in lessons.LESSONS if other.deeper}
    assert not needs or each.deeper or not left_out & set(re.findall(r"\((\w+\.ipynb)\)", needs[0]))


WINDOWS_ERROR = re.compile(r"\b10(?:0(?:0[1-9]|[1-9]\d)|1[01]\d)\b")
"""The numbers that Windows gives to the errors of sockets."""


def test_the_numbers_of_errors_stand_in_the_table_of_lesson_11_and_nowhere_else() -> None:
    with_numbers = {
        path.name[:2]
        for path in NOTEBOOKS
        if any(WINDOWS_ERROR.search(text) for text in texts(path).values())
    }
    assert with_numbers == {"11"}
