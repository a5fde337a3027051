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
number. The functions for that are wrapped while sockets are recorded. C can close a number unseen:
a file object does that was made of it. But somebody has to know the number for that. So a socket
that was asked for it (`fileno()`), or was made of it, is handed over at the beginning of each wait.
"""

from __future__ import annotations

import _socket
import functools
import os
import socket
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from helpers.record.model import Call
from helpers.record.record import record
from helpers.record.socket_info import SocketInfo
from helpers.record.wakeup import keep_open
from helpers.sockets.attempts import family_of, proto_of, resets_at_close, type_of

_fileno, _gettimeout = _socket.socket.fileno, _socket.socket.gettimeout

waits: dict[Call, Any] = {}
"""The calls that wait without a limit of time, each with its socket. Threads change it at any time:
who looks at its items takes a copy, which is one step. `list(waits.items())` makes a tuple of each,
and a collection of garbage may come in between, and with it another thread."""

_keeping: set[weakref.ref[Call]] = set()
"""The calls whose wait is over, and that have an object of their own until they are noted. Ctrl-C
may come before that: then nothing keeps them."""

going: dict[letting_go, None] = {}
"""Who is letting go just now."""

_given_out: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
"""The sockets whose number the program knows, by that."""

SOON = 0.05
"""Seconds in which a descriptor is closed by its number: a millionth, but for SO_LINGER."""


class letting_go:
    """`with letting_go((number,), sock):` around what closes the descriptor, or takes it away.

    No `sock`: that is done by the number alone.
    """

    __slots__ = ("_done", "_numbers", "_sock")

    def __init__(self, numbers: Sequence[int], sock: Any = None) -> None:
        self._numbers = numbers
        self._sock = sock
        self._done = threading.Lock()

    def __enter__(self) -> None:
        self._done.acquire()
        going[self] = None
        if waits:
            for call, sock in waits.copy().items():
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


def wait_is_over(call: Call) -> None:
    """It has been handed all that it is. What it was handed it keeps until it is noted.

    That may be the last of the open file. What came of the wait is noted before that goes.
    """
    if call.held:
        _keeping.add(weakref.ref(call))
        call.at_end = _give_back
    else:
        call.held = ()
    waits.pop(call, None)


def _give_back(call: Call) -> None:
    """It is noted: close what it was handed."""
    held, call.held = call.held, ()
    _keeping.discard(weakref.ref(call))
    record.leaving.wait_is_over(call.info, is_kept)
    _close_all(held)


def is_kept(info: SocketInfo) -> bool:
    """Whether a call waits on this socket that has its open file, whoever closes the descriptor."""
    calls = (*list(waits), *(each() for each in list(_keeping)))
    return any(call is not None and call.info is info and call.held for call in calls)


def give_out(sock: Any, info: SocketInfo, number: int) -> None:
    """The program gets to know the number: from now on anything may close it."""
    info.given_out = True
    _given_out[number] = sock
    for call, waiting in waits.copy().items():
        if waiting is sock:
            _hand_over(call, sock)


def _close_all(held: Iterable[_socket.socket]) -> None:
    for each in held:
        each.close()


# By the number


def like_builtin(function: Callable[..., Any]) -> Any:
    """What stands for a function of C: no method, where a class has it for an attribute."""
    return staticmethod(function)


def _closing(numbers: Sequence[int], how: str) -> list[Call]:
    """The recorded sockets that lose their descriptors are closed now: these calls do it."""
    few = numbers if len(numbers) <= len(_given_out) else list(_given_out)
    calls = []
    for number in few:
        sock = _given_out.get(number) if number in numbers else None
        info = None if sock is None or _fileno(sock) != number else sock._info
        call = record.begin(sock, info, "close")
        if call is not None:
            call.remark = f"by {how}"
            call.info.aborts = resets_at_close(sock)
            record.leaving.closing(call.info, call.timestamp, is_kept)
            calls.append(call)
        _given_out.pop(number, None)
    return calls


def _wrapped(owner: Any, name: str, which: Callable[..., Sequence[int]]) -> Any:
    """That function, which closes the descriptors that `which` gives."""
    plain, how = vars(owner)[name], f"{owner.__name__}.{name}()"

    @functools.wraps(plain)
    def wrapper(*arguments: Any, **named: Any) -> Any:
        numbers: Sequence[int] = ()
        with suppress(TypeError):  # the plain function says what is wrong
            numbers = which(*arguments, **named)
        with letting_go(numbers):
            calls = _closing(numbers, how) if _given_out else ()
            try:
                return plain(*arguments, **named)
            finally:
                for call in calls:
                    record.done(call)

    return like_builtin(wrapper)


_NUMBERS: dict[tuple[Any, str], Callable[..., Sequence[int]]] = {
    (os, "close"): lambda fd: (fd,),
    (os, "closerange"): range,
    (os, "dup2"): lambda fd, fd2, inheritable=True: () if fd == fd2 else (fd2,),
    (socket, "close"): lambda fd, /: (fd,),
}
"""What each of these functions closes."""
_CLOSING = {which: _wrapped(*which, numbers) for which, numbers in _NUMBERS.items()}
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
