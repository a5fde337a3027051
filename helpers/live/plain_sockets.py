"""Sockets that are not recorded, where a message would be wrong without them.

Names that were imported before the recorder are replaced (`sockets/names.py`). What is left: a
class that derives from the plain one, a default argument, an attribute, a socket that is older than
the recorder. What uses such a socket cannot be seen in it, nor ended.

Rules of this file: it looks, and changes nothing. It only names a socket that it has found.
"""

from __future__ import annotations

import _socket
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import FrameType

from helpers.libraries import is_library
from helpers.live.words import PLAIN
from helpers.record.frames import frame_of
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.text import visible


def told_of_thread(ident: int | None, given: Iterable[object] = ()) -> str:
    """What to say of a thread that uses sockets which are not recorded: nothing, or sentences.

    `given` are the objects that its function was called with.
    """
    frame = frame_of(ident)
    named = [*_in_frames(frame), *((_name_of(each), each) for each in given)]
    return _told(named)


def nothing_recorded() -> str:
    """What to say where no socket is recorded at all, now."""
    return PLAIN("nothing", load=PLAIN["load"])


def told_of_all() -> str:
    """The same for the learner's variables and threads: where nothing at all was recorded."""
    main = getattr(sys.modules.get("__main__"), "__dict__", {})
    told = _told(_with_attributes(main))
    for thread in threading.enumerate():
        if told:
            break
        if not record.actors.is_ignored(thread):
            told = told_of_thread(thread.ident)
    return told


def _told(named: Iterable[tuple[str, object]]) -> str:
    for name, value in named:
        if told := _why_not_recorded(name, value):
            return visible(told)
    return ""


def _why_not_recorded(name: str, value: object) -> str:
    """Why the calls on this socket are not recorded; nothing for any other object."""
    kind = type(value)
    if not isinstance(value, _socket.socket) or kind is _socket.socket or value.fileno() < 0:
        return ""
    if info_of(value) is not None or kind.__module__ == "ssl":
        return ""
    if kind.__name__ == "socket" and kind.__module__ == "socket":
        return PLAIN("older", name=name, load=PLAIN["load"])
    return PLAIN("class", name=name, class_name=kind.__name__, load=PLAIN["load"])


def _in_frames(innermost: FrameType | None) -> Iterator[tuple[str, object]]:
    """The variables of the learner's functions in which a thread stands."""
    frames = [] if innermost is None else [frame for frame, _ in traceback.walk_stack(innermost)]
    for frame in frames:
        if is_library(frame.f_code.co_filename):
            continue
        names = frame.f_locals
        found = dict(names)
        if sys.version_info < (3, 13) and names is not frame.f_globals:
            if sys.getrefcount(names) <= 3:  # nobody else has it from locals()
                names.clear()  # a copy that would keep the sockets from being collected
        yield from _with_attributes(found)
        yield from _named(frame.f_globals)


def _with_attributes(names: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    yield from _named(names)
    for name, value in list(names.items()):
        with suppress(Exception):  # vars() of an odd object
            yield from ((f"{name}.{inner}", held) for inner, held in _named(vars(value)))


def _named(names: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    return ((name, value) for name, value in list(names.items()) if _is_socket(value))


def _is_socket(value: object) -> bool:
    return isinstance(type(value), type) and issubclass(type(value), _socket.socket)


def _name_of(value: object) -> str:
    return PLAIN("of a kind", kind=type(value).__name__)
