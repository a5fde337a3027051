"""Sockets that are given to another program: what passes through them there is not seen.

Rules of this file:

- Whoever gives a recorded socket away is not hindered: the plain thing is done. It is only noted,
  so that nobody is told that nothing can come any more.

There are four ways. A forked child has all of them (`Record`), a child that is started has those
that are its standard files or in `pass_fds`, `multiprocessing` pickles a socket object, and
`sendmsg` sends descriptors to a program that runs already (SCM_RIGHTS, unix(7)).
"""

from __future__ import annotations

import array
import functools
import inspect
import operator
import socket
import subprocess
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from multiprocessing import reduction
from typing import Any

from helpers.record.model import info_of
from helpers.record.record import record

_plain_init = subprocess.Popen.__init__
_signature = inspect.signature(_plain_init)
_RIGHTS = getattr(socket, "SCM_RIGHTS", None)


def install(recorded: type) -> None:
    """From now on it is noted when a socket of this class is given away."""
    subprocess.Popen.__init__ = _started  # type: ignore[method-assign]
    reduction.register(recorded, _reduced)


def uninstall() -> None:
    """Put the plain things back."""
    subprocess.Popen.__init__ = _plain_init  # type: ignore[method-assign]


@functools.wraps(_plain_init)
def _started(self: Any, *arguments: Any, **named: Any) -> None:
    with suppress(Exception):  # the plain call says what is wrong
        given = _signature.bind(self, *arguments, **named).arguments
        files = [given.get(name) for name in ("stdin", "stdout", "stderr")]
        note_descriptors(each if isinstance(each, int) else each.fileno() for each in files if each)
        passed = given.get("pass_fds", ())
        if isinstance(passed, Collection):  # an iterator would have nothing left
            note_descriptors(map(operator.index, passed))
    _plain_init(self, *arguments, **named)


def _reduced(sock: Any) -> Any:
    info = info_of(sock)
    if info is not None:
        record.tracker.untrack(info)
    return reduction._reduce_socket(sock)  # type: ignore[attr-defined]


def note_descriptors(given: Iterable[int]) -> None:
    """These descriptors are in other hands, too."""
    for descriptor in given:
        if descriptor >= 0:
            record.tracker.untrack_descriptor(descriptor)


def descriptors_in(ancillary: Any = ()) -> Iterator[int]:
    """The descriptors that sendmsg() is given to send."""
    for level, kind, data in ancillary if isinstance(ancillary, list | tuple) else ():
        if (level, kind) == (socket.SOL_SOCKET, _RIGHTS):
            numbers = array.array("i")
            numbers.frombytes(bytes(data))
            yield from numbers
