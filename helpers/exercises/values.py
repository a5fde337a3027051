"""What a function has made, returned or raised, as facts.

Rules of this file:

- No value is trusted: it may lie about its type, compare in a way of its own, or raise when it is
  shown, closed or looked into. So types are asked for with `type()`, and nothing of it is called.
- A fact is the same in every run. So no address of an object and no error number of one system
  is in it.
- A fact has a key, and so has each of its values that is told in words: `"saw": "reset"`. The
  words stand in `check.toml` and in the `words.toml` of an exercise (`wording.py`). What a value
  is says how it is shown:

      "end", "raised EOFError"    a key, or a key and what stands in the `{}` of its words
      ("tcp", "ipv4", "open")     several keys
      Quoted("a message")         text that a program or the system wrote
      b"x", 3, None, [b"x"]       a value of Python; so is each text of the fact `returned`
"""

from __future__ import annotations

import builtins
import errno
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any


class Quoted(str):
    """Text that a program or the system wrote: it is shown as it is."""

    __slots__ = ()


class Key(str):
    """A key in the fact `returned`, where any other text is what the function returned."""

    __slots__ = ()


@dataclass(frozen=True)
class OfType:
    """A value of which only the type is told."""

    name: str


def close(sock: socket.socket | None) -> None:
    """Close a socket that a learner's function had in its hands: nothing of it is trusted."""
    if sock is not None:
        with suppress(Exception):
            sock.close()


def raised(error: BaseException) -> str:
    """How a function ended that raised this: its class, and the name of its number if it has one.

    An error that only has the name of one of Python's own is `raised_another`.
    """
    name = type(error).__name__
    if isinstance(error, EOFError):
        return "raised EOFError"  # who catches that, catches its subclasses too
    if hasattr(builtins, name) and type(error).__module__ != "builtins":
        return f"raised_another {name}"
    if type(error) is OSError and error.errno is not None:
        return f"raised {name} {errno.errorcode.get(error.errno, error.errno)}"
    return f"raised {name}"


def plain(value: Any, depth: int = 4) -> Any:
    """A value as a fact: bytes, text and numbers stay, of anything else only its type is told.

    So nothing that a function returns can compare, or show itself, in a way of its own.
    """
    kind = type(value)
    if kind is bytearray:
        return bytes(value)
    if kind in (list, tuple) and depth:
        return [plain(each, depth - 1) for each in value]
    if value is None or kind in (bytes, str, int, float, bool, Key):
        return value
    return OfType(f"{kind.__name__}")


def sockets_in(value: Any) -> list[socket.socket]:
    """The sockets that a function has returned: alone, or in tuples, lists and dicts."""
    if is_socket(value):
        return [value]
    found = []
    waiting, seen = [value], set()
    while waiting:
        now = waiting.pop()
        if is_socket(now):
            found.append(now)
        elif issubclass(type(now), tuple | list | dict) and id(now) not in seen:
            seen.add(id(now))
            waiting += dict.values(now) if issubclass(type(now), dict) else items_of(now)
    return found


def close_what_it_keeps(function: Any) -> None:
    """Close the sockets that a program has outside of its function: they live as long as it does.

    A program is a cycle (the function is among its own globals), so they would stay open until the
    next collection.
    """
    outside = getattr(function, "__globals__", {}).values()
    for sock in sockets_in([*outside, *(getattr(function, "__defaults__", None) or ())]):
        close(sock)


def items_of(value: Any) -> list[Any]:
    """What is in a tuple or a list; a subclass may lie about it."""
    kind = tuple if issubclass(type(value), tuple) else list
    return [*kind.__iter__(value)]


def socket_state(sock: socket.socket, listening: bool = False, timeout: float | None = None) -> str:
    """Whether a socket that was given to the function is as it was: open, and with this timeout.

    Its descriptor has a state, too: a copy of the socket, or os.set_blocking(), may change it.
    """
    if sock.fileno() < 0:
        return "closed"
    if sock.gettimeout() != timeout:
        return "open_with_timeout"
    if not waits_as(sock, timeout):
        return "open_without_waiting"
    if listening and not _accepts(sock):
        return "no_longer_listening"
    return "open"


def waits_as(sock: socket.socket, timeout: float | None) -> bool:
    """Whether its descriptor waits as Python has set it with this timeout; also a closed one."""
    if sys.platform == "win32" or sock.fileno() < 0:
        return True
    return os.get_blocking(sock.fileno()) is (timeout is None)


def _accepts(sock: socket.socket) -> bool:
    """Whether it listens, as far as the system can tell."""
    with suppress(OSError, AttributeError):
        return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    return True


def is_socket(value: Any) -> bool:
    """Whether a value is a socket: an imitation may say that it is one."""
    return issubclass(type(value), socket.socket)
