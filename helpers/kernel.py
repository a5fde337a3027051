r"""What the operating system says of a socket: one row for each, as a table.

Rules of this file:

- Reading changes nothing: no receive, no change of the blocking mode or of the timeout.
- Every question goes to `_socket.socket`, the C class below `socket.socket`. So a
  subclass that notes its calls notes none of these.
- No IPython and no widgets here. psutil is imported only where the system is not Linux.
- Names, paths and addresses are hostile input. What is not printable becomes a visible
  escape (`\x1b`) as soon as it is read, so nothing later has to think of it.

How it works. On Linux the kernel answers for each socket, without root:

- `TCP_INFO` (tcp(7), struct tcp_info in linux/tcp.h): the state. For a listener the
  field `tcpi_unacked` is the accept queue's length and `tcpi_sacked` is its limit
  (tcp_get_info() in net/ipv4/tcp.c). Linux lets one more client wait than the limit says.
- ioctl `FIONREAD` (SIOCINQ in tcp(7), udp(7) and unix(7)): the bytes that can be read.
- ioctl `TIOCOUTQ` (SIOCOUTQ in tcp(7)): the bytes written and not yet acknowledged. It
  counts an unacknowledged FIN as one byte more; that byte is taken off here.
- `/proc/net/tcp` and `/proc/net/tcp6` (proc_pid_net(5)) for an address. They know sockets
  that no program holds any more, such as those in TIME_WAIT.

Elsewhere psutil gives the state (psutil.Process.net_connections) and FIONREAD the bytes to
read, where the system has it. The rest is `NOT_AVAILABLE`.

Why a view may take 0.04 s. A system that has received data may keep the acknowledgement
back for a while, hoping to send it together with a reply (RFC 9293, section 3.8.6.3; Linux:
40 to 200 ms). Measured on loopback, 1,000 runs: 5 bytes sent after an exchange read as "5
not acknowledged" at once and as 0 after 45 ms, and a half-closed socket as FIN_WAIT1, then
as FIN_WAIT2. Which one a reader saw would depend on how fast the next cell ran. So a view
first waits until nothing is in flight, at most `PATIENCE` seconds. Then the numbers stand
still: what is left unacknowledged is what the peer has no room for.
"""

from __future__ import annotations

import _socket
import html
import importlib
import os
import socket
import struct
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias, overload

ON_LINUX: bool = sys.platform == "linux"
"""Whether to ask the Linux kernel itself. Otherwise psutil is asked."""

NOT_AVAILABLE: Final = "not available on this system"
"""Stands for a value that this operating system does not tell."""

PATIENCE: Final = 0.5
"""The longest time, in seconds, that a view waits for acknowledgements on their way."""

WIDTH: Final = 80
"""The most columns of a terminal that the text of a view takes."""

Count: TypeAlias = int | Literal["not available on this system"] | None
"""A number; `NOT_AVAILABLE`; or None where the number makes no sense for this socket."""

# enum in include/net/tcp_states.h
_STATES: Final = {
    1: "ESTABLISHED",
    2: "SYN_SENT",
    3: "SYN_RECV",
    4: "FIN_WAIT1",
    5: "FIN_WAIT2",
    6: "TIME_WAIT",
    7: "CLOSE",
    8: "CLOSE_WAIT",
    9: "LAST_ACK",
    10: "LISTEN",
    11: "CLOSING",
}
_FIN_NOT_ACKNOWLEDGED: Final = frozenset({"FIN_WAIT1", "CLOSING", "LAST_ACK"})
_FIN_HAS_COME: Final = frozenset({"CLOSE_WAIT", "CLOSING", "LAST_ACK"})
_CAN_HAVE_SENT: Final = _FIN_NOT_ACKNOWLEDGED | {"ESTABLISHED", "CLOSE_WAIT"}
_WITHOUT_BUFFERS: Final = frozenset({"SYN_RECV", "TIME_WAIT"})
_MPTCP: Final = 262  # IPPROTO_MPTCP; the socket module names it on some systems only
_RETRANSMIT_TIMER: Final = 1  # "tr" in /proc/net/tcp: something sent awaits its answer
_MAPPED: Final = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96, RFC 4291 section 2.5.5.2


@dataclass(frozen=True, slots=True)
class KernelSocket:
    """One socket as the operating system sees it. Text in it is safe to print."""

    name: str
    """The learner's variable, `"clients[0]"` for a member of a list, or `"socket"`; `""`
    for a socket that was found by its address."""
    kind: str
    """`"TCP"`, `"UDP"`, `"Unix"`, or `"other"`."""
    state: str | None
    """`"LISTEN"`, `"ESTABLISHED"` ... as in RFC 9293, section 3.3.2, spelled as in
    tcp_states.h; `"closed"` for a Python object without a descriptor. None for UDP, which
    has no states, and for a Unix socket that does not listen."""
    local: str = "-"
    """`"127.0.0.1:40213"`, `"[::1]:40213"`, a path, or `"-"` where there is none."""
    remote: str = "-"
    """The address of the other side, in the same form."""
    to_read: Count = None
    """Bytes that have arrived and wait to be read. For UDP those of the next datagram only
    (udp(7)). None for a listener, and in CLOSE when there are none."""
    unacknowledged: Count = None
    """Bytes sent by the program that the peer's system has not yet acknowledged. TCP only;
    None without a connection."""
    queue_used: Count = None
    """Clients whose connection stands and whom no accept() has taken. TCP listeners only."""
    queue_limit: Count = None
    """The backlog, as listen() set it. TCP listeners only; None when found by address."""


@dataclass(frozen=True, repr=False)
class KernelView:
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

    def __str__(self) -> str:
        return _as_text(self)

    def __repr__(self) -> str:
        return _as_text(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": _as_text(self), "text/html": _as_html(self)}


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

    It waits, at most `PATIENCE` seconds, while sent data is on its way (Linux; the reason
    is at the top of this file), and never for a program to act.

    Raises TypeError for an argument that is neither, or for none at all, and ValueError for
    a tuple that is no address.
    """
    if not sockets:
        raise TypeError(f"{_EXPECTED}, and got no argument.")
    asked = [_checked(argument) for argument in sockets]
    caller = sys._getframe(1)
    scopes = (caller.f_locals, caller.f_globals)
    names = [_name_of(item, scopes) if _is_socket(item) else "" for item in asked]
    if ON_LINUX:
        _settle(asked)
        connections = None
    else:
        connections = _connections_elsewhere()
    rows: list[KernelSocket] = []
    notes: list[str] = []
    for item, name in zip(asked, names, strict=True):
        if isinstance(item, _Address):
            found, note = _at_address(item)
            rows += found
            notes += [note] if note and note not in notes else []
        else:
            rows.append(_of_socket(item, name, connections))
    return KernelView(tuple(rows), tuple(notes))


# Arguments and names


class _Address(NamedTuple):
    """An address in the form in which two can be compared: an IPv4 host that is mapped
    into IPv6 is the same as the IPv4 host."""

    host: bytes
    port: int
    peer: _Address | None = None
    """The other end, where one connection is meant."""

    @property
    def any_host(self) -> bool:
        return not any(self.host)


_EXPECTED: Final = "kernel_view() expects sockets, or addresses such as ('127.0.0.1', 8080)"


def _is_socket(value: object) -> bool:
    # Not socket.socket: a recorder may have put its own class in that place.
    return isinstance(value, _socket.socket)


def _checked(argument: Any) -> Any:
    """The socket itself, or the `_Address` that a tuple stands for."""
    if _is_socket(argument):
        return argument
    of_sockets = isinstance(argument, tuple) and any(map(_is_socket, argument))
    if of_sockets or isinstance(argument, list | set):
        kind = type(argument).__name__
        raise TypeError(f"{_EXPECTED}, and got a {kind}: write kernel_view(*sockets) for it.")
    if not isinstance(argument, tuple):
        raise TypeError(f"{_EXPECTED}, and got {_described(argument)}.")
    if len(argument) == 2 and all(isinstance(end, tuple) for end in argument):
        local, remote = map(_address, argument)
        return local._replace(peer=remote)
    return _address(argument)


def _address(argument: tuple[Any, ...]) -> _Address:
    if not 2 <= len(argument) <= 4:
        raise ValueError(f"An address has a host and a port, and this tuple has {len(argument)}.")
    host, port = argument[:2]
    if type(port) is not int or not 1 <= port <= 65535:
        raise ValueError(
            f"The port of an address is a number from 1 to 65535, not {_described(port)}."
        )
    packed = _packed(host) if isinstance(host, str) else None
    if packed is None:
        raise ValueError(
            f"The host of an address is an IP address such as '127.0.0.1', not {_described(host)}."
        )
    return _Address(packed, port)


def _described(value: object) -> str:
    """A value in an error message: its type, and the value itself where that is short."""
    kind = type(value).__name__
    if type(value) in (int, bool, float, str, bytes):
        try:
            return f"the {kind} {_clipped(_visible(repr(value)), 40)}"
        except ValueError:  # an int of more than 4,300 digits
            return f"a huge {kind}"
    return "None" if value is None else f"an object of type {_visible(kind)}"


def _packed(host: str) -> bytes | None:
    """The 4 or 16 bytes of an IP address; None for anything else, such as a host name."""
    if host == "":
        return bytes(4)
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, host.partition("%")[0])
        except (OSError, ValueError):
            continue
        return packed.removeprefix(_MAPPED)
    return None


def _name_of(sock: object, scopes: Sequence[Mapping[str, object]]) -> str:
    """The variable that holds this very object; a place in a list; or `socket`."""
    # Another thread may add a variable at any moment: look through copies.
    variables = [(str(name), value) for scope in scopes for name, value in list(scope.items())]
    for name, value in variables:
        if value is sock and not name.startswith("_"):
            return _visible(name)
    for name, value in variables:
        if isinstance(value, list | tuple) and not name.startswith("_"):
            for index, member in enumerate(value[:_LOOK_INTO]):
                if member is sock:
                    return f"{_visible(name)}[{index}]"
    for name, value in variables:
        # `_`, `__` and `_12` are IPython's names, not the learner's.
        if value is sock and name.strip("_0123456789"):
            return _visible(name)
    return "socket"


_LOOK_INTO: Final = 100  # members of a list; a longer one is not a list of sockets


def _visible(text: str) -> str:
    r"""The text with every character that does not print, and the backslash, as `\x1b`."""
    return "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte that is not UTF-8, as os.fsdecode() has it
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character.isprintable() and character != "\\":
        return character
    return character.encode("unicode_escape").decode("ascii")


# One socket


def _of_socket(sock: Any, name: str, connections: Sequence[Any] | None) -> KernelSocket:
    """The row of a socket object. Another thread may close it at any moment."""
    closed = KernelSocket(name, _kind(sock), "closed")
    descriptor = _socket.socket.fileno(sock)
    if descriptor < 0:
        return closed
    local, remote = _address_of(sock, "getsockname"), _address_of(sock, "getpeername")
    bare = replace(closed, local=_address_text(local), remote=_address_text(remote))
    if bare.kind != "TCP":
        row = _without_connection(bare, sock, descriptor)
    elif ON_LINUX:
        row = _tcp_on_linux(bare, sock, descriptor)
    else:
        row = replace(bare, state=_state_elsewhere(sock, descriptor, local, remote, connections))
        row = _tcp_elsewhere(row, descriptor)
    # A number of a descriptor that was closed meanwhile may belong to another file.
    return row if _socket.socket.fileno(sock) == descriptor else closed


def _kind(sock: Any) -> str:
    if sock.family == getattr(socket, "AF_UNIX", None):
        return "Unix"
    if sock.family in (socket.AF_INET, socket.AF_INET6):
        if sock.type == socket.SOCK_STREAM and sock.proto in (0, socket.IPPROTO_TCP, _MPTCP):
            return "TCP"
        if sock.type == socket.SOCK_DGRAM and sock.proto in (0, socket.IPPROTO_UDP):
            return "UDP"
    return "other"


def _address_of(sock: Any, question: Literal["getsockname", "getpeername"]) -> object:
    try:
        return getattr(_socket.socket, question)(sock)
    except OSError:
        return None


def _address_text(address: object) -> str:
    """`127.0.0.1:40213`, `[::1]:40213`, a path, or `-`."""
    if not address:
        return "-"
    if isinstance(address, bytes):
        return _visible(os.fsdecode(address))
    if isinstance(address, str):
        return _visible(address)
    if not isinstance(address, tuple) or not isinstance(address[0], str):
        return _visible(str(address))
    host, port = address[0], address[1]
    if port == 0:
        return "-"
    return _visible(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def _without_connection(row: KernelSocket, sock: Any, descriptor: int) -> KernelSocket:
    """UDP, Unix and other sockets: these have no TCP state and no acknowledgements."""
    if row.kind == "Unix" and _is_listening(sock):
        return replace(row, state="LISTEN")
    # Off Linux the number for UDP may count the senders' addresses too.
    asked = ON_LINUX or row.kind != "UDP"
    return replace(row, state=None, to_read=_bytes_to_read(descriptor) if asked else NOT_AVAILABLE)


def _is_listening(sock: Any) -> bool:
    try:
        return bool(_socket.socket.getsockopt(sock, socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def _bytes_to_read(descriptor: int) -> Count:
    try:
        import termios
    except ImportError:  # Windows
        return NOT_AVAILABLE
    return _ioctl_number(descriptor, termios.FIONREAD)


def _ioctl_number(descriptor: int, request: int) -> int | None:
    """The int that an ioctl gives; None where the socket does not have it."""
    import fcntl

    try:
        answer = fcntl.ioctl(descriptor, request, bytes(4))
    except OSError:
        return None
    return int(struct.unpack("=i", answer)[0])


# TCP on Linux


class _TcpInfo(NamedTuple):
    state: str
    unacked: int
    sacked: int


_TCP_INFO: Final = 11  # linux/tcp.h; the socket module has it on Linux only
# 8 single bytes, then u32: rto, ato, snd_mss, rcv_mss, unacked, sacked
_TCP_INFO_START: Final = struct.Struct("=B7x4I2I")


def _tcp_info(sock: Any) -> _TcpInfo | None:
    """The start of struct tcp_info, or None if the socket was closed meanwhile."""
    try:
        raw = _socket.socket.getsockopt(sock, socket.IPPROTO_TCP, _TCP_INFO, _TCP_INFO_START.size)
        number, *_, unacked, sacked = _TCP_INFO_START.unpack(raw)
    except (OSError, struct.error):
        return None
    return _TcpInfo(_STATES.get(number, str(number)), unacked, sacked)


def _tcp_on_linux(row: KernelSocket, sock: Any, descriptor: int) -> KernelSocket:
    import termios

    info = _tcp_info(sock)
    if info is None:
        return replace(row, state=NOT_AVAILABLE)
    row = replace(row, state=info.state)
    if info.state == "LISTEN":
        return replace(row, queue_used=info.unacked, queue_limit=info.sacked)
    to_read = _bytes_to_read(descriptor)
    if info.state == "CLOSE":
        return replace(row, to_read=to_read or None)
    sent = _ioctl_number(descriptor, termios.TIOCOUTQ)
    return replace(row, to_read=to_read, unacknowledged=_without_fin(info.state, sent))


def _without_fin(state: str, sent: int | None) -> int | None:
    """A FIN takes one sequence number (RFC 9293, section 3.4), but it is no data."""
    if sent is not None and state in _FIN_NOT_ACKNOWLEDGED:
        return max(sent - 1, 0)
    return sent


def _settle(asked: Iterable[Any]) -> None:
    """Wait until every acknowledgement on its way has come, at most `PATIENCE` seconds.

    No call waits for an acknowledgement, so this asks again and again.
    """
    deadline = time.monotonic() + PATIENCE
    while any(map(_in_flight, asked)) and time.monotonic() < deadline:
        time.sleep(0.001)


def _in_flight(item: Any) -> bool:
    """Whether something was sent and awaits its answer. Data for which the peer has no
    room is not in flight: it was not sent yet."""
    if isinstance(item, _Address):
        lines = _lines_at(item) or ()
        return any(
            line.timer == _RETRANSMIT_TIMER and line.state in _CAN_HAVE_SENT for line in lines
        )
    if _kind(item) != "TCP":
        return False
    info = _tcp_info(item)
    return info is not None and info.unacked > 0 and info.state in _CAN_HAVE_SENT


# The sockets at an address


class _Line(NamedTuple):
    """A line of /proc/net/tcp or /proc/net/tcp6."""

    local: tuple[str, int]
    remote: tuple[str, int]
    state: str
    sent: int
    waiting: int
    timer: int


def _at_address(address: _Address) -> tuple[list[KernelSocket], str]:
    """The rows of an address, sorted, and a sentence where there is more to say ("" if not)."""
    note = ""
    if ON_LINUX:
        lines = _lines_at(address)
        found = None if lines is None else [(_row_of_line(line), line.local) for line in lines]
    else:
        found, note = _found_elsewhere(address)
    if found is None:
        return [], f"Sockets at {_address_again(address)}: {NOT_AVAILABLE}."
    rows = [row for row, _ in sorted(found, key=lambda pair: _order(pair[0], pair[1], address))]
    if not rows and not note:
        kind = "connection" if address.peer else "socket"
        note = f"No TCP {kind} has the address {_address_again(address)} now."
    return rows, note


def _address_again(address: _Address) -> str:
    family = socket.AF_INET if len(address.host) == 4 else socket.AF_INET6
    text = _address_text((socket.inet_ntop(family, address.host), address.port))
    return f"{text} and the peer {_address_again(address.peer)}" if address.peer else text


def _order(row: KernelSocket, local: tuple[str, int], address: _Address) -> tuple[object, ...]:
    """Sorts rows, and never by a port: ports differ from run to run."""
    return (
        row.state != "LISTEN",
        row.state,
        not _is_at(local, address),
        local[0],
        str(row.to_read),
        str(row.unacknowledged),
    )


def _is_at(end: tuple[str, int], address: _Address) -> bool:
    if end[1] != address.port:
        return False
    return address.any_host or _packed(end[0]) == address.host


def _belongs(
    local: tuple[str, int], remote: tuple[str, int], state: str, address: _Address
) -> bool:
    at_local, at_remote = _is_at(local, address), _is_at(remote, address)
    if address.peer is not None:
        peer = address.peer
        return (at_local and _is_at(remote, peer)) or (at_remote and _is_at(local, peer))
    if at_local or at_remote:
        return True
    on_every_interface = not any(_packed(local[0]) or b"-")
    return state == "LISTEN" and local[1] == address.port and on_every_interface


def _row_of_line(line: _Line) -> KernelSocket:
    row = KernelSocket("", "TCP", line.state, _address_text(line.local), _address_text(line.remote))
    if line.state == "LISTEN":
        return replace(row, queue_used=line.waiting)
    if line.state in _WITHOUT_BUFFERS:
        return row
    # Unlike FIONREAD, the table counts the peer's FIN as a byte until it has been read.
    to_read = max(line.waiting - (line.state in _FIN_HAS_COME), 0)
    return replace(row, to_read=to_read, unacknowledged=_without_fin(line.state, line.sent))


def _lines_at(address: _Address) -> list[_Line] | None:
    """The kernel's lines for an address; None if this program may not read them."""
    port = f":{address.port:04X} "
    found: dict[tuple[str, str, str], _Line] = {}
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path, encoding="ascii") as table:
                texts = [text for text in table if port in text]
        except FileNotFoundError:  # no IPv6 here
            continue
        except PermissionError:
            return None
        for text in texts:
            line = _parsed_line(text)
            if _belongs(line.local, line.remote, line.state, address):
                # The table may change while it is read, and then a socket can come twice.
                _, local, remote, *_, inode = text.split()[:10]
                found[local, remote, inode] = line
    return list(found.values())


def _parsed_line(text: str) -> _Line:
    """One line: number, local, remote, state, tx_queue:rx_queue, tr:when, and more, in hex."""
    _, local, remote, state, queues, timer, *_ = text.split()
    sent, waiting = queues.split(":")
    return _Line(
        _parsed_end(local),
        _parsed_end(remote),
        _STATES.get(int(state, 16), state),
        int(sent, 16),
        int(waiting, 16),
        int(timer.partition(":")[0], 16),
    )


def _parsed_end(text: str) -> tuple[str, int]:
    """`0100007F:1F90` is 127.0.0.1 and 8080: words of 32 bits in this machine's byte order."""
    digits, port = text.split(":")
    words = [int(digits[start : start + 8], 16) for start in range(0, len(digits), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed), int(port, 16)


# Other systems


def _connections_elsewhere(of_all_programs: bool = False) -> Sequence[Any] | None:
    """psutil's rows: fd, family, type, laddr, raddr, status. None where it is refused.

    (psutil documentation: Process.net_connections(); fd is -1 on Windows and FreeBSD.
    psutil.net_connections(), all programs' sockets, needs root on macOS.)
    """
    try:
        psutil = importlib.import_module("psutil")
    except ImportError:
        return None
    try:
        if of_all_programs:
            return list(psutil.net_connections(kind="tcp"))
        return list(psutil.Process().net_connections(kind="tcp"))
    except (psutil.Error, OSError):
        return None


def _state_elsewhere(
    sock: Any, descriptor: int, local: object, remote: object, connections: Sequence[Any] | None
) -> str:
    ends = (_short(local), _short(remote))
    for connection in connections or ():
        if connection.fd == descriptor or (
            connection.fd == -1 and (tuple(connection.laddr), tuple(connection.raddr)) == ends
        ):
            return str(connection.status)
    if _is_listening(sock):
        return "LISTEN"
    # The lists leave out a socket that neither listens nor has a connection.
    unconnected = not remote and (connections is not None or _address_text(local) == "-")
    return "CLOSE" if unconnected else NOT_AVAILABLE


def _short(address: object) -> tuple[object, ...]:
    """Host and port alone, as psutil gives them."""
    return address[:2] if isinstance(address, tuple) else ()


def _tcp_elsewhere(row: KernelSocket, descriptor: int) -> KernelSocket:
    if row.state == "LISTEN":
        return replace(row, queue_used=NOT_AVAILABLE, queue_limit=NOT_AVAILABLE)
    to_read = _bytes_to_read(descriptor)
    if row.state == "CLOSE":
        return replace(row, to_read=to_read or None)
    return replace(row, to_read=to_read, unacknowledged=NOT_AVAILABLE)


def _found_elsewhere(
    address: _Address,
) -> tuple[list[tuple[KernelSocket, tuple[str, int]]] | None, str]:
    """The rows with their local ends, and a sentence if only this program's could be seen."""
    note = ""
    connections = _connections_elsewhere(of_all_programs=True)
    if connections is None:
        note = f"Sockets in TIME_WAIT, and those of other programs: {NOT_AVAILABLE}."
        connections = _connections_elsewhere()
    if connections is None:
        return None, ""
    found = []
    for connection in connections:
        local, remote = tuple(connection.laddr), tuple(connection.raddr) or ("", 0)
        state = str(connection.status)
        if not local or not _belongs(local, remote, state, address):
            continue
        row = KernelSocket("", "TCP", state, _address_text(local), _address_text(remote))
        if state == "LISTEN":
            row = replace(row, queue_used=NOT_AVAILABLE, queue_limit=NOT_AVAILABLE)
        elif state not in _WITHOUT_BUFFERS:
            row = replace(row, to_read=NOT_AVAILABLE, unacknowledged=NOT_AVAILABLE)
        found.append((row, local))
    return found, note


# The table


class _Column(NamedTuple):
    head: str
    cells: tuple[str, ...]
    limit: int = 1000
    """The most columns of a terminal that it may take."""


_CAPTION: Final = "Sockets as the operating system sees them"
_AMOUNTS: Final = frozenset({"bytes to read", "bytes not acknowledged", "accept queue"})
_MARK: Final = "n/a"
_KEY_LIMITS: Final = {"name": 20, "local address": 26}  # so all the amounts fit beside it
_GAP: Final = "  "


def _columns(rows: Sequence[KernelSocket]) -> list[_Column]:
    """The table's columns, without those in which no row has anything to say."""
    columns = [
        _Column("name", tuple(row.name or "-" for row in rows)),
        _Column("kind", tuple(row.kind for row in rows)),
        _Column("state", tuple(row.state or "-" for row in rows)),
        _Column("local address", tuple(row.local for row in rows)),
        _Column("remote address", tuple(row.remote for row in rows)),
        _Column("bytes to read", tuple(_count_text(row.to_read) for row in rows)),
        _Column("bytes not acknowledged", tuple(_count_text(row.unacknowledged) for row in rows)),
        _Column("accept queue", tuple(map(_queue_text, rows))),
    ]
    return [column for column in columns if set(column.cells) != {"-"}]


def _count_text(count: Count) -> str:
    return "-" if count is None else str(count)


def _queue_text(row: KernelSocket) -> str:
    if isinstance(row.queue_used, int) and isinstance(row.queue_limit, int):
        return f"{row.queue_used} (limit {row.queue_limit})"
    return _count_text(row.queue_used)


def _as_text(view: KernelView) -> str:
    """The table in at most `WIDTH` columns.

    If it is too wide, the amounts follow as a second table below the first.
    """
    if not view.rows:
        return "\n".join(view.notes)
    columns = _by_key(_columns(view.rows))
    others = columns[1:]
    key = columns[0]._replace(limit=_KEY_LIMITS.get(columns[0].head, WIDTH))
    blocks = [[key, *others]]
    if _width(blocks[0]) > WIDTH:
        amounts = [column for column in others if column.head in _AMOUNTS]
        blocks = [_narrowed([key] + [column for column in others if column not in amounts])]
        blocks += [[key, *amounts]] if amounts else []
    parts = ["\n".join(_lines(block)) for block in blocks]
    if any(NOT_AVAILABLE in column.cells for column in columns):
        parts.append(f"{_MARK}: {NOT_AVAILABLE}")
    return "\n\n".join([*parts, *view.notes])


def _by_key(columns: list[_Column]) -> list[_Column]:
    """First the column that tells the rows apart: the name, or else the local address."""
    if columns[0].head == "name":
        return columns
    return sorted(columns, key=lambda column: column.head != "local address")


def _column_width(column: _Column) -> int:
    widths = [_cell_width(_short_cell(cell)) for cell in (column.head, *column.cells)]
    if column.head.endswith("address"):
        # As wide as with a port of five digits: the layout is the same in every run.
        widths += [_cell_width(cell.rpartition(":")[0]) + 6 for cell in column.cells if ":" in cell]
    return min(max(widths), column.limit)


def _short_cell(cell: str) -> str:
    return _MARK if cell == NOT_AVAILABLE else cell


def _cell_width(text: str) -> int:
    """How many columns of a terminal a text takes: a Korean letter takes two."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me")
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _width(columns: Sequence[_Column]) -> int:
    return sum(map(_column_width, columns)) + len(_GAP) * (len(columns) - 1)


def _narrowed(columns: list[_Column]) -> list[_Column]:
    """The columns, with the addresses limited so that all fit in `WIDTH`."""
    addresses = [column for column in columns if column.head.endswith("address")]
    room = WIDTH - _width(columns) + sum(map(_column_width, addresses))
    limits = {}
    # The shorter first: what it does not need is left to the longer.
    for place, column in enumerate(sorted(addresses, key=_column_width)):
        limits[column.head] = min(_column_width(column), room // (len(addresses) - place))
        room -= limits[column.head]
    return [column._replace(limit=limits.get(column.head, column.limit)) for column in columns]


def _clipped(text: str, width: int) -> str:
    """The text, or its start and end with `...` between, in at most so many columns."""
    if _cell_width(text) <= width:
        return text
    end_room = (width - 3) // 2
    start, end = text, text
    while _cell_width(start) > width - 3 - end_room:
        start = start[:-1]
    while _cell_width(end) > end_room:
        end = end[1:]
    return f"{start}...{end}"


def _lines(columns: Sequence[_Column]) -> list[str]:
    padded = [_padded(column, _column_width(column)) for column in columns]
    return [_GAP.join(cells).rstrip() for cells in zip(*padded, strict=True)]


def _padded(column: _Column, width: int) -> list[str]:
    shown = [_clipped(_short_cell(cell), width) for cell in (column.head, *column.cells)]
    return [cell + " " * (width - _cell_width(cell)) for cell in shown]


def _as_html(view: KernelView) -> str:
    """A plain table: no colours, styles or scripts, so the page's own theme holds."""
    notes = [f"<p>{html.escape(note)}</p>" for note in view.notes]
    if not view.rows:
        return "\n".join(notes)
    columns = _columns(view.rows)
    heads = "".join(f'<th scope="col">{html.escape(column.head)}</th>' for column in columns)
    rows = zip(*(column.cells for column in columns), strict=True)
    body = [
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
        for cells in rows
    ]
    table = [
        "<table>",
        f"<caption>{html.escape(_CAPTION)}</caption>",
        f"<thead><tr>{heads}</tr></thead>",
        "<tbody>",
        *body,
        "</tbody>",
        "</table>",
    ]
    return "\n".join(table + notes)
