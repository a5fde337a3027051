"""Sockets that another program has, too: they are untracked, since its calls are not recorded.

Rules of this file:

- The plain call is made as it is. The socket only becomes untracked, so that no wait for it is
  taken for a deadlock.

Theory of operation. A descriptor comes to another program in four ways. A forked child has all of
them (`Record`). A child that is started has those that are its standard files or in `pass_fds`.
`multiprocessing` pickles a socket object. And `sendmsg` sends descriptors to a program that runs
already (SCM_RIGHTS, unix(7)).
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

from helpers.record.record import record
from helpers.record.socket_info import info_of

_plain_init = subprocess.Popen.__init__
_signature = inspect.signature(_plain_init)
_RIGHTS = getattr(socket, "SCM_RIGHTS", None)


def install(recorded: type) -> None:
    """From now on a socket of this class that another program gets becomes untracked."""
    subprocess.Popen.__init__ = _started  # type: ignore[method-assign]
    reduction.register(recorded, _reduced)


def uninstall() -> None:
    """Put the plain constructor of `subprocess.Popen` back."""
    subprocess.Popen.__init__ = _plain_init  # type: ignore[method-assign]


@functools.wraps(_plain_init)
def _started(self: Any, *arguments: Any, **named: Any) -> None:
    with suppress(Exception):  # the plain call says what is wrong
        given = _signature.bind(self, *arguments, **named).arguments
        files = [given.get(name) for name in ("stdin", "stdout", "stderr")]
        untrack_descriptors(
            each if isinstance(each, int) else each.fileno() for each in files if each
        )
        passed = given.get("pass_fds", ())
        if isinstance(passed, Collection):  # an iterator would have nothing left
            untrack_descriptors(map(operator.index, passed))
    _plain_init(self, *arguments, **named)


def _reduced(sock: Any) -> Any:
    info = info_of(sock)
    if info is not None:
        record.tracker.goes_elsewhere(info)
    return reduction._reduce_socket(sock)  # type: ignore[attr-defined]


def untrack_descriptors(descriptors: Iterable[int]) -> None:
    """The sockets that have these descriptors become untracked; -1 is none."""
    for descriptor in descriptors:
        if descriptor >= 0:
            record.tracker.untrack_descriptor(descriptor)


def descriptors_in(ancillary: Any = ()) -> Iterator[int]:
    """The descriptors that sendmsg() is given to send."""
    for level, kind, data in ancillary if isinstance(ancillary, list | tuple) else ():
        if (level, kind) == (socket.SOL_SOCKET, _RIGHTS):
            numbers = array.array("i")
            numbers.frombytes(bytes(data))
            yield from numbers
