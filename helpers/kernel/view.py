"""What the operating system says of a socket: one row for each, as a table.

Rules of this package:

- Reading changes nothing: no receive, no change of the blocking mode or of the timeout. And
  it is not seen: a subclass of socket.socket that notes its calls notes none of these.
- No IPython and no widgets. psutil is imported only where the system is not Linux.
- Names, paths and addresses are hostile input. What is not printable becomes a visible
  escape as soon as it is read, so nothing later has to think of it.
- A value that the system does not tell is `NOT_AVAILABLE`; one that makes no sense for a
  socket is None. Neither is ever a guess.

Where to find what:

- here: what the learner may ask, the name of each socket, the order of the rows;
- `socket`: one row, and the questions that every system answers in the same way;
- `address_query`: which sockets an address stands for;
- `linux`, `psutil`: what is asked of the system, and why it may take 0.04 s;
- `table`: the rows as text and as HTML.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, overload

from helpers.addresses import address_text
from helpers.kernel.address_query import Address, End, described, parsed
from helpers.kernel.saying import NOTE, REFUSED, WORDS
from helpers.kernel.socket import (
    NOT_AVAILABLE,
    KernelSocket,
    bytes_to_read,
    descriptor_of,
    ends_of,
    is_listening,
    is_socket,
    kind_of,
)
from helpers.kernel.table import as_html, as_text
from helpers.record.drops import dropped_by
from helpers.text import distinct
from helpers.variables import variables_with
from helpers.view import View

if sys.platform == "linux":
    from helpers.kernel import linux as system
else:
    from helpers.kernel import psutil as system

__all__ = ["NOT_AVAILABLE", "KernelSocket", "KernelView", "kernel_view"]

_LOOK_INTO: Final = 100  # members of a list; a longer one is not a list of sockets


@dataclass(frozen=True, repr=False)
class KernelView(View):
    """Rows of `KernelSocket`, shown as a table.

    `view[0].state`, `len(view)` and `for row in view` give the values to a program.
    """

    rows: tuple[KernelSocket, ...]
    notes: tuple[str, ...] = ()
    """Sentences shown below the table."""

    def __iter__(self) -> Iterator[KernelSocket]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> KernelSocket: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[KernelSocket, ...]: ...
    def __getitem__(self, index: int | slice) -> KernelSocket | tuple[KernelSocket, ...]:
        return self.rows[index]

    @property
    def summary(self) -> str:
        """What the table is of."""
        return WORDS["caption"]

    def text(self) -> str:
        """The table in at most 80 columns, then the notes."""
        return as_text(self.rows, self.notes)

    def html(self) -> str:
        """The table, then the notes, each in a paragraph."""
        return as_html(self.rows, self.notes)


def kernel_view(*sockets: Any) -> KernelView:
    """Show what the operating system says of each socket.

    Each argument is a socket, open or closed, or an address such as
    `('127.0.0.1', 8080)`. An address stands for every TCP socket of this machine that has
    it as its local or remote one, also one that no program holds any more (TIME_WAIT).
    A listener on every interface has the port for each address; the host `''`, `'0.0.0.0'`
    or `'::'` stands for any host.

    A pair of addresses, `(conn.getsockname(), conn.getpeername())`, stands for both ends of
    that one connection. It is exact: a port alone may also be that of an older connection,
    as Linux keeps TIME_WAIT for 60 s (TCP_TIMEWAIT_LEN in include/net/tcp.h).

    Sockets come in the order in which they were given; those of one address sorted:
    listeners first, then by state, then those whose local address it is.

    It waits, at most `linux.PATIENCE` seconds, while sent data is on its way (Linux;
    the reason is at the top of that file), and never for a program to act.

    Raises TypeError for an argument that is neither, or for none at all, and ValueError for
    a tuple that is no address.
    """
    if not sockets:
        raise TypeError(REFUSED["nothing"])
    asked = [_checked(argument) for argument in sockets]
    caller = sys._getframe(1)
    scopes = (caller.f_locals, caller.f_globals)
    names = ["" if isinstance(item, Address) else _name_of(item, scopes) for item in asked]
    system.settle(asked)
    rows: list[KernelSocket] = []
    notes: list[str] = []
    for item, name in zip(asked, names, strict=True):
        if isinstance(item, Address):
            found, note = _at_address(item)
            rows += found
            notes += [note] if note and note not in notes else []
        else:
            rows.append(_of_socket(item, name))
    return KernelView(tuple(rows), tuple(notes))


# Arguments and names


def _checked(argument: Any) -> Any:
    """The socket itself, or the `Address` that a tuple stands for."""
    if is_socket(argument):
        return argument
    of_sockets = isinstance(argument, tuple) and any(map(is_socket, argument))
    if of_sockets or isinstance(argument, list | set):
        raise TypeError(REFUSED("several", kind=type(argument).__name__))
    if not isinstance(argument, tuple):
        raise TypeError(REFUSED("other", given=described(argument)))
    return parsed(argument)


def _name_of(sock: object, scopes: Sequence[Mapping[str, object]]) -> str:
    """The variable that holds this very object; a place in a list; or `socket`."""
    names = [name for scope in scopes for name in variables_with(sock, scope)]
    for name in names:
        if not name.startswith("_"):
            return distinct(name)
    # Another thread may add a variable at any moment: look through copies.
    for name, value in [item for scope in scopes for item in list(scope.items())]:
        if isinstance(value, list | tuple) and not name.startswith("_"):
            for index, member in enumerate(value[:_LOOK_INTO]):
                if member is sock:
                    return f"{distinct(name)}[{index}]"
    for name in names:
        # `_`, `__` and `_12` are IPython's names, not the learner's.
        if name.strip("_0123456789"):
            return distinct(name)
    return "socket"


# Rows


def _of_socket(sock: Any, name: str) -> KernelSocket:
    """The row of a socket object. Another thread may close it at any moment."""
    closed = KernelSocket(name, kind_of(sock), "closed")
    descriptor = descriptor_of(sock)
    if descriptor < 0:
        return closed
    local, remote = map(address_text, ends_of(sock))
    row = replace(closed, state=None, local=local, remote=remote)
    if row.kind == "TCP":
        row = system.tcp_row(row, sock, descriptor)
    elif row.kind == "Unix" and is_listening(sock):
        row = replace(row, state="LISTEN")
    elif row.kind == "UDP" and not system.UDP_BYTES_ARE_EXACT:
        row = replace(row, to_read=NOT_AVAILABLE)
    else:
        row = replace(row, to_read=bytes_to_read(descriptor))
    if row.kind == "UDP":
        row = replace(row, dropped=dropped_by(sock) or None)
    # A number of a descriptor that was closed meanwhile may belong to another file.
    return row if descriptor_of(sock) == descriptor else closed


def _at_address(address: Address) -> tuple[list[KernelSocket], str]:
    """The rows of an address, sorted, and a sentence where there is more to say ("" if not)."""
    found, note = system.at_address(address)
    if not found and not note:
        note = NOTE("no connection" if address.peer else "no socket", address=address)
    found.sort(key=lambda pair: _order(pair[0], pair[1], address))
    return [row for row, _ in found], note


def _order(row: KernelSocket, local: End, address: Address) -> tuple[object, ...]:
    """Sorts rows, and never by a port: ports differ from run to run."""
    return (
        row.state != "LISTEN",
        row.state,
        not address.is_at(local),
        local[0],
        str(row.to_read),
        str(row.unacknowledged),
    )
