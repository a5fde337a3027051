"""The arguments of a call: by their names, as they are shown, and how many bytes they mean.

Rules of this file:

- Nothing here raises for arguments that the plain call will refuse: it says what is wrong.
"""

from __future__ import annotations

import _socket
import operator
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from functools import cache
from typing import Any

from helpers.addresses import has_host_name
from helpers.record.events import DATA_KEPT, Constant

_WITH_HOSTS = (socket.AF_INET, getattr(socket, "AF_INET6", None))
_RARE = (
    "SO_J1939",
    "SO_VM_SOCKETS",
    "IPPROTO_HOPOPTS",
    "IP_DEFAULT_",
    "IP_MAX_",
    "IP_RECVRETOPTS",
    "CAN_RAW_FILTER",
)
"""Constants whose numbers are those of everyday ones: of other levels, or no options at all."""


MISSING: Any = object()
"""In place of an argument that was not given."""
NUMBERS = (int, bool, type(socket.MSG_PEEK))
"""What flags are. For anything else the plain call says what is wrong."""


def given(*arguments: Any) -> tuple[Any, ...]:
    """The arguments as they were given; none if the first is missing."""
    return () if arguments[0] is MISSING else arguments


def filled_in(
    names: tuple[str, ...], arguments: tuple[Any, ...], named: Mapping[str, Any] | None = None
) -> tuple[Any, ...] | None:
    """All arguments of a method that needs the first one; numbers left out are 0.

    None if the plain method refuses them: too many, too few, a wrong name, twice, no number.
    """
    values = dict(zip(names, arguments, strict=False))
    if len(arguments) > len(names):
        return None
    if named:
        if named.keys() & values.keys() or named.keys() - {*names}:
            return None
        values |= named
    if names[0] not in values:
        return None
    first, *numbers = (values.get(name, 0) for name in names)
    return (first, *numbers) if all(type(each) in NUMBERS for each in numbers) else None


@cache
def _constants(prefix: str) -> Mapping[int, Constant]:
    """The names of socket's constants, by their numbers. The module never gets new ones."""
    found: dict[int, Constant] = {}
    for name in sorted(dir(socket), reverse=True):
        value = getattr(socket, name)
        if name.startswith(prefix) and isinstance(value, int) and not name.startswith(_RARE):
            found[int(value)] = Constant(name)
    return found


_OPTION_PREFIX = {
    socket.SOL_SOCKET: "SO_",
    socket.IPPROTO_IP: "IP_",
    socket.IPPROTO_TCP: "TCP_",
    socket.IPPROTO_UDP: "UDP_",
    getattr(socket, "IPPROTO_IPV6", 41): "IPV6_",
    getattr(socket, "IPPROTO_UDPLITE", 136): "UDPLITE_",
    getattr(socket, "SOL_ALG", 279): "ALG_",
}
_TYPE_BITS = 0xF
"""The kind of a socket; other bits are flags such as SOCK_NONBLOCK (socket(2))."""
_IP_FAMILIES = (-1, socket.AF_INET, getattr(socket, "AF_INET6", -1))


def flags_text(value: Any) -> Any:
    """Flags of a call by their names: `MSG_PEEK | MSG_WAITALL`."""
    return joined(int(value), "MSG_") if isinstance(value, int) and value else value


def joined(value: int, prefix: str, first: int = 0) -> Any:
    """The names of the bits of a number, with the number of those that have none.

    The bits of `first` are one number, not several flags.
    """
    known = _constants(prefix)
    names = [known.get(first, str(first))] if first else []
    rest = value & ~first
    for bit, name in sorted(known.items()):
        if bit > 0 and not bit & (bit - 1) and bit & rest:
            names.append(name)
            rest &= ~bit
    if rest or not names:
        names.append(hex(rest))
    return Constant(" | ".join(names))


def option_arguments(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """setsockopt's arguments by their names: `(SOL_SOCKET, SO_REUSEADDR, 1)`."""
    if len(arguments) < 2 or not all(isinstance(each, int) for each in arguments[:2]):
        return tuple(brief(each) for each in arguments)
    level, option, *rest = arguments
    prefix = _OPTION_PREFIX.get(level)
    if level == socket.SOL_SOCKET:
        level_name: Any = Constant("SOL_SOCKET")
    else:
        named = _constants("IPPROTO_").get(level) or _constants("SOL_").get(level)
        level_name = named or brief(level)
    option_name = _constants(prefix).get(option) if prefix else None
    option_name = option_name or brief(option)
    return (level_name, option_name, *(brief(each) for each in rest))


def shutdown_arguments(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """shutdown's argument by its name: `(SHUT_WR,)`."""
    return tuple(
        _constants("SHUT_").get(each, each) if isinstance(each, int) else brief(each)
        for each in arguments
    )


def family_arguments(*values: int) -> tuple[Any, ...]:
    """socket()'s arguments as one writes them; -1 means that one was left out.

    What follows one that was left out has its keyword: `(type=SOCK_DGRAM,)`.
    """
    named: list[Any] = []
    left_out = False
    keys = (("family", "AF_"), ("type", "SOCK_"), ("proto", "IPPROTO_"))
    for (keyword, prefix), value in zip(keys, values, strict=False):
        if value == -1 or (value == 0 and keyword == "proto"):
            left_out = True
            continue
        shown = _constants(prefix).get(value) if isinstance(value, int) else None
        if keyword == "proto" and values[0] not in _IP_FAMILIES:
            shown = None  # another family has protocols of its own
        if keyword == "type" and shown is None and isinstance(value, int) and value > 0:
            shown = joined(int(value), prefix, value & _TYPE_BITS)
        shown = brief(value) if shown is None else shown
        named.append(Constant(f"{keyword}={shown!r}") if left_out else shown)
    return tuple(named)


def brief(value: Any) -> Any:
    """An argument in a form that is small and never changes."""
    if type(value) is int and 0 <= value < 1 << 32:
        return value  # as most often
    if isinstance(value, int) and not -(1 << 64) < value < 1 << 64:
        return Constant("<int>")  # Python does not print one of thousands of digits
    if isinstance(value, Enum):
        name = str(value.name or "").replace("|", " | ")
        return Constant(name) if name else value.value
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | bytes):
        return value if len(value) <= 80 else value[:80]
    if isinstance(value, tuple) and len(value) <= 4:
        return tuple(brief(each) for each in value)
    return Constant(f"<{type(value).__name__}>")


def size_of(data: Any) -> int:
    """How many bytes a buffer has; 0 if it is none, and the plain call will say so."""
    if type(data) is bytes:
        return len(data)
    try:
        view = memoryview(data)
    except TypeError:
        return 0
    return view.nbytes if view.c_contiguous else 0


def room_in(buffer: Any, nbytes: Any) -> int:
    """How many bytes recv_into() may store; -1 if the plain call will refuse the arguments."""
    try:
        view = memoryview(buffer)
    except TypeError:
        return -1
    room = view.nbytes
    if view.readonly or not isinstance(nbytes, int) or not 0 <= nbytes <= room:
        return -1
    return nbytes or room


def asked_of(target: Any) -> int:
    """How many bytes recvmsg() or recvmsg_into() takes at most; -1 if the plain call refuses."""
    try:
        if isinstance(target, list):
            return sum(memoryview(each).nbytes for each in target)
        return operator.index(target)
    except TypeError:
        return -1


def as_written(*arguments: Any) -> tuple[Any, ...]:
    """Arguments without the zeros at the end, as one writes them."""
    while arguments and arguments[-1] == 0 and isinstance(arguments[-1], int):
        arguments = arguments[:-1]
    return arguments


@contextmanager
def piece_of(data: Any, start: int, stop: int | None = None) -> Iterator[memoryview]:
    """Some bytes of a buffer, as a view. It is released at the end: nothing keeps the buffer.

    An error keeps the frames that it passed, and with them every view that is not released.
    """
    with memoryview(data) as view, view.cast("B") as whole, whole[start:stop] as piece:
        yield piece


def head(data: Any, size: int) -> bytes:
    """The first of the `size` bytes that were sent or received: DATA_KEPT at most."""
    if type(data) is bytes:
        return data if size <= DATA_KEPT else data[:DATA_KEPT]
    if not size:
        return b""
    with piece_of(data, 0, min(size, DATA_KEPT)) as first:
        return bytes(first)


def looked_up(address: Any, family: int) -> tuple[Any, Any]:
    """The address with its host name looked up, in two forms.

    First as the kernel tells it, to find the recorded socket that has it; then as the plain call
    takes it, which does not look it up again. Raises socket.gaierror, as the plain call does.
    """
    if family not in _WITH_HOSTS or not has_host_name(address):
        return address, address
    host, port = address[:2]
    if host == "<broadcast>":
        return ("255.255.255.255", port), address
    if not all(isinstance(each, int) for each in address[1:]):
        return address, address  # the plain call says what is wrong
    try:
        found = _socket.getaddrinfo(host, None, family)[0][4]
    except UnicodeError:
        return address, address
    return (found[0], port, *found[2:]), (found[0], *address[1:])
