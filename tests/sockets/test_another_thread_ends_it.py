"""What another thread does to a socket while one waits in it: as with a plain socket.

The outcomes below are those of plain sockets, measured on Linux. A wait without a timeout is one
system call, which has the open socket until its end. With a timeout Python waits with poll(), and
then makes the call by the number.
"""

from __future__ import annotations

import ctypes
import functools
import io
import os
import resource
import socket
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from servers import HERE, Connection, connected, new_connection, recv_exactly

from helpers.record import wakeup
from helpers.record.record import record
from helpers.sockets import letting_go
from helpers.sockets.install import install, uninstall

pytestmark = [pytest.mark.linux_only, pytest.mark.usefixtures("recorded")]

LARGE = bytes(8_000_000)
"""More than the buffers of a connection hold."""
BAD = "OSError [Errno 9] Bad file descriptor"
RESET = "ConnectionResetError [Errno 104] Connection reset by peer"


@pytest.fixture
def pair() -> Iterator[Connection]:
    conn, client = new_connection()
    yield conn, client
    for each in (client, conn):
        with suppress(OSError):
            each.close()


def outcome_of(call: Callable[[], object], act: Callable[[], object], last: Any = None) -> str:
    """How the call ended in a thread of its own; `act` came when it waited, and `last` after it."""
    found: list[str] = []

    def run() -> None:
        try:
            found.append(repr(call()))
        except Exception as error:
            found.append(f"{type(error).__name__} {error}")

    before = len(record.waiting_calls())
    thread = threading.Thread(target=run)
    thread.start()
    assert record.waiting.watch(lambda: len(record.waiting_calls()) > before, 10, 0.01)
    act()
    if last is not None:
        last()
    thread.join(10)
    assert not thread.is_alive()
    return found[0]


def recv_into(conn: socket.socket) -> bytes:
    room = bytearray(10)
    return bytes(room[: conn.recv_into(room)])


READERS: dict[str, Callable[[socket.socket], object]] = {
    "recv": lambda conn: conn.recv(10),
    "recv_into": recv_into,
    "recvfrom": lambda conn: conn.recvfrom(10)[0],
    "recvmsg": lambda conn: conn.recvmsg(10)[0],
    "makefile": lambda conn: conn.makefile("rb").read(4),
    "peek": lambda conn: conn.recv(10, socket.MSG_PEEK),
}


def end_both(conn: socket.socket) -> None:
    conn.shutdown(socket.SHUT_RDWR)
    conn.close()


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()


def close_number(conn: socket.socket) -> None:
    os.close(conn.detach())


def close_behind_its_back(conn: socket.socket) -> None:
    os.close(conn.fileno())


ENDS: dict[str, Callable[[socket.socket, socket.socket], object]] = {
    "shutdown": lambda conn, client: conn.shutdown(socket.SHUT_RDWR),
    "shutdown, close": lambda conn, client: end_both(conn),
    "close": lambda conn, client: conn.close(),
    "detach": lambda conn, client: LEFT.append(conn.detach()),
    "detach, os.close": lambda conn, client: close_number(conn),
    "os.close": lambda conn, client: close_behind_its_back(conn),
    "setblocking": lambda conn, client: conn.setblocking(False),
    "set_blocking": lambda conn, client: os.set_blocking(conn.fileno(), False),
    "settimeout": lambda conn, client: conn.settimeout(0.001),
    "peer closes": lambda conn, client: client.close(),
    "peer resets": lambda conn, client: reset(client),
}
LEFT: list[int] = []
NULL = os.open(os.devnull, os.O_RDWR)
LIVES_ON = ("close", "detach", "detach, os.close", "os.close", "setblocking", "set_blocking")


@pytest.fixture(autouse=True)
def _close_what_is_left() -> Iterator[None]:
    yield
    while LEFT:
        os.close(LEFT.pop())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("end", ENDS)
def test_a_read_without_a_timeout_ends_with_what_comes_to_its_open_socket(
    pair: Connection, reader: str, end: str
) -> None:
    conn, client = pair
    late = (lambda: client.sendall(b"late")) if end in (*LIVES_ON, "settimeout") else None
    got = outcome_of(lambda: READERS[reader](conn), lambda: ENDS[end](conn, client), late)
    assert got == ("b'late'" if late else RESET if end == "peer resets" else "b''")


@pytest.mark.parametrize("end", ["close", "detach, os.close", "os.close"])
def test_a_read_whose_socket_is_closed_sees_the_end_of_the_connection(
    pair: Connection, end: str
) -> None:
    conn, client = pair
    got = outcome_of(lambda: conn.recv(10), lambda: ENDS[end](conn, client), client.close)
    assert got == "b''"


@pytest.mark.parametrize("taken_by", ["a socket with data", "a file", "a socket without"])
def test_what_takes_the_number_is_never_read(pair: Connection, taken_by: str) -> None:
    conn, client = pair
    other, feed = new_connection()
    with other, feed, open(os.devnull, "rb") as file:
        if taken_by == "a socket with data":
            feed.sendall(b"wrong")
        taker = file.fileno() if taken_by == "a file" else other.fileno()

        def take() -> None:
            os.dup2(taker, conn.fileno())

        assert outcome_of(lambda: conn.recv(10), take, lambda: client.sendall(b"late")) == "b'late'"


def test_what_comes_after_the_close_is_followed(pair: Connection) -> None:
    conn, client = pair
    outcome_of(lambda: conn.recv(10), conn.close, lambda: client.sendall(b"late"))
    sent = next(each for each in record.events() if each.call == "sendall")
    received = next(each for each in record.events() if each.call == "recv")
    assert [(each.event, each.kind) for each in received.causes] == [(sent.number, "data")]
    assert received.clock > sent.clock


def test_the_peer_sees_a_clean_end_only_when_the_reader_has_gone(pair: Connection) -> None:
    conn, client = pair
    outcome_of(lambda: conn.recv(10), conn.close, lambda: client.sendall(b"late"))
    assert client.recv(10) == b""


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("shutdown", "b''"),
        ("close", BAD),
        ("os.close", BAD),
        ("detach", BAD),
        ("setblocking", "b'late'"),
        ("settimeout", "b'late'"),
        ("peer closes", "b''"),
        ("peer resets", RESET),
    ],
)
def test_a_read_with_a_timeout_is_made_by_the_number(
    pair: Connection, end: str, expected: str
) -> None:
    conn, client = pair
    conn.settimeout(5)
    late = None if "shut" in end or "peer" in end else lambda: client.sendall(b"late")
    assert outcome_of(lambda: conn.recv(10), lambda: ENDS[end](conn, client), late) == expected


@pytest.mark.parametrize(
    ("end", "expected"), [("close", BAD), ("os.close", BAD), ("detach", "TimeoutError timed out")]
)
def test_a_timeout_tells_whether_there_is_something_under_the_number(
    pair: Connection, end: str, expected: str
) -> None:
    conn, client = pair
    conn.settimeout(0.3)
    assert outcome_of(lambda: conn.recv(10), lambda: ENDS[end](conn, client)) == expected


@pytest.mark.parametrize("end", [*LIVES_ON, "settimeout"])
def test_waitall_waits_on_for_all(pair: Connection, end: str) -> None:
    conn, client = pair

    def late() -> None:
        client.sendall(b"late")
        client.sendall(b" again")

    read = lambda: conn.recv(10, socket.MSG_WAITALL)  # noqa: E731
    assert outcome_of(read, lambda: ENDS[end](conn, client), late) == "b'late again'"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("shutdown", "BrokenPipeError [Errno 32] Broken pipe"),
        ("peer closes", RESET),
        ("peer resets", RESET),
    ],
)
def test_a_sendall_that_is_broken_off(pair: Connection, end: str, expected: str) -> None:
    conn, client = pair
    assert outcome_of(lambda: conn.sendall(LARGE), lambda: ENDS[end](conn, client)) == expected


@pytest.mark.parametrize("end", LIVES_ON)
@pytest.mark.parametrize("call", ["sendall", "send"])
def test_a_write_goes_on_though_its_socket_is_closed(pair: Connection, end: str, call: str) -> None:
    conn, client = pair
    got: list[int] = []

    def read_on() -> None:
        got.append(len(recv_exactly(client, len(LARGE))))

    write = lambda: getattr(conn, call)(LARGE)  # noqa: E731
    expected = "None" if call == "sendall" else str(len(LARGE))
    assert outcome_of(write, lambda: ENDS[end](conn, client), read_on) == expected
    assert got == [len(LARGE)]


def test_a_sendall_with_a_timeout_goes_on_by_the_number(pair: Connection) -> None:
    conn, client = pair
    conn.settimeout(5)
    assert outcome_of(lambda: conn.sendall(LARGE), conn.close, lambda: drain(client)) == BAD


@pytest.mark.parametrize("limit", [None, 5])
def test_a_sendall_is_woken_by_a_shutdown(limit: float | None) -> None:
    """A close() behind it comes before the next try, if the thread that closes is quick."""
    seen: set[str] = set()
    for _ in range(20):
        conn, client = new_connection()
        with client:
            conn.settimeout(limit)
            write = functools.partial(conn.sendall, LARGE)
            end = functools.partial(end_both, conn)
            seen.add(outcome_of(write, end, functools.partial(drain, client)))
        if BAD in seen:
            break
    assert BAD in seen
    assert seen <= {BAD, "BrokenPipeError [Errno 32] Broken pipe"}


def drain(client: socket.socket) -> None:
    client.settimeout(5)
    with suppress(ConnectionError):
        while client.recv(1 << 20):
            pass


def read_or_fail(conn: socket.socket, ready: threading.Event, found: list[object]) -> None:
    ready.set()
    try:
        found.append(conn.recv(10))
    except OSError as error:
        found.append(error.errno)


def test_shutdown_and_close_without_a_pause_end_a_reader() -> None:
    for _ in range(100):
        conn, client = new_connection()
        with client:
            ready = threading.Event()
            found: list[object] = []

            thread = threading.Thread(target=read_or_fail, args=(conn, ready, found))
            thread.start()
            ready.wait()
            end_both(conn)
            thread.join(10)
            assert found in ([b""], [9])  # 9: it came too late for its recv()


# Listeners and datagrams


def a_name(accepted: Any) -> str:
    with accepted[0]:
        return type(accepted[0]).__name__


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("shutdown", "OSError [Errno 22] Invalid argument"),
        ("shutdown, close", "OSError [Errno 22] Invalid argument"),
        ("close", "'socket'"),
        ("os.close", "'socket'"),
        ("setblocking", "'socket'"),
    ],
)
def test_accept(end: str, expected: str) -> None:
    listener = socket.create_server(HERE)
    address = listener.getsockname()
    clients: list[socket.socket] = []
    late = None if "shut" in end else lambda: clients.append(socket.create_connection(address))
    got = outcome_of(lambda: a_name(listener.accept()), lambda: ENDS[end](listener, listener), late)
    assert got == expected
    for each in (*clients, listener):
        with suppress(OSError):
            each.close()


@pytest.mark.parametrize("end", ["close", "os.close", "detach", "setblocking"])
def test_recvfrom(end: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as to, socket.socket(type=socket.SOCK_DGRAM) as sock:
        to.bind(HERE)
        address = to.getsockname()
        got = outcome_of(
            lambda: to.recvfrom(10)[0],
            lambda: ENDS[end](to, sock),
            lambda: sock.sendto(b"late", address),
        )
        if end == "os.close":
            to.detach()
    assert got == "b'late'"


def test_recvfrom_ends_with_a_shutdown_that_raises() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(HERE)

        def shut() -> None:
            with pytest.raises(OSError, match="not connected"):
                sock.shutdown(socket.SHUT_RDWR)

        assert outcome_of(lambda: sock.recvfrom(10)[0], shut) == "b''"


# Descriptors


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    monkeypatch.setattr(wakeup, "_own_numbers", wakeup._own_numbers)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def leave(count: int) -> None:
        """As many descriptors are left."""
        resource.setrlimit(resource.RLIMIT_NOFILE, (before[0], before[1]))
        free = first = os.dup(0)
        os.close(first)
        taken = {int(each) for each in os.listdir("/proc/self/fd")}
        while count:
            count -= free not in taken
            free += 1
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))

    yield leave
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("timeout", [None, 5])
@pytest.mark.parametrize("left", [1, 2, 3])
def test_accept_needs_no_descriptor_but_its_own(
    limit: Callable[[int], None], left: int, timeout: float | None
) -> None:
    with socket.create_server(HERE) as listener, connected(listener) as client:
        listener.settimeout(timeout)
        limit(left)
        with listener.accept()[0] as conn:
            assert conn.getpeername() == client.getsockname()


def test_accept_without_a_descriptor_says_so(limit: Callable[[int], None]) -> None:
    with socket.create_server(HERE) as listener:
        limit(0)
        with pytest.raises(OSError, match="Too many open files"):
            listener.accept()


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_read_needs_no_descriptor(
    pair: Connection, limit: Callable[[int], None], left: int
) -> None:
    conn, client = pair
    ready = threading.Event()
    threading.Thread(target=lambda: (ready.wait(), client.sendall(b"x"))).start()
    limit(left)
    ready.set()
    assert conn.recv(1) == b"x"


def test_a_wait_leaves_the_numbers_of_descriptors_to_the_program(pair: Connection) -> None:
    conn, client = pair
    thread = threading.Thread(target=conn.recv, args=(1,))
    next_one = os.dup(0)
    os.close(next_one)
    thread.start()
    assert record.waiting.watch(lambda: bool(record.waiting_calls()), 10, 0.01)
    assert os.dup(0) == next_one
    os.close(next_one)
    client.sendall(b"x")
    thread.join()


# Who closes hands over


def test_the_functions_that_close_are_plain_behind_the_recording() -> None:
    assert not isinstance(os.close, types.BuiltinFunctionType)
    uninstall()
    try:
        for each in (os.close, os.closerange, os.dup2, socket.close):
            assert isinstance(each, types.BuiltinFunctionType)
    finally:
        install()


@pytest.mark.parametrize(
    "close",
    [
        lambda number: os.close(fd=number),
        lambda number: os.closerange(number, number + 1),
        lambda number: os.dup2(NULL, number),
        lambda number: os.dup2(NULL, number, inheritable=False),
        lambda number: socket.close(number),
        lambda number: socket.socket(fileno=number).close(),
        lambda number: os.fdopen(number, "wb").close(),
        lambda number: io.FileIO(number).close(),
        lambda number: ctypes.CDLL(None).close(number),
    ],
)
def test_whatever_closes_the_number_a_reader_goes_on(
    pair: Connection, close: Callable[[int], object]
) -> None:
    conn, client = pair
    read = lambda: conn.recv(10)  # noqa: E731
    got = outcome_of(read, lambda: close(conn.fileno()), lambda: client.sendall(b"late"))
    assert got == "b'late'"


def test_a_reader_goes_on_too_whose_number_was_known_before(pair: Connection) -> None:
    conn, client = pair
    number = conn.fileno()
    close = ctypes.CDLL(None).close
    got = outcome_of(lambda: conn.recv(10), lambda: close(number), lambda: client.sendall(b"late"))
    assert got == "b'late'"


def test_wrong_arguments_are_refused_in_the_plain_words() -> None:
    for call in (lambda: os.close("x"), lambda: os.close(), lambda: os.dup2(1)):  # type: ignore[arg-type, call-arg]
        with pytest.raises(TypeError) as told:
            call()
        assert "wrapper" not in str(told.value)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.close(-1)


def test_a_close_without_a_pause_never_makes_a_reader_wait_for_ever() -> None:
    """The wait begins while another thread closes, and something else takes the number."""
    for round_ in range(300):
        conn, client = new_connection()
        ready, found = threading.Event(), list[object]()
        thread = threading.Thread(target=read_or_fail, args=(conn, ready, found))
        thread.start()
        if round_ % 3:
            ready.wait()
        conn.close()
        other = new_connection()  # their numbers are the first that are free
        client.close()
        thread.join(60)
        assert not thread.is_alive()
        assert found in ([b""], [9])
        for each in other:
            each.close()


def test_two_readers_of_one_socket_are_both_handed_over(pair: Connection) -> None:
    conn, client = pair
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(conn.recv(1))) for _ in range(2)]
    for each in threads:
        each.start()
    assert record.waiting.watch(lambda: len(record.waiting_calls()) == 2, 60, 0.01)
    conn.close()
    client.sendall(b"ab")
    for each in threads:
        each.join(60)
    assert sorted(found) == [b"a", b"b"]


def test_nothing_is_left_of_the_waits(pair: Connection) -> None:
    conn, client = pair
    before = len(os.listdir("/dev/fd"))
    outcome_of(lambda: conn.recv(10), conn.close, lambda: client.sendall(b"x"))
    assert not letting_go.waits
    assert len(os.listdir("/dev/fd")) == before - 1


@pytest.mark.parametrize("by_number", [True, False])
def test_a_new_socket_has_the_number_before_its_close_is_over(
    pair: Connection, by_number: bool
) -> None:
    """Another thread has closed it, and has not said so yet."""
    conn, client = pair
    timer = threading.Timer(0.1, client.sendall, [b"x"])
    with letting_go.letting_go((conn.fileno(),), None if by_number else client):
        timer.start()
        assert conn.recv(1) == b"x"
    timer.join()
    with letting_go.letting_go((conn.fileno(),), conn), pytest.raises(OSError, match="Bad file"):
        conn.recv(1)
