"""`%load_ext helpers`: what a learner meets in a notebook, in a real shell and real kernels."""

from __future__ import annotations

import atexit
import os
import queue
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client import BlockingKernelClient, KernelManager
from traitlets.config import Config

from helpers.record.record import record
from tools.kernels import held_port

LIMIT = 30
"""Seconds that a cell may take, on a slow machine too."""

ECHO_SERVER = """
import socket
def echo_server(port=0):
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            conn, _ = listener.accept()
            with conn:
                while data := conn.recv(1024):
                    conn.sendall(data)
"""

EXCHANGE = """
server = LiveServer(echo_server, PORT).start()
client = socket.create_connection(server.address)
client.sendall(b"hello")
assert client.recv(1024) == b"hello"
"""


# --- a shell in this process --------------------------------------------------------------------


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    plain = socket.socket
    made = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    made.run_line_magic("load_ext", "helpers")
    try:
        yield made
    finally:
        made.run_line_magic("unload_ext", "helpers")
        made.atexit_operations()
        atexit.unregister(made.atexit_operations)
        made.restore_sys_module_state()
    assert socket.socket is plain


def run(shell: InteractiveShell, cell: str, cell_id: str) -> Any:
    result = shell.run_cell(cell, cell_id=cell_id)
    result.raise_error()
    return result.result


def test_loading_puts_recorded_sockets_in_place_and_unloading_takes_them_away(
    shell: InteractiveShell,
) -> None:
    recorded = socket.socket
    shown = run(shell, "import socket\nwith socket.socket() as sock: print(sock)\nsock", "1")
    assert repr(shown).startswith("<socket.socket [closed] fd=-1")
    assert record.events()
    shell.run_line_magic("load_ext", "helpers")  # says that it is loaded already
    assert socket.socket is recorded
    shell.run_line_magic("unload_ext", "helpers")
    assert socket.socket is not recorded
    assert not record.enabled
    shell.run_line_magic("unload_ext", "helpers")
    shell.run_line_magic("load_ext", "helpers")
    assert socket.socket is recorded


def test_reloading_is_harmless(shell: InteractiveShell) -> None:
    recorded = socket.socket
    run(shell, "from helpers import LiveServer" + ECHO_SERVER, "1")
    run(shell, EXCHANGE.replace("PORT", "0"), "2")
    shell.run_line_magic("reload_ext", "helpers")
    assert socket.socket is recorded
    run(shell, "assert server.where.state == 'finished'; client.close()", "3")


@pytest.fixture(params=["fixed", "free"])
def port(request: pytest.FixtureRequest) -> Iterator[str]:
    """What a cell writes for its port."""
    with held_port("127.0.0.1") as fixed:
        yield str(fixed if request.param == "fixed" else 0)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # that of the run before
def test_running_a_cell_a_hundred_times_leaks_nothing(shell: InteractiveShell, port: str) -> None:
    """Neither a thread, a socket, a port nor a descriptor. The port may be a fixed one."""
    run(shell, "from helpers import LiveServer" + ECHO_SERVER, "1")

    def left() -> tuple[int, int, int, int]:
        process = psutil.Process()
        return (
            threading.active_count(),
            process.num_fds() if os.name == "posix" else process.num_handles(),
            len(process.net_connections("tcp")),
            len(record.actors.active),
        )

    run(shell, EXCHANGE.replace("PORT", port), "2")
    before = left()
    for _ in range(100):
        run(shell, EXCHANGE.replace("PORT", port), "2")
    assert left() == before
    assert len(record.wire.listeners) == 1
    run(shell, "client.close()", "3")


def test_a_server_lives_from_cell_to_cell(shell: InteractiveShell) -> None:
    run(shell, "from helpers import LiveServer" + ECHO_SERVER, "1")
    run(shell, "server = LiveServer(echo_server).start()", "2")
    for _ in range(3):
        run(
            shell,
            "with socket.create_connection(server.address) as client:\n"
            "    client.sendall(b'x'); assert client.recv(1) == b'x'",
            "3",
        )
    assert run(shell, "server.where", "4").call == "accept"
    run(shell, "server.stop()", "5")
    assert run(shell, "server.where", "4").reason == "finished: stopped"


def test_a_cell_run_again_replaces_only_its_own_server(shell: InteractiveShell) -> None:
    run(shell, "from helpers import LiveServer" + ECHO_SERVER, "1")
    run(shell, "first = LiveServer(echo_server).start()", "2")
    run(shell, "second = LiveServer(echo_server).start(); old = second", "3")
    run(shell, "second = LiveServer(echo_server).start()", "3")
    states = run(shell, "[each.where.state for each in (first, old, second)]", "4")
    assert states == ["waiting", "finished", "waiting"]


def test_the_error_of_a_server_that_was_replaced_disturbs_nobody(shell: InteractiveShell) -> None:
    run(shell, "from helpers import LiveServer", "1")
    for _ in range(2):
        run(shell, "server = LiveServer(lambda: 1 / 0).start().settle()", "2")


def test_without_ids_a_second_cell_with_the_same_text_loses_nothing(
    shell: InteractiveShell,
) -> None:
    """As when a whole notebook is run by nbclient and its relatives."""
    exchange = "here, there = socket.socketpair(); here.close(); there.close()"
    shell.run_cell("import socket; from helpers import timeline; timeline()")
    for cell in (exchange, "len(timeline().events)") * 3:
        result = shell.run_cell(cell)
        result.raise_error()
        assert result.result in (None, 3)


def test_with_ids_a_cell_that_is_run_again_begins_a_new_ladder(shell: InteractiveShell) -> None:
    run(shell, "import socket; from helpers import timeline", "1")
    for cell_id in ("2", "2", "3", "2"):
        run(shell, "here, there = socket.socketpair(); here.close(); there.close()", cell_id)
    assert len(run(shell, "timeline()", "4").events) == 3


def test_exit_in_a_server_does_not_end_the_shell(shell: InteractiveShell) -> None:
    run(shell, "from helpers import LiveServer", "1")
    run(shell, "server = LiveServer(lambda: exit()).start().settle()", "2")
    assert run(shell, "server.where.reason", "3") == "finished: sys.exit()"
    assert not getattr(shell, "exit_now", False)


# --- real kernels -------------------------------------------------------------------------------


class Kernel:
    """A running kernel, and what its cells show."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def start(self, cell: str) -> str:
        return str(self.client.execute(cell))

    def finish(self, cell: str) -> str:
        """All that the cell shows: streams, results and tracebacks as text."""
        shown = []
        while True:
            message = self.client.get_iopub_msg(timeout=LIMIT)
            if message["parent_header"].get("msg_id") != cell:
                continue
            content = message["content"]
            kind = message["msg_type"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "stream":
                shown.append(content["text"])
            elif kind in ("execute_result", "display_data"):
                shown.append(content["data"]["text/plain"] + "\n")
            elif kind == "error":
                shown.append("\n".join(content["traceback"]) + "\n")
        return re.sub(r"\x1b\[[0-9;]*m", "", "".join(shown))

    def run(self, cell: str) -> str:
        return self.finish(self.start(cell))


@contextmanager
def running_kernel() -> Iterator[Kernel]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    manager = KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = sys.executable
    manager.start_kernel(env=environment)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=LIMIT)
        kernel = Kernel(manager, client)
        assert kernel.run("%load_ext helpers\nimport socket, time, helpers") == ""
        assert kernel.run("from helpers import *") == ""
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as made:
        yield made


def test_ctrl_c_frees_a_cell_blocked_in_recv(kernel: Kernel) -> None:
    """It waits for this test, a program that the kernel does not record."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        cell = kernel.start(
            f"client = socket.create_connection(('127.0.0.1', {port}))\n"
            "client.sendall(b'now') or client.recv(1024)"  # one line: nothing is compiled between
        )
        conn, _ = listener.accept()
        with conn:
            assert conn.recv(3) == b"now"
            kernel.manager.interrupt_kernel()
            shown = kernel.finish(cell)
            assert "KeyboardInterrupt" in shown
            assert "client.recv(1024)" in shown
            assert "helpers" not in shown
            cell = kernel.start("client.recv(1024)")
            conn.sendall(b"usable")
            assert kernel.finish(cell) == "b'usable'\n"
    kernel.run("client.close()")


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("here, there = socket.socketpair()\nhere.recv(1)", "nobody is left who could answer"),
        ("socket.create_connection(('127.0.0.1', 1))", "ConnectionRefusedError"),
        ("with socket.socket() as sock:\n    sock.connect('text')", "must be tuple, not str"),
        ("LiveServer(None)", "LiveServer needs a function to run"),
        ("LiveServer(lambda: 1 / 0).start().result()", "division by zero"),
        ("helpers.patience(0)", "patience() takes a number of seconds"),
    ],
)
def test_a_traceback_shows_the_learners_lines_and_none_of_the_recorder(
    kernel: Kernel, cell: str, says: str
) -> None:
    shown = kernel.run(cell)
    assert says in shown
    assert cell.splitlines()[-1].strip() in shown
    assert "helpers/" not in shown
    assert "During handling of" not in shown


def test_the_error_of_a_server_with_arguments_shows_its_lines_and_no_odd_words(
    kernel: Kernel,
) -> None:
    cell = (
        "def divide(number, by):\n    return number / by\nLiveServer(divide, 1, 0).start().result()"
    )
    shown = kernel.run(cell)
    assert "return number / by" in shown
    assert "ZeroDivisionError: division by zero" in shown
    assert "failed resolving" not in shown


def test_a_deadlock_is_told_at_once_in_a_kernel(kernel: Kernel) -> None:
    """A kernel has threads of its own. They do not hide it."""
    shown = kernel.run(
        "a, b = socket.socketpair()\n"
        "for _ in range(10):\n"
        "    began = time.monotonic()\n"
        "    try:\n        a.recv(1)\n"
        "    except helpers.Deadlock:\n        print(time.monotonic() - began)"
    )
    assert min(map(float, shown.split())) < 0.2  # the machine may be busy


def test_nothing_of_a_server_reaches_a_cell(kernel: Kernel) -> None:
    kernel.run(
        "import sys, threading, warnings\n"
        "def noisy():\n"
        "    print('OUT'); print('ERR', file=sys.stderr); warnings.warn('WARNED')\n"
        "    inner = threading.Thread(target=lambda: print('INNER') or 1 / 0)\n"
        "    inner.start(); inner.join()\n"
        "    raise ValueError('of the thread')"
    )
    assert kernel.run("server = LiveServer(noisy).start().settle()\nprint('mine')") == "mine\n"
    log = kernel.run("print(server.log)")
    for text in ("OUT", "ERR", "WARNED", "INNER", "ZeroDivisionError"):
        assert text in log
    assert "of the thread" in kernel.run("server.stop()")
    assert kernel.run("print('as before')") == "as before\n"


def test_a_cell_that_waits_in_a_server_that_prints_keeps_its_own_output(kernel: Kernel) -> None:
    shown = kernel.run(
        "%%capture captured\n"
        "capturing = LiveServer(lambda: print('to the log')).start().settle()\n"
        "print('captured')"
    )
    assert shown == ""
    assert kernel.run("print(captured.stdout, capturing.log)") == "captured\n to the log\n\n"


def test_top_level_await_works_with_a_server(kernel: Kernel) -> None:
    shown = kernel.run(
        "import asyncio\n"
        "async def handle(reader, writer):\n"
        "    writer.write(await reader.read(10)); writer.close()\n"
        "serving = await asyncio.start_server(handle, '127.0.0.1', 0)\n"
        "reader, writer = await asyncio.open_connection(*serving.sockets[0].getsockname())\n"
        "writer.write(b'await'); answer = await reader.read(10)\n"
        "writer.close(); serving.close()\n"
        "answer"
    )
    assert shown == "b'await'\n"


def test_the_kernels_own_sockets_are_not_recorded(kernel: Kernel) -> None:
    kernel.run("timeline()")
    assert kernel.run("len(timeline().events)") == "0\n"


def test_two_notebooks_at_once_do_not_see_each_others_events(kernel: Kernel) -> None:
    with running_kernel() as other:
        kernel.run(ECHO_SERVER)
        kernel.run("server = LiveServer(echo_server).start()")
        host, port = eval(kernel.run("server.address"))
        kernel.run("timeline()")
        shown = other.run(
            f"with socket.create_connection(('{host}', {port})) as client:\n"
            "    client.sendall(b'across'); print(client.recv(10))"
        )
        assert shown == "b'across'\n"
        here = kernel.run("print(sorted({event.actor.name for event in timeline().events}))")
        there = other.run("print(sorted({event.actor.name for event in timeline().events}))")
        assert (here, there) == ("['echo_server']\n", "['cell']\n")
        kernel.run("server.stop()")


def test_a_kernel_with_running_servers_ends_at_once() -> None:
    with running_kernel() as kernel:
        kernel.run(ECHO_SERVER + "servers = [LiveServer(echo_server).start() for _ in range(3)]")
        kernel.client.shutdown()
        try:
            while True:
                kernel.client.get_control_msg(timeout=1)
        except queue.Empty:
            pass
        process = kernel.manager.provisioner.process
        assert process.wait(LIMIT) == 0
