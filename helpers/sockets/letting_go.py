"""A descriptor is about to be closed, or taken away, while a thread waits on its socket.

Rules of this file:

- Whoever lets go of a descriptor hands each wait on it a socket of its own for the same open file,
  before the real call. So a wait costs nothing for it, but for an entry in `waits`.
- "Set first, then look", on both sides. Who waits enters itself, then looks whether somebody is
  letting go. Who lets go says so, then looks who waits.
- What belongs to nobody must not stay open: it would keep the connection. So one C function makes
  a second descriptor and the object that closes it. Ctrl-C may come between two of them.

Theory of operation. On Unix a system call that waits has the open file until its end, whatever
becomes of the descriptor (man 2 close, "Multithreaded processes and close()"). The recorder waits
outside the real call, so it needs a second descriptor, but only when the first one goes: poll()
has the open file too, as long as it lasts. Python can close a descriptor by its socket, or by its
number. The functions for that are wrapped while sockets are recorded. Where C closes the number
unseen (a file object that was made of it), the call ends with EBADF.
"""

from __future__ import annotations

import _socket
import functools
import os
import socket
import threading
from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from typing import Any

from helpers.record.model import Call
from helpers.record.wakeup import keep_open
from helpers.sockets.attempts import family_of, proto_of, type_of

_fileno, _gettimeout = _socket.socket.fileno, _socket.socket.gettimeout

waits: dict[Call, Any] = {}
"""The calls that wait without a limit of time, each with its socket."""

going: dict[letting_go, None] = {}
"""Who is letting go just now."""

SOON = 0.05
"""Seconds in which a descriptor is closed by its number: a millionth, but for SO_LINGER."""


class letting_go:
    """`with letting_go((number,), sock):` around what closes the descriptor, or takes it away.

    No `sock`: that is done by the number alone.
    """

    __slots__ = ("_done", "_numbers", "_sock")

    def __init__(self, numbers: Container[int], sock: Any = None) -> None:
        self._numbers = numbers
        self._sock = sock
        self._done = threading.Lock()

    def __enter__(self) -> None:
        self._done.acquire()
        going[self] = None
        if waits:
            for call, sock in list(waits.items()):
                if _fileno(sock) in self._numbers:
                    _hand_over(call, sock)

    def __exit__(self, *error: object) -> None:
        going.pop(self, None)
        self._done.release()

    def takes(self, sock: Any, number: int) -> bool:
        """Whether it takes the descriptor of this socket, which has begun to wait too late for it.

        Who closes by the number has done it by then: the socket may be a new one of that number.
        """
        if self._sock is None and number in self._numbers and self._done.acquire(timeout=SOON):
            self._done.release()
        return self._sock is sock


def is_going(sock: Any, number: int) -> bool:
    """Whether another thread is letting go of the descriptor of this socket."""
    return any(each.takes(sock, number) for each in list(going))


def _hand_over(call: Call, sock: Any) -> None:
    held = call.held
    if held or not isinstance(held, list):
        return  # it has one, or its wait is over
    hold(sock, held)
    if call not in waits:
        _close_all(held)  # its wait has just ended, and may have looked before
    call.state.poke()  # it may be about to wait on what goes now


def hold(sock: Any, held: list[_socket.socket]) -> None:
    """Put one more object for the open file of this socket there, if a descriptor is left."""
    kind = (family_of(sock),), (type_of(sock),), (proto_of(sock),)
    keep_open(_fileno(sock), held, functools.partial(map, _socket.socket, *kind))
    if held and socket.getdefaulttimeout() is not None:
        held[0].settimeout(_gettimeout(sock))  # or both would be non-blocking from now on


def give_back(call: Call) -> None:
    """Its wait is over: close what it was handed."""
    held, call.held = call.held, ()
    _close_all(held)


def _close_all(held: Iterable[_socket.socket]) -> None:
    for each in held:
        each.close()


# By the number


def like_builtin(function: Callable[..., Any]) -> Any:
    """What stands for a function of C: no method, where a class has it for an attribute."""
    return staticmethod(function)


def _wrapped(plain: Callable[..., Any], which: Callable[..., Container[int]]) -> Any:
    """The function `plain`, which closes the descriptors that `which` gives."""

    @functools.wraps(plain)
    def wrapper(*arguments: Any, **named: Any) -> Any:
        numbers: Container[int] = ()
        with suppress(TypeError):  # the plain function says what is wrong
            numbers = which(*arguments, **named)
        with letting_go(numbers):
            return plain(*arguments, **named)

    return like_builtin(wrapper)


_CLOSING: dict[tuple[Any, str], Any] = {
    (os, "close"): _wrapped(os.close, lambda fd: (fd,)),
    (os, "closerange"): _wrapped(os.closerange, range),
    (os, "dup2"): _wrapped(os.dup2, lambda fd, fd2, inheritable=True: (fd2,)),
    (socket, "close"): _wrapped(socket.close, lambda fd, /: (fd,)),
}
_PLAIN = {(owner, name): vars(owner)[name] for owner, name in _CLOSING}


def stand_ins() -> dict[Any, Any]:
    """The plain functions, and what stands in the place of each."""
    return {_PLAIN[which]: _CLOSING[which] for which in _CLOSING}


def install() -> None:
    """From now on it is known which descriptors these functions close."""
    for (owner, name), wrapper in _CLOSING.items():
        setattr(owner, name, wrapper)


def uninstall() -> None:
    """Put the plain functions back. One that somebody has replaced since stays."""
    for (owner, name), wrapper in _CLOSING.items():
        if vars(owner)[name] is wrapper:
            setattr(owner, name, _PLAIN[owner, name])
