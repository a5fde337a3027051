"""The IPython extension: `%load_ext helpers`.

Rules of this file:

- While it is loaded, the sockets of the notebook are recorded. Unloaded, they are plain ones.
- The live servers learn when a cell begins: a cell that is run again stops the servers it started.
- An error looks as it does with a plain socket: the frames of this package are left out of a
  traceback.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from helpers import language, rerun_hint, view
from helpers.course.progress_store import data_folder
from helpers.live import printed, registry
from helpers.live.holders import told_of_holder
from helpers.record.record import record
from helpers.record.socket_info import next_number
from helpers.sockets.install import install, uninstall
from helpers.tracebacks import without_own_frames

_NO_ARGUMENTS = "***failed resolving arguments***"
"""What IPython writes for a frame whose variables are cleared (`format_record` in ultratb.py)."""

_loaded_by: list[Any] = []
"""The shell that has loaded the extension, if any."""

_number_of: dict[str, int] = {}
"""Each cell's number, in the order in which they were first run. It outlasts `%unload_ext`."""

_last_number = 0
"""The number of the cell that ran last."""

_begun_anew = 0
"""Sockets with a smaller number are of the time before the learner went back to an earlier cell."""


def load(shell: Any) -> None:
    """Record the sockets of this shell. A second call does nothing."""
    if _loaded_by:
        return
    _loaded_by.append(shell)
    language.read_marker(Path.cwd())  # a kernel starts in the folder of its notebook
    install(None, shell.user_ns)
    shell.events.register("pre_run_cell", _cell_begins)
    shell.events.register("post_run_cell", _cell_ends)
    rerun_hint.watch(shell)
    shell.set_custom_exc((Exception, KeyboardInterrupt), _show_error)
    shell.showtraceback = partial(_show_any, shell.showtraceback)
    shell.ask_exit = partial(_ask_exit, shell, threading.current_thread())
    registry.cell_begins(_key(None))
    view.in_live_page = _card_of
    _go_on_in_class()


def _go_on_in_class() -> None:
    """Whoever has joined a class stays in it when the kernel is started again."""
    with suppress(OSError, RuntimeError):  # no home, or one that cannot be read
        if (data_folder() / "class.json").exists():
            from helpers.classroom import resume  # only who is in a class needs it

            if says := resume():
                print(says)


def _card_of(shown: view.View) -> dict[str, Any]:
    """The card that a live page shows for a view. Only who shows one needs ipywidgets."""
    from helpers.widgets.check_card import forms_of

    return forms_of(shown)


def unload(shell: Any) -> None:
    """Stop all live servers, and make sockets plain again. Does nothing if nothing is loaded."""
    if not _loaded_by:
        return
    _loaded_by.clear()
    shell.events.unregister("pre_run_cell", _cell_begins)
    shell.events.unregister("post_run_cell", _cell_ends)
    shell.set_custom_exc((), None)
    for name in ("ask_exit", "showtraceback"):
        vars(shell).pop(name, None)
    registry.stop_all()
    printed.restore()
    view.in_live_page = view.no_card
    uninstall(shell.user_ns)


def _ask_exit(shell: Any, cells: threading.Thread) -> None:
    """What IPython's `exit()` calls. In another thread than that of the cells it ends that one."""
    if threading.current_thread() is not cells:
        raise SystemExit
    type(shell).ask_exit(shell)


def _cell_begins(info: Any) -> None:
    """A cell is about to run. If it runs again, the ladder is as it was the first time.

    A new ladder begins in an earlier cell than the last, and in the last one if it has started a
    server. In a cell that runs again, no ladder shows how the sockets of the run before go.
    """
    global _last_number, _begun_anew
    key = _key(info)
    starts_servers = registry.cell_begins(key)
    if not getattr(info, "cell_id", None):
        return  # nobody can tell it from another cell with the same text: no earlier one, then
    again = key in _number_of
    number = _number_of.setdefault(key, len(_number_of))
    if number < _last_number or (again and number == _last_number and starts_servers):
        record.shown = record.read(record.shown).cursor
    if again and number <= _last_number:
        _begun_anew = next_number()
    record.begun_anew = _begun_anew if again else 0
    _last_number = number


def _cell_ends(result: Any) -> None:
    """A cell has run. Below the last one of a lesson stands what was done in it."""
    file = rerun_hint.lesson_file()
    if file and result.success:
        from helpers.widgets import ending, newer  # only a live page has a lesson

        newer.show_below_the_first(file)
        ending.show_below_the_last(file, str(getattr(result.info, "cell_id", None) or ""))


def _key(info: Any) -> str:
    """What tells a cell from the others: its id, or its text if the front end sends no id.

    By its text a cell replaces the servers that it started. Its calls are kept: it may be another
    cell with the same text, as in a run of a whole notebook (nbclient and its relatives).
    """
    return str(getattr(info, "cell_id", None) or getattr(info, "raw_cell", ""))


def _show_any(plain: Any, exc_tuple: Any = None, *arguments: Any, **named: Any) -> Any:
    """What IPython calls for every traceback: of a cell, of `%run`, of a magic."""
    error = exc_tuple[1] if exc_tuple else sys.exc_info()[1]
    if error is not None:
        trace = without_own_frames(error, error.__traceback__)
        exc_tuple = exc_tuple and (exc_tuple[0], error, trace)
        for told in (told_of_holder(error), rerun_hint.hint(error, *_loaded_by[-1:])):
            if told and told not in getattr(error, "__notes__", ()):
                error.add_note(told)
    return plain(exc_tuple, *arguments, **named)


def _show_error(
    shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: Any = None
) -> None:
    """Show the error of a cell. IPython calls it (`set_custom_exc`)."""
    trace = without_own_frames(error, trace)
    shown = (kind, error, trace)
    if _is_of_a_server(trace):
        lines = shell.InteractiveTB.structured_traceback(*shown, tb_offset=tb_offset)
        shell._showtraceback(kind, error, [line.replace(_NO_ARGUMENTS, "") for line in lines])
    else:
        shell.showtraceback(shown, tb_offset=tb_offset)


def _is_of_a_server(trace: TracebackType | None) -> bool:
    """Whether the error comes from a live server: its frames were cleared to close its sockets."""
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_argcount and not trace.tb_frame.f_locals:
            return True
        trace = trace.tb_next
    return False
