"""What Linux says of its TCP sockets. The kernel answers for each, without root.

Rules of this file: only Linux imports it, and it offers the same three functions as
`psutil` beside it (`settle`, `tcp_row`, `at_address`) and the same constant.

How it works:

- `TCP_INFO` (tcp(7), struct tcp_info in linux/tcp.h): the state. For a listener the
  field `tcpi_unacked` is the accept queue's length and `tcpi_sacked` is its limit
  (tcp_get_info() in net/ipv4/tcp.c). Linux lets one more client wait than the limit says.
- ioctl `FIONREAD` (SIOCINQ in tcp(7)): the bytes that can be read.
- ioctl `TIOCOUTQ` (SIOCOUTQ in tcp(7)): the bytes written and not yet acknowledged. It
  counts an unacknowledged FIN as one byte more; that byte is taken off here.
- `/proc/net/tcp` and `/proc/net/tcp6` (proc_pid_net(5)) for an address. They know sockets
  that no program holds any more, such as those in TIME_WAIT.

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
import socket
import struct
import termios
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from helpers.addresses import address_text
from helpers.kernel.address_query import Address, End
from helpers.kernel.saying import NOTE, WORDS
from helpers.kernel.socket import (
    NOT_AVAILABLE,
    WITHOUT_BUFFERS,
    KernelSocket,
    bytes_to_read,
    ioctl_number,
)

PATIENCE: Final = 0.5
"""The longest time, in seconds, that a view waits for acknowledgements on their way.

More than Linux keeps one back (200 ms), and as much again for a busy machine.
"""

UDP_BYTES_ARE_EXACT: Final = True
"""FIONREAD of a UDP socket gives the length of the next datagram, and no more (udp(7))."""

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
_RETRANSMIT_TIMER: Final = 1  # "tr" in /proc/net/tcp: something sent awaits its answer


def settle(asked: Iterable[Any]) -> None:
    """Wait until every acknowledgement on its way has come, at most `PATIENCE` seconds.

    No call waits for an acknowledgement, so this asks again and again. `asked` are sockets
    of any kind, and `Address`es.
    """
    deadline = time.monotonic() + PATIENCE
    while any(map(_in_flight, asked)) and time.monotonic() < deadline:
        time.sleep(0.001)


def _in_flight(item: Any) -> bool:
    """Whether something was sent and awaits its answer. Data for which the peer has no
    room is not in flight: it was not sent yet."""
    if isinstance(item, Address):
        lines = _lines_at(item) or ()
        return any(
            line.timer == _RETRANSMIT_TIMER and line.state in _CAN_HAVE_SENT for line in lines
        )
    info = _tcp_info(item)
    return info is not None and info.unacked > 0 and info.state in _CAN_HAVE_SENT


# One socket


class _TcpInfo(NamedTuple):
    state: str
    unacked: int
    sacked: int


_TCP_INFO: Final = 11  # linux/tcp.h; the socket module has it on Linux only
# 8 single bytes, then u32: rto, ato, snd_mss, rcv_mss, unacked, sacked
_TCP_INFO_START: Final = struct.Struct("=B7x4I2I")


def tcp_row(row: KernelSocket, sock: Any, descriptor: int) -> KernelSocket:
    """The row of a TCP socket, with its state and its amounts."""
    info = _tcp_info(sock)
    if info is None:
        return replace(row, state=NOT_AVAILABLE)
    row = replace(row, state=info.state)
    if info.state == "LISTEN":
        return replace(row, queue_used=info.unacked, queue_limit=info.sacked)
    to_read = bytes_to_read(descriptor)
    if info.state == "CLOSE":
        return replace(row, to_read=to_read or None)
    sent = ioctl_number(descriptor, termios.TIOCOUTQ)
    return replace(row, to_read=to_read, unacknowledged=_without_fin(info.state, sent))


def _tcp_info(sock: Any) -> _TcpInfo | None:
    """The start of struct tcp_info. None if it is no TCP socket, or was closed meanwhile."""
    try:
        raw = _socket.socket.getsockopt(sock, socket.IPPROTO_TCP, _TCP_INFO, _TCP_INFO_START.size)
        number, *_, unacked, sacked = _TCP_INFO_START.unpack(raw)
    except (OSError, struct.error):
        return None
    return _TcpInfo(_STATES.get(number, str(number)), unacked, sacked)


def _without_fin(state: str, sent: int | None) -> int | None:
    """A FIN takes one sequence number (RFC 9293, section 3.4), but it is no data."""
    if sent is not None and state in _FIN_NOT_ACKNOWLEDGED:
        return max(sent - 1, 0)
    return sent


# The sockets at an address


class _Line(NamedTuple):
    """A line of /proc/net/tcp or /proc/net/tcp6."""

    local: End
    remote: End
    state: str
    sent: int
    waiting: int
    timer: int


def at_address(address: Address) -> tuple[list[tuple[KernelSocket, End]], str]:
    """The rows of an address, each with its local end, and a sentence if there is one to say."""
    lines = _lines_at(address)
    if lines is None:
        return [], NOTE("at", address=address, why=WORDS["not available"])
    return [(_row_of_line(line), line.local) for line in lines], ""


def _row_of_line(line: _Line) -> KernelSocket:
    row = KernelSocket("", "TCP", line.state, address_text(line.local), address_text(line.remote))
    if line.state == "LISTEN":
        return replace(row, queue_used=line.waiting)
    if line.state in WITHOUT_BUFFERS:
        return row
    # Unlike FIONREAD, the table counts the peer's FIN as a byte until it has been read.
    to_read = max(line.waiting - (line.state in _FIN_HAS_COME), 0)
    return replace(row, to_read=to_read, unacknowledged=_without_fin(line.state, line.sent))


def _lines_at(address: Address) -> list[_Line] | None:
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
            if address.stands_for(line.local, line.remote, line.state):
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


def _parsed_end(text: str) -> End:
    """`0100007F:1F90` is 127.0.0.1 and 8080: words of 32 bits in this machine's byte order."""
    digits, port = text.split(":")
    words = [int(digits[start : start + 8], 16) for start in range(0, len(digits), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, packed), int(port, 16)
