"""The IPython extension: `%load_ext helpers`.

It puts the recording sockets in place, tells the live servers when a cell begins, and
leaves the recorder's own frames out of tracebacks, so that an error looks as it does with
a plain socket.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

from helpers.live import printed, server
from helpers.record.record import record
from helpers.sockets import recording

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
_loaded: list[Any] = []
"""The shell that has loaded the extension, if any."""
_NO_ARGUMENTS = "***failed resolving arguments***"
"""What IPython writes for the arguments of a frame whose variables are cleared."""
_order: dict[str, int] = {}
"""The cells, in the order in which they were first run. It outlasts `%unload_ext`."""
_last = 0


def load(shell: Any) -> None:
    """Start recording. Loading twice does nothing more."""
    if _loaded:
        return
    _loaded.append(shell)
    recording.install()
    shell.events.register("pre_run_cell", _cell_begins)
    shell.set_custom_exc((Exception, KeyboardInterrupt), _show_error)
    server.cell_begins(_key(None))


def unload(shell: Any) -> None:
    """Stop all servers and put the plain sockets back."""
    if not _loaded:
        return
    _loaded.clear()
    shell.events.unregister("pre_run_cell", _cell_begins)
    shell.set_custom_exc((), None)
    server.stop_all()
    printed.restore()
    recording.uninstall()


def _cell_begins(info: Any) -> None:
    """A cell is about to run. Going back to an earlier cell begins a new ladder."""
    global _last
    key = _key(info)
    server.cell_begins(key)
    place = _order.setdefault(key, len(_order))
    if place < _last:
        record.begin_anew()
    _last = place


def _key(info: Any) -> str:
    """What tells a cell from the others: its id, or its text where the front end gives none."""
    return str(getattr(info, "cell_id", None) or getattr(info, "raw_cell", ""))


def _show_error(
    shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: Any = None
) -> None:
    trace = without_own_frames(error, trace)
    shown = (kind, error, trace)
    if _is_of_a_server(trace):
        lines = shell.InteractiveTB.structured_traceback(*shown, tb_offset=tb_offset)
        shell._showtraceback(kind, error, [line.replace(_NO_ARGUMENTS, "") for line in lines])
    else:
        shell.showtraceback(shown, tb_offset=tb_offset)


def _is_of_a_server(trace: TracebackType | None) -> bool:
    """Whether a frame of the traceback was cleared, so that its sockets could close."""
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_argcount and not trace.tb_frame.f_locals:
            return True
        trace = trace.tb_next
    return False


def without_own_frames(error: BaseException, trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the frames of this package; the same for the errors before it."""
    seen: set[int] = set()
    before: BaseException | None = error
    while before is not None and id(before) not in seen:
        seen.add(id(before))
        before.__traceback__ = _cut(before.__traceback__)
        before = before.__cause__ or before.__context__
    return _cut(trace)


def _cut(trace: TracebackType | None) -> TracebackType | None:
    kept = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_OWN):
            kept.append(trace)
        trace = trace.tb_next
    for each, rest in zip(kept, [*kept[1:], None], strict=True):
        each.tb_next = rest
    return kept[0] if kept else None
