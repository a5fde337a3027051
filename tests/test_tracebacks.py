"""Whoever shows an error, it shows the learner's frames and none of the recorder."""

from __future__ import annotations

import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from test_extension import shell as shell  # the fixture

from helpers import recording
from helpers.tracebacks import without_own_frames

FAILS = {
    "connect": "socket.socket().connect('x')",
    "bind": "socket.socket().bind('x')",
    "in use": "s = socket.create_server(('127.0.0.1', 0)); socket.create_server(s.getsockname())",
    "recv": "socket.socket().recv(1)",
    "timeout": "s = socket.socketpair(); s[0].settimeout(0.01); s[0].recv(1)",
    "options": "socket.socket().setsockopt(1, 2)",
    "constructor": "socket.socket(99)",
    "file": "socket.socket().makefile('q')",
    "select": "import select; select.select([None], [], [])",
    "deadlock": "a, b = socket.socketpair(); a.recv(1)",
    "server": "LiveServer(lambda: socket.socket().bind('x')).start().result()",
}
HEAD = "import socket\nfrom helpers import LiveServer\n"
OWN = str(Path(__file__).resolve().parent.parent / "helpers")

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.may_leave_open("the sockets of programs that fail"),
]


WAYS = [(name, way) for name in FAILS for way in ("cell", "%run", "%%time")]
WAYS += [(name, "thread") for name in FAILS if name != "deadlock"]  # only a cell is told of one


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_notebook_shows_no_frame_of_the_recorder(
    name: str,
    way: str,
    shell: InteractiveShell,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    if way == "%run":
        (tmp_path / "program.py").write_text(HEAD + FAILS[name])
        cell = f"%run {tmp_path / 'program.py'}"
    elif way == "thread":
        lines = FAILS[name].replace("; ", "\n    ")
        cell = (
            f"import threading\n{HEAD}def work():\n    {lines}\n"
            "t = threading.Thread(target=work); t.start(); t.join()"
        )
        shell.run_cell("import threading; threading._hook = threading.excepthook")
    else:
        cell = f"{'%%time' if way == '%%time' else ''}\n{HEAD}{FAILS[name]}".lstrip()
    if way == "thread":
        seen: list[str] = []
        monkeypatch.setattr(
            "helpers.sockets.hooks._before",
            [(lambda args: seen.extend(traceback.format_tb(args.exc_traceback)), sys.excepthook)],
        )
        shell.run_cell(cell)
        shown = "".join(seen)
    else:
        shell.run_cell(cell)
        shown = capsys.readouterr().out
        assert "Error" in shown or "Deadlock" in shown
    assert shown
    assert "helpers/" not in shown.replace("import LiveServer", "")
    assert OWN not in shown


@pytest.mark.parametrize("inside", ["", "    "])
def test_a_program_shows_no_frame_of_the_recorder(inside: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import socket, threading, helpers\n"
        "def work():\n    socket.socket().bind('thread')\n"
        f"{'with helpers.recording():' if inside else 'helpers.recording().__enter__()'}\n"
        f"{inside}t = threading.Thread(target=work); t.start(); t.join()\n"
        f"{inside}socket.create_server('x')\n"
    )
    environment = {"PYTHONPATH": str(Path(OWN).parent)}
    done = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, timeout=30, env=environment
    )
    assert "socket.socket().bind('thread')" in done.stderr
    assert "socket.create_server('x')" in done.stderr
    assert OWN not in done.stderr


def test_errors_that_led_to_it_and_those_of_a_group_show_none_either() -> None:
    import socket

    def fail(call: Callable[[], object], cause: BaseException | None = None) -> BaseException:
        try:
            call()
        except Exception as error:
            error.__cause__ = cause
            return error
        raise AssertionError

    with recording(), socket.socket() as sock:
        first = fail(lambda: sock.connect("x"))
        second = fail(lambda: sock.bind("x"), first)
        second.__context__ = fail(lambda: sock.recv(1))
        group = ExceptionGroup("both", [second, ValueError()])  # type: ignore[list-item]
        without_own_frames(group, None)
    assert OWN not in "".join(
        "".join(traceback.format_tb(each.__traceback__))
        for each in (first, second, second.__context__)
    )
