"""The cells of a lesson in random order, some of them again, some of them interrupted.

Any cell may raise: what it needs may not be there yet. But every cell ends within its limit, the
kernel lives on, and when the lesson is put away nothing of it is left. Then the kernel is
restarted and runs all cells in order: the outputs are those that are stored.
"""

from __future__ import annotations

import ast
import os
import queue
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from leaks import GRACE
from load import busy_cores
from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from soak.plan import Soak
from tools.committed_form import ROOT, is_not_compared, tidy_outputs
from tools.masks import read_masks
from tools.notebooks import CELL_TIMEOUT, NOTEBOOKS

FEW = 1
"""Lessons in `make test`."""

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))
MASKS = read_masks()

PATIENCE = 1
"""Seconds that a wait for somebody outside may take here; 10 would make an hour of them."""

INTERRUPTER = """
import signal, sys, threading, time
class Interrupter(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.changed = threading.Condition()
        self.after = self.until = None
    def begin(self, info):
        with self.changed:
            self.until = None if self.after is None else time.monotonic() + self.after
            self.after = None
            self.changed.notify()
    def end(self, result):
        with self.changed:
            self.until = None
    def run(self):
        with self.changed:
            while True:
                left = None if self.until is None else self.until - time.monotonic()
                if left is None or left > 0:
                    self.changed.wait(left)
                else:
                    self.until = None
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
sys.interrupter = Interrupter()
sys.interrupter.start()
get_ipython().events.register("pre_run_cell", sys.interrupter.begin)
get_ipython().events.register("post_run_cell", sys.interrupter.end)
"""
"""Presses Ctrl-C, so long after a cell has begun, if it runs still. Never between two cells: there
the kernel would lose the message that it is reading, and nobody would answer it."""

PUT_AWAY = """
for child in __import__("psutil").Process().children():
    child.kill()
    child.wait()
__import__("subprocess")._cleanup()
get_ipython().run_line_magic("unload_ext", "helpers")
get_ipython().run_line_magic("reset", "-f")
get_ipython().InteractiveTB.tb = get_ipython().last_execution_result = None
import sys
for name in ("last_exc", "last_type", "last_value", "last_traceback"):
    if hasattr(sys, name):
        delattr(sys, name)
del name, sys
__import__("gc").collect()
"""
"""All that a learner can let go of: programs that still run (Python keeps the pipes of one that
nobody has waited for), the extension, the variables, the last traceback."""

JOIN = """
import threading
for each in threading.enumerate():
    if each.name not in {known}:
        each.join({grace})
del each, threading
__import__("gc").collect()
"""
"""The thread of a panel ends a moment after its server has ended."""

LOOK = """(
    [each.name for each in __import__("threading").enumerate()],
    sorted(
        f"{each.status} {each.laddr} {each.raddr}"
        for each in __import__("psutil").Process().net_connections("inet")
    ),
    [
        __import__("os").readlink(each.path)
        for each in __import__("os").scandir("/proc/self/fd")
        if __import__("os").path.lexists(each.path)
    ],
)"""


Look = tuple[list[str], list[str], list[str]]
"""The threads, the internet sockets, and what the descriptors stand for."""


class Kernel:
    """A kernel, spoken to as a front end does."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def start(self, source: str, cell: str, **more: Any) -> str:
        """Begin a cell; its id goes with it, as JupyterLab sends it."""
        content = {
            "code": source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
            **more,
        }
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, begun: str) -> list[NotebookNode]:
        """What the cell shows, once the kernel is idle."""
        shown: list[NotebookNode] = []
        limit = time.monotonic() + CELL_TIMEOUT
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0.0, limit - time.monotonic()))
            except queue.Empty:
                raise AssertionError("the cell hangs") from None
            if message["parent_header"].get("msg_id") != begun:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return shown
            if kind in ("stream", "execute_result", "display_data", "error"):
                shown.append(output_from_msg(message))

    def run(self, source: str, cell: str) -> list[NotebookNode]:
        return self.finish(self.start(source, cell))

    def interrupt_next(self, after: float) -> None:
        """Interrupt the next cell if it still runs after so many seconds."""
        source = f"__import__('sys').interrupter.after = {after}"
        self.finish(self.start(source, "", silent=True, store_history=False))

    def look(self) -> Look:
        """Seen without a trace."""
        begun = self.start(
            "", "", silent=True, store_history=False, user_expressions={"found": LOOK}
        )
        while True:
            reply = self.client.get_shell_msg(timeout=CELL_TIMEOUT)
            if reply["parent_header"].get("msg_id") == begun:
                found = reply["content"]["user_expressions"]["found"]
                return ast.literal_eval(found["data"]["text/plain"])  # type: ignore[no-any-return]

    def restart(self) -> None:
        self.manager.restart_kernel(now=True)
        self.client.wait_for_ready(timeout=CELL_TIMEOUT)


@contextmanager
def running_kernel(folder: Path) -> Iterator[Kernel]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SOCKET_COURSE_DATA": str(folder),
        "IPYTHONDIR": str(folder),
    }
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(
        env=environment,
        cwd=str(NOTEBOOKS),
        # IPython would write its history to a file at any moment.
        extra_arguments=["--HistoryManager.hist_file=:memory:"],
    )
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=CELL_TIMEOUT)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def compared(outputs: list[NotebookNode]) -> list[Any]:
    """What is compared of outputs: streams, errors, and text, HTML and SVG of what is shown."""
    found: list[Any] = []
    for output in tidy_outputs(outputs, None):
        if output.output_type == "stream":
            found.append((output.name, MASKS.mask(output.text)))
        elif output.output_type == "error":
            found.append((output.ename, MASKS.mask(output.evalue)))
        else:
            found.append(
                {
                    kind: MASKS.mask(output.data[kind])
                    for kind in ("text/plain", "text/html", "image/svg+xml")
                    if kind in output.data
                }
            )
    return found


def code_cells(path: Path) -> list[NotebookNode]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def run_in_random_order(soak: Soak, kernel: Kernel, cells: list[NotebookNode]) -> None:
    """Each cell once or more. The extension comes first: without it a wait has no end."""
    first = next(cell for cell in cells if "%load_ext helpers" in cell.source)
    kernel.run(first.source, first.id)
    kernel.run(f"import helpers\nhelpers.patience({PATIENCE})", "patience")
    order = soak.chance.sample(cells, len(cells)) + soak.chance.choices(cells, k=len(cells) // 3)
    soak.chance.shuffle(order)
    for cell in order:
        # Now and then a cell is interrupted, wherever it stands after that time.
        after = soak.chance.choice([0.02, 0.1, 0.5, None, None, None])
        if after is not None:
            kernel.interrupt_next(after)
        print(f"{cell.id}, interrupted after {after} s")
        kernel.run(cell.source, cell.id)
        assert kernel.manager.is_alive(), cell.source
        soak.done += 1


def check_nothing_is_left(kernel: Kernel, before: Look) -> None:
    kernel.run(PUT_AWAY, "put away")
    kernel.run(JOIN.format(known=before[0], grace=GRACE), "join")
    threads, connections, descriptors = kernel.look()
    new = [name for name in threads if name not in before[0]]
    assert not new, f"threads: {new}"
    mine = [each for each in connections if each not in before[1]]
    listening = [each for each in mine if each.startswith(psutil.CONN_LISTEN)]
    assert not listening, f"listening: {listening}"
    more = Counter(descriptors) - Counter(before[2])
    # ZeroMQ has one for each thread that has shown something, and closes it when it likes.
    del more["anon_inode:[eventfd]"]
    assert not more, f"descriptors: {more}; {mine}"


def check_stored_outputs(soak: Soak, kernel: Kernel, cells: list[NotebookNode]) -> None:
    for number, cell in enumerate(cells, 1):
        shown = compared(kernel.run(cell.source, cell.id))
        if not is_not_compared(cell):
            assert shown == compared(cell.outputs), f"code cell {number}"
        soak.done += 1


@pytest.mark.linux_only
@pytest.mark.usefixtures("loop_of_jupyter")
def test_cells_in_any_order_leave_nothing_and_a_restart_mends_all(
    soak: Soak, tmp_path: Path
) -> None:
    for path in soak.some(LESSONS, FEW):
        print(path.name)  # pytest shows the last ones with a failure
        cells = code_cells(path)
        with busy_cores(), running_kernel(tmp_path) as kernel:
            # What Jupyter and IPython open when they are first used is theirs: ZeroMQ has a thread
            # for large messages.
            kernel.run("%load_ext helpers\n%unload_ext helpers\n1 / 0", "warm up")
            kernel.run("'x' * 1_000_000", "a large message")
            kernel.run(INTERRUPTER, "interrupter")
            kernel.run(PUT_AWAY, "put away")
            before = kernel.look()
            run_in_random_order(soak, kernel, cells)
            check_nothing_is_left(kernel, before)
            kernel.restart()
            check_stored_outputs(soak, kernel, cells)
