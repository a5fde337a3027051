"""A recorded socket does what a plain one does, and every call is noted in causal order."""

from __future__ import annotations

import abc
import array
import errno
import gc
import multiprocessing
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext, suppress
from multiprocessing import resource_sharer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import Deadlock, LiveServer, patience, recording
from helpers.record.actors import ActorState, not_recorded
from helpers.record.events import DATA_KEPT, Actor, Event
from helpers.record.model import info_of
from helpers.record.record import BUSY_LOOP, CALLS_KEPT, THROTTLE, Record, record
from helpers.record.wire import SEGMENTS_KEPT, Endpoint, Pipe, Timestamp, Wire
from helpers.sockets import recording as recorder

HERE = ("127.0.0.1", 0)
PLAIN = socket.socket
KINDS = {"listener": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM}


@pytest.fixture
def recorded() -> Iterator[None]:
    before = record.patience
    with recording():
        yield
    record.patience = before


def connection() -> tuple[socket.socket, socket.socket]:
    """A client and the socket that accept() made for it."""
    with socket.create_server(HERE) as listener:
        client = socket.create_connection(listener.getsockname())
        conn, _ = listener.accept()
    return client, conn


def calls(name: str) -> list[Event]:
    return [each for each in record.events() if each.call == name]


# --- the same as a plain socket -----------------------------------------------------------------
# Each of these is done with a plain pair of sockets and with a recorded one. What it returned
# or raised must be the same.


def wrong_types(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    address: Any = conn.getsockname()
    text: Any = "hello"
    yield lambda: client.sendall(text)
    yield lambda: client.send(text)
    yield lambda: client.send(None)  # type: ignore[arg-type]
    yield lambda: client.recv(text)
    yield lambda: client.recv(-1)
    yield lambda: client.recv(1.5)  # type: ignore[arg-type]
    yield lambda: client.recv_into(b"read only")  # type: ignore[arg-type]
    yield lambda: client.recv_into(bytearray(3), 5)
    yield lambda: client.recv_into(bytearray(3), -1)
    yield lambda: client.recvfrom(-1)
    yield lambda: client.connect(text)
    yield lambda: client.connect((address[0], str(address[1])))
    yield lambda: client.connect((address[0], 70000))
    yield lambda: socket.socket(socket.AF_UNIX).connect("x" * 200)
    yield lambda: socket.socket(socket.AF_UNIX).connect_ex("x" * 200)
    yield lambda: client.bind(text)
    yield lambda: client.settimeout(text)
    yield lambda: client.settimeout(-1)
    yield lambda: client.shutdown(text)
    yield lambda: client.setsockopt(1, 2)  # type: ignore[call-overload]


def wrong_moments(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    yield lambda: client.connect(conn.getsockname())
    yield lambda: client.bind(conn.getsockname())
    yield lambda: client.accept()
    yield lambda: socket.socket().recv(1)
    yield lambda: socket.socket().send(b"x")
    yield lambda: socket.socket().accept()
    yield lambda: socket.socket().shutdown(socket.SHUT_WR)
    yield lambda: socket.socket().getpeername()
    yield conn.close
    yield conn.close
    yield lambda: conn.recv(1)
    yield lambda: conn.sendall(b"x")
    yield lambda: conn.accept()
    yield lambda: conn.settimeout(1)
    yield lambda: client.recv(1)


def with_a_timeout(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    for sock in (client, conn):
        sock.settimeout(0.01)
    yield lambda: client.recv(1)
    yield lambda: client.recv_into(bytearray(1))
    yield lambda: client.recvfrom(1)
    yield lambda: client.sendall(bytes(20_000_000))
    yield lambda: len(conn.recv(10)) == 10
    with socket.create_server(HERE) as listener:
        listener.settimeout(0.01)
        yield listener.accept
    with (
        socket.create_server(HERE, backlog=0) as full,
        socket.create_connection(full.getsockname()),
        socket.socket() as late,
    ):
        late.settimeout(0.01)
        yield lambda: late.connect_ex(full.getsockname())


def without_waiting(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    for sock in (client, conn):
        sock.setblocking(False)
    yield lambda: client.recv(1)
    yield lambda: client.recv_into(bytearray(1))
    yield lambda: client.recvfrom(1)
    yield lambda: client.sendall(bytes(20_000_000))
    yield lambda: conn.recv(10)
    yield lambda: client.getblocking()
    with socket.create_server(HERE) as listener:
        listener.setblocking(False)
        yield listener.accept
        with socket.socket() as late:
            late.setblocking(False)
            yield lambda: late.connect_ex(listener.getsockname()) in (0, errno.EINPROGRESS)
    with (
        socket.create_server(HERE, backlog=0) as full,
        socket.create_connection(full.getsockname()),
        socket.socket() as late,
    ):
        late.setblocking(False)
        yield lambda: late.connect_ex(full.getsockname())


def every_reader(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    buffer = bytearray(8)
    numbers = array.array("i", [0, 0])
    yield lambda: client.recv(0)
    yield lambda: client.recv_into(bytearray())
    yield lambda: conn.sendall(b"0123456789" * 3)
    yield lambda: client.recv(3, socket.MSG_PEEK)
    yield lambda: client.recv(3)
    yield lambda: client.recv(True)
    yield lambda: (client.recv_into(buffer), bytes(buffer))
    yield lambda: (client.recv_into(buffer, 2), bytes(buffer))
    yield lambda: (client.recv_into(numbers), numbers.tolist())
    yield lambda: client.recvfrom(2)
    yield lambda: (client.recvfrom_into(buffer, 2), bytes(buffer))
    yield lambda: client.recv(100)


def waiting_for_all(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    flag = socket.MSG_WAITALL
    buffer = bytearray(12)
    later = [threading.Timer(0.02 * number, conn.sendall, [b"world"]) for number in range(1, 7)]
    for timer in later:
        conn.sendall(b"hello")
        timer.start()
        read: Any = {
            0: lambda: client.recv(10, flag),
            1: lambda: (client.recv_into(buffer, 10, flag), bytes(buffer)),
            2: lambda: (client.recv_into(memoryview(buffer)[:10], 0, flag), bytes(buffer)),
            3: lambda: client.recvfrom(10, flag),
            4: lambda: (client.recvfrom_into(buffer, 10, flag), bytes(buffer)),
            5: lambda: (client.recv(10, flag | socket.MSG_PEEK), client.recv(10)),
        }[later.index(timer)]
        yield read
        timer.join()
    conn.sendall(b"hello")
    yield lambda: client.recv(10, flag | socket.MSG_DONTWAIT)
    client.settimeout(5)
    conn.sendall(b"hello")
    yield lambda: client.recv(10, flag)
    client.settimeout(None)
    conn.sendall(b"hello")
    conn.shutdown(socket.SHUT_WR)
    yield lambda: (client.recv_into(buffer, 0, flag), bytes(buffer))
    yield lambda: client.recv_into(buffer, 0, flag)


def every_writer(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    for data in (b"", b"a", bytearray(b"bc"), memoryview(b"d-e-f-")[::2].tobytes()):
        yield lambda data=data: client.send(data)  # type: ignore[misc]
        yield lambda data=data: client.sendall(data)  # type: ignore[misc]
    yield lambda: client.sendall(array.array("i", [1, 2]))
    yield lambda: client.send(memoryview(b"abcdef")[::2])
    yield lambda: client.send(b"x", socket.MSG_DONTWAIT)
    yield lambda: client.sendmsg([b"one", bytearray(b"two"), memoryview(b"three")])
    yield lambda: client.sendmsg(part for part in (b"1", b"2"))
    yield lambda: client.sendmsg([b"1", "2"])  # type: ignore[list-item]
    yield lambda: client.sendmsg(3)  # type: ignore[arg-type]
    yield lambda: client.sendmsg([b"x"], None)  # type: ignore[arg-type]
    yield lambda: client.sendmsg([b"x"], [], 0, None, None)  # type: ignore[call-arg]
    yield lambda: client.sendmsg([b"x"], (), 0, None)
    yield lambda: client.sendmsg([b"x"] * 100_000)
    yield lambda: conn.recv(100)
    yield lambda: client.shutdown(socket.SHUT_WR)
    yield lambda: client.send(b"x")
    yield lambda: conn.recv(100)


def every_end(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    copy = client.dup()
    yield client.close
    yield lambda: copy.sendall(b"still open")
    yield lambda: conn.recv(100)
    with copy.makefile("rb") as file:
        yield copy.close
        yield lambda: conn.sendall(b"line\n")
        yield file.readline
    yield lambda: conn.recv(1)
    yield lambda: socket.socket(fileno=conn.detach()).close()
    yield conn.fileno


@pytest.mark.posix_only
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize(
    "scene",
    [
        wrong_types,
        wrong_moments,
        with_a_timeout,
        without_waiting,
        every_reader,
        waiting_for_all,
        every_writer,
        every_end,
    ],
)
def test_a_recorded_socket_returns_and_raises_what_a_plain_one_does(
    scene: Callable[[socket.socket, socket.socket], Iterator[Callable[[], object]]],
) -> None:
    def outcomes() -> list[object]:
        client, conn = connection()
        ports = {str(client.getsockname()[1]): "CLIENT", str(conn.getsockname()[1]): "SERVER"}
        found: list[object] = []
        with client, conn:
            for act in scene(client, conn):
                try:
                    outcome = repr(act())
                except Exception as error:
                    outcome = f"{type(error).__name__}: {error}"
                    found.append(error.__context__)
                for port, name in ports.items():
                    outcome = outcome.replace(port, name)
                found.append(outcome)
        return found

    plain = outcomes()
    with recording():
        noted = outcomes()
    assert noted == plain


def test_a_listener_takes_as_many_arguments_as_a_plain_one(recorded: None) -> None:
    with socket.socket() as sock, pytest.raises(TypeError, match=r"^socket\.connect\(\) takes "):
        sock.connect("127.0.0.1", 80)  # type: ignore[call-arg]


def test_it_looks_like_a_plain_socket() -> None:
    with PLAIN(socket.AF_INET) as before, recording():
        with socket.socket() as sock:
            assert repr(sock).startswith("<socket.socket fd=")
            assert isinstance(sock, PLAIN)
            assert isinstance(sock, socket.socket)
            assert isinstance(before, socket.socket)
            assert issubclass(PLAIN, socket.socket)
            assert not isinstance("sock", socket.socket)
            assert socket.socket.__name__ == "socket"
            assert socket.socket.__doc__ == PLAIN.__doc__
            assert socket.socket.recv.__doc__ == PLAIN.recv.__doc__
        assert socket.socket is not PLAIN
    assert socket.socket is PLAIN


def test_a_class_of_the_learners_own_works(recorded: None) -> None:
    class Shouting(socket.socket):
        def shout(self, text: str) -> None:
            self.sendall(text.upper().encode())

    with socket.create_server(HERE) as listener, Shouting() as sock:
        sock.connect(listener.getsockname())
        sock.shout("hello")
        with listener.accept()[0] as conn:
            assert conn.recv(10) == b"HELLO"
    assert not isinstance(listener, Shouting)


def test_nested_recordings_end_with_the_outer_one() -> None:
    with recording():
        with recording():
            pass
        assert socket.socket is not PLAIN
    assert socket.socket is PLAIN


def test_sockets_that_outlive_the_recording_work_on() -> None:
    with recording():
        client, conn = connection()
    with client, conn:
        client.sendall(b"after")
        assert conn.recv(10) == b"after"
    assert not record.wire.endpoints
    with recording() as now:
        assert now.events == ()


@pytest.mark.posix_only
@pytest.mark.parametrize("kind", ["stream", *KINDS])
def test_a_socket_may_have_the_number_0(recorded: None, kind: str) -> None:
    patience(0.1)
    kept = os.dup(0)
    os.close(0)
    try:
        if kind == "stream":
            sock, other = socket.socketpair()
        else:
            sock = socket.socket(type=KINDS[kind])
            sock.bind(HERE)
            other = socket.socket()
        with sock, other:
            assert sock.fileno() == 0
            if kind == "listener":
                sock.listen()
                with pytest.raises(Deadlock):
                    sock.accept()
            else:
                with pytest.raises(Deadlock):
                    sock.recv(1)
            if kind == "stream":
                with pytest.raises(Deadlock):
                    sock.sendall(bytes(20_000_000))
        assert [each.name for each in calls("close")] == ["other", "sock"]
    finally:
        os.dup2(kept, 0)
        os.close(kept)


# --- what an event tells ------------------------------------------------------------------------


def test_a_call_is_noted_with_all_that_belongs_to_it(recorded: None) -> None:
    client, conn = connection()
    with client, conn:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        client.sendall(b"hello")
        conn.recv(1024)
        with pytest.raises(OSError, match=r"(?i)invalid argument|not supported"):
            client.accept()
        client.shutdown(socket.SHUT_WR)
    option, sendall, recv, failed, shutdown = (
        calls(name)[-1] for name in ("setsockopt", "sendall", "recv", "accept", "shutdown")
    )
    assert repr(option.arguments) == "(SOL_SOCKET, SO_KEEPALIVE, 1)"
    assert repr(shutdown.arguments) == "(SHUT_WR,)"
    assert (sendall.name, sendall.data, sendall.size) == ("client", b"hello", 5)
    assert (recv.name, recv.arguments, recv.data, recv.size) == ("conn", (1024,), b"hello", 5)
    assert (recv.local, recv.peer) == (sendall.peer, sendall.local)
    assert (recv.actor.name, recv.actor.kind, recv.outcome) == ("cell", "cell", "done")
    assert failed.outcome == "failed"
    assert failed.error.startswith("OSError: [")
    assert calls("accept")[0].made == recv.socket


READERS: dict[str, Callable[[socket.socket, bytearray], object]] = {
    "recv": lambda sock, buffer: sock.recv(9),
    "recv_into": lambda sock, buffer: sock.recv_into(buffer),
    "recvfrom": lambda sock, buffer: sock.recvfrom(9),
    "recvfrom_into": lambda sock, buffer: sock.recvfrom_into(buffer),
    "recvmsg": lambda sock, buffer: sock.recvmsg(9),
    "recvmsg_into": lambda sock, buffer: sock.recvmsg_into([buffer]),
}
WRITERS: dict[str, Callable[[socket.socket], object]] = {
    "send": lambda sock: sock.send(b"abc"),
    "sendall": lambda sock: sock.sendall(b"abc"),
    "sendmsg": lambda sock: sock.sendmsg([b"a", b"bc"]),
}


@pytest.mark.posix_only
@pytest.mark.parametrize("name", READERS)
def test_every_reader_is_noted_waits_where_it_can_be_seen_and_reads_on_afterwards(
    name: str,
) -> None:
    buffer = bytearray(9)
    with recording():
        here, there = socket.socketpair()
        there.sendall(b"abc")
        READERS[name](here, buffer)
        with pytest.raises(Deadlock):
            READERS[name](here, buffer)
        first, second = calls(name)
        assert [(each.kind, each.size) for each in first.causes] == [("data", 3)]
        assert (first.size, second.error) == (3, "Deadlock")
        assert len(first.arguments) == 1  # as one writes it: zeros at the end are not shown
        assert first.data in (b"abc", b"")  # where recvmsg_into() stores it is not looked at
        count = len(record.events())
    with here, there:
        there.sendall(b"de")
        got = READERS[name](here, buffer)
        assert got in (2, b"de") or (isinstance(got, tuple) and got[0] in (2, b"de"))
    assert len(record.events()) == count


@pytest.mark.posix_only
@pytest.mark.parametrize("name", WRITERS)
def test_every_writer_is_noted_and_writes_on_afterwards(name: str) -> None:
    with recording():
        here, there = socket.socketpair()
        WRITERS[name](here)
        (event,) = calls(name)
        assert (event.arguments, event.outcome) == ((), "done")
        assert there.recv(9) == b"abc"
        count = len(record.events())
    with here, there:
        WRITERS[name](here)
        assert there.recv(9) == b"abc"
    assert len(record.events()) == count


@pytest.mark.posix_only
def test_a_read_that_does_not_wait_takes_from_the_account_too(recorded: None) -> None:
    client, conn = connection()
    with client, conn:
        with pytest.raises(Deadlock):
            conn.recv(1, socket.MSG_PEEK)
        client.sendall(b"abc")
        assert conn.recv(1, socket.MSG_PEEK) == b"a"
        assert conn.recv(9, socket.MSG_DONTWAIT) == b"abc"
        with pytest.raises(Deadlock):
            conn.recv(1)
    _, peek, recv, _ = calls("recv")
    assert (peek.data, peek.size, peek.causes) == (b"a", 1, ())
    assert [(each.kind, each.size) for each in recv.causes] == [("data", 3)]


@pytest.mark.linux_only
def test_a_datagram_waits_for_room(recorded: None) -> None:
    """The queue of a Unix socket holds few datagrams (net.unix.max_dgram_qlen)."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    def send() -> None:
        for _ in range(2000):
            here.send(b"x")

    with here, there, LiveServer(send) as server:
        assert server.settle().where.call == "send"
        for _ in range(2000):
            there.recv(1)
        server.result()
        here.setblocking(False)
        with pytest.raises(BlockingIOError):
            send()


@pytest.mark.parametrize(
    "read", [lambda sock: sock.recvfrom(0), lambda sock: sock.recvfrom_into(bytearray())]
)
def test_a_datagram_is_waited_for_also_with_no_room_for_it(
    recorded: None, read: Callable[[socket.socket], object]
) -> None:
    patience(0.1)
    with socket.socket(type=socket.SOCK_DGRAM) as datagram_queue:
        datagram_queue.bind(HERE)
        with pytest.raises(Deadlock, match="for a datagram"):
            read(datagram_queue)


def test_socketpair_tells_both_sockets(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.send(b"x")
        there.recv(1)
    (pair,) = calls("socketpair")
    assert (pair.socket, pair.made) == (calls("send")[0].socket, calls("recv")[0].socket)


def test_what_sendfile_sends_is_seen(recorded: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    here, there = socket.socketpair()
    with here, there, open(tmp_path / "file", "rb") as file:
        assert here.sendfile(file, 2, 5) == 5
        assert there.recv(100) == b"23456"
    assert [each.data for each in calls("send")] == [b"23456"]


@pytest.mark.posix_only
@pytest.mark.parametrize(("size", "taken"), [(1, 1), (100, 50), (101, 51)])
def test_a_send_that_waits_may_take_only_a_part(recorded: None, size: int, taken: int) -> None:
    record.short_sends = True
    here, there = socket.socketpair()
    try:
        with here, there:
            here.setblocking(False)
            there.setblocking(False)
            with suppress(BlockingIOError):
                while True:
                    here.send(bytes(10_000))
            here.setblocking(True)
            with LiveServer(here.send, bytes(size)) as server:
                assert server.settle().where.call == "send"
                with suppress(BlockingIOError):
                    while True:
                        there.recv(100_000)
                assert server.result() == taken
    finally:
        record.short_sends = False


@pytest.mark.parametrize(("host", "reached"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_a_listener_that_others_could_reach_may_be_refused(
    recorded: None, host: str, reached: bool
) -> None:
    record.loopback_only = True
    try:
        with socket.socket() as listener:
            listener.bind((host, 0))
            with pytest.raises(PermissionError) if reached else nullcontext():
                listener.listen()
    finally:
        record.loopback_only = False


@pytest.mark.posix_only
def test_a_socket_that_is_not_recorded_does_all_and_says_nothing(
    recorded: None, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    with not_recorded():
        here, there = socket.socketpair()
        listener = socket.create_server(HERE)
        datagram_queue = socket.socket(type=socket.SOCK_DGRAM)
    with here, there, listener, datagram_queue, open(tmp_path / "file", "rb") as file:
        for read in READERS.values():
            for write in WRITERS.values():
                write(there)
                assert read(here, bytearray(9))
        assert there.sendfile(file) == 3
        with here.dup() as copy:
            assert copy.recv(9) == b"abc"
        datagram_queue.bind(HERE)
        assert datagram_queue.sendto(b"x", datagram_queue.getsockname()) == 1
        for name in ("connect", "connect_ex"):
            with not_recorded():
                client = socket.socket()
            with client:
                assert not getattr(client, name)(listener.getsockname())
                with not_recorded():
                    listener.accept()[0].close()
        here.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        there.set_inheritable(True)
        there.shutdown(socket.SHUT_WR)
        there.shutdown(socket.SHUT_RD)
        PLAIN(fileno=there.detach()).close()
    assert record.events() == ()


def test_sendall_with_a_timeout_waits_for_its_reader(recorded: None) -> None:
    client, conn = connection()
    with client, conn, LiveServer(conn.recv, 20_000_000, socket.MSG_WAITALL) as server:
        client.settimeout(0.9)
        client.sendall(bytes(20_000_000))
        assert len(server.result()) == 20_000_000


def test_a_socket_is_closed_once(recorded: None) -> None:
    with socket.socket() as sock:
        sock.close()
        sock.close()
    assert len(calls("close")) == 1


def test_a_call_that_waits_now_is_an_event_too(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there, LiveServer(here.recv, 7) as server:
        server.settle()
        (waiting,) = calls("recv")
        assert (waiting.outcome, waiting.arguments, waiting.waited) == ("waiting", (7,), True)
        there.sendall(b"x")
        server.result()
        assert [each.outcome for each in calls("recv")] == ["done"]


def test_a_socket_that_is_not_closed_is_noted_when_it_is_collected(recorded: None) -> None:
    client, conn = connection()
    with conn:
        held = [client]
        del client
        with pytest.warns(ResourceWarning, match="unclosed"):
            held.clear()
    closed = [each.note for each in calls("close")]
    assert "not closed by the program: collected" in closed


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_two_thousand_sockets_may_be_collected_before_anybody_looks(recorded: None) -> None:
    for _ in range(2000):
        socket.socket()
    assert [each.clock for each in record.events()] == list(range(1, 4001))


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_finalizer_that_closes_a_socket_may_run_at_any_moment(recorded: None) -> None:
    class Holder:
        def __init__(self, sock: socket.socket) -> None:
            self.sock = sock
            self.me = self  # only the garbage collector can free it

        def __del__(self) -> None:
            self.sock.close()

    before = gc.get_threshold()
    here, there = socket.socketpair()
    gc.set_threshold(1)
    try:
        with here, there:
            for _ in range(200):
                Holder(here.dup())
                there.sendall(b"x")
                assert here.recv(1) == b"x"
    finally:
        gc.set_threshold(*before)
        gc.collect()


def test_a_socket_is_called_by_the_learners_variable(recorded: None) -> None:
    with socket.create_server(HERE) as listener:
        pass

    def inner() -> None:
        with socket.socket() as local_one:
            local_one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    inner()
    space: dict[str, Any] = {"socket": socket}
    exec("global_one = socket.socket()\nglobal_one.bind(('127.0.0.1', 0))", space)
    space["global_one"].close()
    with ExitStack() as stack:
        nameless = [stack.enter_context(socket.socket())]
        nameless[0].bind(HERE)
    assert listener.fileno() == -1
    assert {each.name for each in record.events()} == {"listener", "local_one", "global_one", ""}


def test_naming_keeps_no_socket_alive(recorded: None) -> None:
    import weakref

    def work() -> weakref.ref[socket.socket]:
        sock = socket.socket()
        sock.bind(HERE)
        return weakref.ref(sock)

    with pytest.warns(ResourceWarning, match="unclosed"):
        gone = work()
    assert gone() is None


def test_what_the_program_keeps_of_locals_stays_as_it_is(recorded: None) -> None:
    sock = socket.socket()
    kept = locals()
    sock.bind(HERE)
    sock.close()
    assert kept["sock"] is sock


# --- causes -------------------------------------------------------------------------------------


def test_every_cause_is_earlier(recorded: None) -> None:
    def serve(listener: socket.socket) -> None:
        for _ in range(3):
            with listener.accept()[0] as conn:
                while data := conn.recv(100):
                    conn.sendall(data)

    with socket.create_server(HERE) as listener, LiveServer(serve, listener) as server:
        for _ in range(3):
            with socket.create_connection(server.address) as client:
                for _ in range(5):
                    client.sendall(b"x")
                    client.recv(1)
        server.result()
    events = record.events()
    clocks = {each.number: each.clock for each in events}
    kinds = [
        (cause.kind, each.clock > clocks[cause.event]) for each in events for cause in each.causes
    ]
    assert {kind for kind, _ in kinds} == {"listen", "connect", "data", "end"}
    assert all(later for _, later in kinds)
    for actor in {each.actor for each in events}:
        own = [each.clock for each in events if each.actor == actor]
        assert own == sorted(set(own))


def test_two_sends_and_one_recv(recorded: None) -> None:
    client, conn = connection()
    with client, conn:
        client.sendall(b"abc")
        client.sendall(b"de")
        assert conn.recv(100) == b"abcde"
    first, second = calls("sendall")
    (recv,) = calls("recv")
    assert [(each.event, each.kind, each.size) for each in recv.causes] == [
        (first.number, "data", 3),
        (second.number, "data", 2),
    ]


@pytest.mark.posix_only  # Windows takes all
def test_what_the_system_did_not_take_is_no_cause(recorded: None) -> None:
    client, conn = connection()
    with client, conn:
        client.setblocking(False)
        sent = client.send(bytes(20_000_000))
        assert 100 < sent < 20_000_000
        conn.recv(100)
        conn.recv(sent - 100, socket.MSG_WAITALL)
        patience(1)
        with pytest.raises(Deadlock, match="nothing is in flight"):
            conn.recv(1)
    (send,) = calls("send")
    first, rest, last = calls("recv")
    assert [(each.event, each.size) for each in first.causes] == [(send.number, 100)]
    assert sum(each.size for each in rest.causes) == sent - 100
    assert last.causes == ()


def test_the_data_of_an_event_are_bytes(recorded: None) -> None:
    client, conn = connection()
    numbers = array.array("i", range(3))
    with client, conn:
        for data in (bytearray(b"abc"), memoryview(b"abc"), numbers, b"abc"):
            client.sendall(data)
            conn.recv_into(bytearray(100))
    for event, data in zip(calls("sendall"), 2 * [b"abc"] + [bytes(numbers), b"abc"], strict=True):
        assert type(event.data) is bytes
        assert event.data == data
    assert {type(event.data) for event in calls("recv_into")} == {bytes}


def test_a_recv_that_waits_for_all_has_the_bytes_of_each_send(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there, LiveServer(here.recv, 4, socket.MSG_WAITALL) as server:
        for data in (b"ab", b"cd"):
            there.sendall(data)
            server.settle()
        assert server.result() == b"abcd"
    (recv,) = calls("recv")
    assert (recv.data, recv.size, [each.size for each in recv.causes]) == (b"abcd", 4, [2, 2])


def test_one_send_and_many_recvs(recorded: None) -> None:
    client, conn = connection()
    with client, conn:
        client.sendall(b"abcde")
        for _ in range(3):
            conn.recv(2)
    (sendall,) = calls("sendall")
    assert [[(each.event, each.size) for each in recv.causes] for recv in calls("recv")] == [
        [(sendall.number, 2)],
        [(sendall.number, 2)],
        [(sendall.number, 1)],
    ]


def test_the_end_and_the_reset_have_their_cause(recorded: None) -> None:
    client, conn = connection()
    with conn:
        client.close()
        assert conn.recv(1) == b""
    client, conn = connection()
    with conn:
        conn.sendall(b"unread")
        client.close()
        with pytest.raises(ConnectionResetError):
            conn.recv(1)
    ended, reset = calls("recv")
    closes = {each.number for each in calls("close") if each.name == "client"}
    assert [each.kind for each in ended.causes] == ["end"]
    assert [each.kind for each in reset.causes] == ["reset"]
    assert {cause.event for each in (ended, reset) for cause in each.causes} == closes


@pytest.mark.posix_only  # on Windows it is an error
def test_who_shuts_his_own_side_reads_the_end_of_it(recorded: None) -> None:
    patience(1)
    client, conn = connection()
    with client, conn:
        conn.shutdown(socket.SHUT_RD)
        assert conn.recv(1) == b""
        with pytest.raises(Deadlock, match="nothing is in flight"):
            client.recv(1)  # the other direction goes on
        client.shutdown(socket.SHUT_WR)
        client.shutdown(socket.SHUT_RDWR)
        assert client.recv(1) == b""
    shutdowns = [each.number for each in calls("shutdown")]
    assert [[(each.kind, each.event) for each in recv.causes] for recv in calls("recv")] == [
        [("end", shutdowns[0])],
        [],
        [("end", shutdowns[2])],
    ]


def test_a_datagram_has_its_cause(recorded: None) -> None:
    before = set(record.wire.datagram_queues)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        datagram_queue.bind(HERE)
        sender.sendto(b"question", datagram_queue.getsockname())
        _, address = datagram_queue.recvfrom(100)
        datagram_queue.sendto(b"", address)
        assert sender.recvfrom(100)[0] == b""
        sender.connect(datagram_queue.getsockname())
        sender.send(b"again")
        datagram_queue.recv(100)
    question, answer = calls("sendto")
    (again,) = calls("send")
    assert [each.causes[0].event for each in calls("recvfrom")] == [question.number, answer.number]
    assert [each.causes[0].event for each in calls("recv")] == [again.number]
    assert set(record.wire.datagram_queues) == before


@pytest.mark.parametrize("wrong", ["text", 70_000])
def test_a_datagram_that_was_not_sent_is_no_cause(recorded: None, wrong: Any) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        datagram_queue.bind(HERE)
        data = bytes(wrong) if isinstance(wrong, int) else wrong
        with pytest.raises((OSError, TypeError)):
            sender.sendto(data, datagram_queue.getsockname())
        assert not info_of(datagram_queue).datagram_queue  # type: ignore[union-attr]
        sender.sendto(b"", datagram_queue.getsockname())
        datagram_queue.recv(10)
    assert calls("recv")[0].causes[0].event == calls("sendto")[1].number


class Four:
    """Not an int, and as good as one."""

    def __index__(self) -> int:
        return 4


@pytest.mark.posix_only  # Windows raises an error for what is cut off
def test_a_datagram_of_which_only_a_part_was_taken_has_its_cause(recorded: None) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        datagram_queue.bind(HERE)
        for read in (
            lambda: datagram_queue.recv(4),
            lambda: datagram_queue.recvfrom_into(bytearray(4)),
            lambda: datagram_queue.recvmsg(4),
            lambda: datagram_queue.recvmsg_into([bytearray(2), bytearray(2)]),
            lambda: datagram_queue.recvmsg_into(bytearray(2) for _ in range(2)),
            lambda: datagram_queue.recvmsg(Four()),  # type: ignore[arg-type]
        ):
            sender.sendto(b"hello world", datagram_queue.getsockname())
            read()
            assert not info_of(datagram_queue).datagram_queue  # type: ignore[union-attr]
    sends = [each.number for each in calls("sendto")]
    reads = [each for each in record.events() if each.call.startswith("recv")]
    assert [each.causes[0].event for each in reads] == sends


def test_a_duplicate_keeps_the_datagrams(recorded: None) -> None:
    before = set(record.wire.datagram_queues)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        datagram_queue = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagram_queue.bind(HERE)
        with datagram_queue.dup() as copy:
            datagram_queue.close()
            sender.sendto(b"x", copy.getsockname())
            copy.recv(1)
            assert calls("recv")[0].causes[0].event == calls("sendto")[0].number
            os.close(copy.detach()) if os.name == "posix" else copy.close()
    assert set(record.wire.datagram_queues) == before


@pytest.mark.ipv6_only
def test_a_client_is_entered_at_the_listener_of_its_family(recorded: None) -> None:
    """As asyncio.start_server() makes them, for every interface."""
    with socket.create_server(("", 0)) as four:
        port = four.getsockname()[1]
        with (
            socket.create_server(("::", port), family=socket.AF_INET6) as six,
            socket.create_connection(("::1", port)) as client,
            six.accept()[0] as conn,
        ):
            client.sendall(b"x")
            conn.recv(1)
    assert [each.kind for each in calls("accept")[0].causes] == ["connect"]
    assert [each.kind for each in calls("recv")[0].causes] == ["data"]


@pytest.mark.parametrize(
    ("local", "remote", "elsewhere"),
    [
        (("127.0.0.1", 5), ("127.0.0.2", 80), False),
        (("192.168.1.7", 5), ("192.168.1.7", 80), False),
        (("192.168.1.7", 5), ("192.168.1.23", 80), True),
        (("0.0.0.0", 5), ("192.168.1.23", 80), False),  # not told yet, on Windows
        (("fe80::1%eth0", 5, 0, 2), ("fe80::1", 80, 0, 2), False),
        (("fe80::1", 5, 0, 2), ("fe80::2", 80, 0, 2), True),
        ("", b"/tmp/a", False),
    ],
)
def test_a_client_of_another_computer_is_not_the_listeners(
    local: Any, remote: Any, elsewhere: bool
) -> None:
    wire = Wire()
    listening = wire.listen(("0.0.0.0", 80), Timestamp(1, 1))
    pending = wire.pending(listening, Timestamp(2, 2))
    assert wire.resolve(pending, local, remote) is not elsewhere


def test_an_address_of_numbers_is_an_address(recorded: None) -> None:
    """As of AF_NETLINK, and of AF_VSOCK."""
    wire = Wire()
    datagram_queue = wire.open_datagram_queue((7, 0))
    assert wire.datagram_queue_at((7, 0)) is datagram_queue
    assert wire.datagram_queue_at((0, 0)) is not datagram_queue
    pending = wire.pending(wire.listen((1, 80), Timestamp(1, 1)), Timestamp(2, 2))
    assert wire.resolve(pending, (2, 5), (1, 80))


def test_a_close_after_a_fork_is_no_reset_because_of_what_the_child_has_read() -> None:
    wire = Wire()
    here, there = Endpoint.pair()
    here.handles = there.handles = 1
    there.outgoing.put(5, 1, 1)
    here.tracked = False
    wire.release(here, Timestamp(2, 2), abort=False)
    assert there.incoming.end_kind == "end"


def test_a_listener_stays_blocking_whatever_the_default_timeout_is(recorded: None) -> None:
    with socket.create_server(HERE) as listener:
        socket.setdefaulttimeout(5)
        try:
            with (
                socket.create_connection(listener.getsockname()),
                listener.accept()[0],
            ):
                assert os.name != "posix" or os.get_blocking(listener.fileno())
        finally:
            socket.setdefaulttimeout(None)


def test_a_class_may_derive_from_a_socket_and_from_an_abstract_class(recorded: None) -> None:
    class Both(socket.socket, abc.ABC):
        pass

    with Both() as sock:
        assert isinstance(sock, socket.socket)
        assert isinstance(sock, Both)
        assert not isinstance(3, Both)
        assert issubclass(Both, PLAIN)


def test_arguments_that_are_wrong_are_kept_small(recorded: None) -> None:
    wrong: Any = bytearray(1_000_000)
    with socket.socket() as sock:
        with pytest.raises(TypeError):
            sock.recv(wrong)
        with pytest.raises(OverflowError):
            sock.bind(("127.0.0.1", 10**5000))
    assert repr(calls("recv")[0].arguments) == "(<bytearray>,)"
    assert repr(calls("bind")[0].arguments) == "(('127.0.0.1', <int>),)"


@pytest.mark.posix_only  # Windows has no sendmsg
def test_what_sendmsg_sends_is_the_cause_of_what_is_received(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there:
        here.sendmsg([b"hel", b"lo"])
        assert there.recv(10) == b"hello"
        patience(1)
        with pytest.raises(Deadlock, match="nothing is in flight"):
            here.sendmsg([bytes(10_000_000)])
    assert calls("recv")[0].causes[0].event == calls("sendmsg")[0].number


def test_after_an_error_the_buffer_is_the_programs_alone(recorded: None) -> None:
    """An error keeps the frames of its calls: no view of the buffer may stand in them."""
    client, conn = connection()
    patience(0.1)
    with client, conn:
        buffer = bytearray(10)
        try:
            conn.recv_into(buffer, 10, socket.MSG_WAITALL)
        except Deadlock:
            buffer.clear()
        client.settimeout(0.05)
        for out in (bytearray(20_000_000), array.array("i", bytes(20_000_000))):
            try:
                client.sendall(out)
            except TimeoutError:
                out.append(1)
        client.setblocking(False)
        out = bytearray(20_000_000)
        try:
            client.sendall(out)
        except BlockingIOError:
            out.clear()
    assert (buffer, out) == (b"", b"")


@pytest.mark.posix_only
def test_a_socket_that_multiprocessing_takes_elsewhere_is_no_longer_seen(recorded: None) -> None:
    here, there = socket.socketpair()
    left, right = multiprocessing.Pipe()
    with here, there, left, right:
        left.send(there)
        info = info_of(there)
        assert info is not None
        assert info.endpoint is not None
        assert not info.endpoint.tracked
        with right.recv() as copy:
            copy.sendall(b"x")
            assert here.recv(1) == b"x"
        resource_sharer.stop(5)


@pytest.mark.linux_only  # POSIX leaves it open
def test_a_connect_that_fails_leaves_the_socket_ready_for_another(recorded: None) -> None:
    with socket.create_server(HERE) as listener:
        address = listener.getsockname()
    with socket.socket() as client:
        with pytest.raises(ConnectionRefusedError):
            client.connect(address)
        with socket.create_server(address) as listener:
            client.connect(address)
            with listener.accept()[0] as conn:
                with pytest.raises(OSError, match="connected"):
                    client.connect(address)
                client.sendall(b"x")
                conn.recv(1)
    assert [each.outcome for each in calls("connect")] == ["failed", "done", "failed"]
    assert [each.kind for each in calls("accept")[0].causes] == ["connect"]
    assert [each.kind for each in calls("recv")[0].causes] == ["data"]


@pytest.mark.parametrize("host", ["localhost", "host1", "1host"])
def test_a_name_is_looked_up_to_find_the_listener(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(name: str, port: int, family: int) -> list[Any]:
        assert (name, family) == (host, socket.AF_INET)
        return [(family, 0, 0, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert recorder._numeric((host, 80), socket.AF_INET) == ("127.0.0.1", 80)


@pytest.mark.parametrize(
    "address", [("", 80), ("127.0.0.1", 80), ("::1", 80), ("::1", 80, 0, 0), "/a/path", (1, 2)]
)
def test_an_address_is_not_looked_up(address: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "getaddrinfo")
    assert recorder._numeric(address, socket.AF_INET) == address


@pytest.mark.parametrize("error", [OSError, UnicodeError])
def test_a_name_that_cannot_be_looked_up_stays_as_it_is(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> list[Any]:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert recorder._numeric(("host", 80), socket.AF_INET) == ("host", 80)


def test_an_accept_finds_its_connect_however_late_the_system_lets_that_one_go_on(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    enough = threading.Event()
    hand_over, wait = record.handed_over, record._connect_named.wait

    def handed_over_late(*arguments: Any) -> None:
        enough.wait(5)
        hand_over(*arguments)

    def wait_and_count(seconds: float) -> bool:
        looks.append(wait(seconds))
        if len(looks) == 3:
            enough.set()
        return looks[-1]

    monkeypatch.setattr(record, "handed_over", handed_over_late)
    monkeypatch.setattr(record._connect_named, "wait", wait_and_count)
    with socket.create_server(HERE) as listener, socket.socket() as client:
        thread = threading.Thread(target=client.connect, args=(listener.getsockname(),))
        thread.start()
        with listener.accept()[0]:
            thread.join()
        assert looks[:3] == [False] * 3
        assert [each.kind for each in calls("accept")[0].causes] == ["connect"]
        assert not record.wire.listeners[0].pending


def test_a_client_that_is_closed_while_it_connects_takes_no_listener_with_it(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = record.handed_over

    def closed_meanwhile(*arguments: Any) -> None:
        info = info_of(client)
        assert info is not None
        record.releasing(info, Timestamp(0, 0))
        hand_over(*arguments)

    monkeypatch.setattr(record, "handed_over", closed_meanwhile)
    with socket.create_server(HERE) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        assert len(record.wire.listeners) == 1


@pytest.mark.posix_only
def test_a_send_that_would_wait_can_be_seen_on_macos_too(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_send", recorder._send_on_macos)
    client, conn = connection()
    with client, conn:
        client.sendall(b"hello")
        assert conn.recv(5) == b"hello"
        patience(1)
        with pytest.raises(Deadlock, match="nothing is in flight"):
            client.sendall(bytes(50_000_000))
        assert (client.gettimeout(), os.get_blocking(client.fileno())) == (None, True)
        client.settimeout(0.01)
        with pytest.raises(TimeoutError):
            client.sendall(b"x")


def test_a_blocking_send_takes_all_where_there_is_no_dontwait(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_DONTWAIT", 0)  # as on Windows
    client, conn = connection()
    with client, conn:
        assert client.send(bytes(200_000)) == 200_000
    with socket.socket() as new, pytest.raises(OSError, match=r"(?i)not connected|broken pipe"):
        new.sendall(b"x")


def test_a_client_whose_host_the_system_does_not_tell_yet_is_found(recorded: None) -> None:
    """Windows may give 0.0.0.0 while the connect is under way."""
    with socket.create_server(HERE) as listener:
        address = listener.getsockname()
        info = info_of(listener)
        assert info is not None
        assert info.listener is not None
        pending = record.wire.pending(info.listener, Timestamp(0, 0))
        record.wire.resolve(pending, ("0.0.0.0", 50_000), address)
        assert record.wire.answer(info.listener, ("127.0.0.1", 50_000)) is pending
        record.wire.forget(pending.endpoint)


def test_an_accept_does_not_wait_for_a_connect_of_its_own_thread(recorded: None) -> None:
    """It may be a signal handler's: that connect goes on when the accept has returned."""
    with socket.create_server(HERE) as listener, PLAIN() as outsider:
        info = info_of(listener)
        assert info is not None
        assert info.listener is not None
        record.wire.pending(info.listener, Timestamp(0, 0)).endpoint.owners.add(record.state())
        outsider.connect(listener.getsockname())
        with listener.accept()[0]:
            assert calls("accept")[0].causes == ()


def test_an_accept_waits_not_for_ever_for_a_connect_that_is_under_way(recorded: None) -> None:
    """It waits for it: its client may be that one. But here it is one from outside."""
    record.patience = 0.1
    with socket.create_server(HERE) as listener, PLAIN() as outsider:
        info = info_of(listener)
        assert info is not None
        assert info.listener is not None
        pending = record.wire.pending(info.listener, Timestamp(0, 0))
        outsider.connect(listener.getsockname())
        with listener.accept()[0]:
            assert calls("accept")[0].causes == ()
        record.wire.withdraw(info.listener, pending)


def test_a_connect_that_does_not_wait_is_accounted_once(recorded: None) -> None:
    with socket.create_server(HERE) as listener, socket.socket() as client:
        client.setblocking(False)
        while client.connect_ex(listener.getsockname()) not in (0, errno.EISCONN):
            pass
        client.setblocking(True)
        with listener.accept()[0] as conn:
            client.sendall(b"x")
            conn.recv(1)
        assert not record.wire.listeners[0].pending
    assert [each.kind for each in calls("recv")[0].causes] == ["data"]
    assert not record.wire.endpoints


@pytest.mark.posix_only  # on Windows os.dup() takes no socket
def test_a_listener_with_a_duplicate_listens_until_both_are_closed(recorded: None) -> None:
    listener = socket.create_server(HERE)
    address = listener.getsockname()
    with listener.dup(), socket.socket(fileno=os.dup(listener.fileno())):
        pass
    with listener, socket.create_connection(address), listener.accept()[0]:
        assert [each.kind for each in calls("accept")[0].causes] == ["connect"]
    assert not record.wire.listeners


def test_an_aborted_connection_is_a_reset(recorded: None) -> None:
    client, conn = connection()
    with conn:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        with pytest.raises(ConnectionResetError):
            conn.recv(1)
    assert [each.kind for each in calls("recv")[0].causes] == ["reset"]


# --- bounded memory -----------------------------------------------------------------------------


def test_the_record_is_bounded(recorded: None) -> None:
    rounds = 200_000 // 2
    here, there = socket.socketpair()
    with here, there:
        for _ in range(rounds):
            here.send(b"x")
            there.recv(1)
    events = record.events()
    assert len(events) <= CALLS_KEPT
    assert len(events) + record.forgotten == 2 * rounds + 3
    assert not record.wire.endpoints


def test_take_counts_what_was_forgotten_before_it_was_told(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpers.record.record.CALLS_KEPT", 20)
    monkeypatch.setattr("helpers.record.record.FORGOTTEN_AT_ONCE", 5)
    here, there = socket.socketpair()
    with here, there:
        for _ in range(8):
            here.send(b"x")
        events, forgotten = record.take()
        assert (len(events), forgotten) == (9, 0)
        for _ in range(8):
            here.send(b"x")
        assert record.forgotten == 0
        for _ in range(4):
            here.send(b"x")
        assert record.forgotten == 6
        events, forgotten = record.take()
        assert (len(events), forgotten) == (12, 0)  # what was forgotten had been told
        for _ in range(30):
            here.send(b"x")
        events, forgotten = record.take()
        assert len(events) + forgotten == 30
        assert 15 <= len(events) <= 20


def test_a_new_record_is_empty() -> None:
    new = Record()
    assert (new.events(), new.waiting(), new.take(), new.news(0)) == ((), (), ((), 0), ((), 0))
    assert new.patience == 10  # as the learner is told
    assert (new.forgotten, new.enabled, new.loopback_only, new.short_sends) == (0,) + 3 * (False,)


def test_news_are_the_calls_since_the_last_time(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> list[str]:
        nonlocal mark
        events, mark = record.news(mark)
        return [each.call for each in events]

    mark = record.news(0)[1]
    here, there = socket.socketpair()
    with here, there:
        assert names() == ["socketpair"]
        here.send(b"x")
        there.recv(1)
        assert names() == ["send", "recv"]
        assert names() == []
        here.send(b"x")
        record.clear()
        there.recv(1)
        assert names() == ["recv"]
        monkeypatch.setattr("helpers.record.record.CALLS_KEPT", 4)
        monkeypatch.setattr("helpers.record.record.FORGOTTEN_AT_ONCE", 2)
        for _ in range(4):
            here.send(b"x")
            there.recv(1)
        assert names() == ["recv", "send", "recv"]  # the others are forgotten


def test_of_what_happens_aside_only_the_others_calls_are_kept(recorded: None) -> None:
    here, there = socket.socketpair()
    with here, there, LiveServer(there.recv, 1) as server:
        server.settle()
        mark = record.news(0)[1]
        with record.isolated():
            assert [each.call for each in record.events()] == ["recv"]  # it waits
            here.send(b"x")
            server.result()
            assert [each.call for each in record.events()] == ["send", "recv"]
            assert record.news(mark) == ((), mark)
        assert [each.call for each in record.events()] == ["socketpair", "recv"]
        assert [each.call for each in record.news(mark)[0]] == ["recv"]
        assert [each.call for each in record.since(0)] == ["socketpair", "recv"]


def test_an_end_counts_what_its_calls_met(recorded: None) -> None:
    client, conn = connection()
    with conn:
        info = info_of(conn)
        assert info is not None
        end = info.endpoint
        assert end is not None
        conn.setblocking(False)
        for _ in range(2):
            with pytest.raises(BlockingIOError):
                conn.recv(1)
        conn.setblocking(True)
        client.close()
        for _ in range(3):
            assert conn.recv(1) == b""
        conn.sendall(b"the answer is a reset")
        with pytest.raises(ConnectionError):
            conn.sendall(b"x")
    assert (end.would_block_count, end.eof_reads, end.connection_errors) == (2, 3, 1)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that a loop makes which has called in vain more than twice in a row."""
    made: list[float] = []
    monkeypatch.setattr("helpers.record.record.time.sleep", made.append)
    monkeypatch.setattr("helpers.record.record.BUSY_LOOP", 2)
    monkeypatch.setattr("helpers.record.record.THROTTLE_EVERY", 1)
    record.state().no_progress = 0
    return made


def test_a_loop_that_finds_nothing_lets_others_go_first(
    recorded: None, pauses: list[float]
) -> None:
    client, conn = connection()
    with conn, client:
        conn.setblocking(False)
        for tries in range(5):
            assert len(pauses) == max(0, tries - 2)
            with pytest.raises(BlockingIOError):
                conn.recv(1)
        assert pauses == [THROTTLE] * 3
        client.sendall(b"x")  # something has moved: it is a loop no more
        for _ in range(2):
            with pytest.raises(BlockingIOError):
                client.recv(1, socket.MSG_DONTWAIT)
    assert pauses == [THROTTLE] * 3


def test_a_loop_that_reads_the_end_lets_others_go_first(
    recorded: None, pauses: list[float]
) -> None:
    client, conn = connection()
    with conn:
        client.close()
        for _ in range(5):
            assert conn.recv(1) == b""
    assert pauses == [THROTTLE] * 3


@pytest.mark.parametrize("way", ["select", pytest.param("poll", marks=pytest.mark.posix_only)])
def test_a_loop_around_a_select_that_does_not_wait_lets_others_go_first(
    recorded: None, pauses: list[float], way: str
) -> None:
    def server(conn: socket.socket) -> None:
        poller = None
        if way == "poll":
            poller = select.poll()
            poller.register(conn, select.POLLIN)
        for _ in range(5):
            found = poller.poll(0) if poller else select.select([conn], [], [], 0)[0]
            assert found == []

    client, conn = connection()
    with client, conn:
        LiveServer(server, conn).start().result()
    assert pauses == [THROTTLE] * 3


def test_a_server_that_spins_is_stopped_at_once(recorded: None) -> None:
    """However many cores are idle: a second would be much."""

    def spins() -> None:
        with socket.create_server(HERE) as listener:
            listener.setblocking(False)
            while True:
                with suppress(BlockingIOError):
                    listener.accept()

    server = LiveServer(spins).start()
    assert server.address
    while server.actor.no_progress < BUSY_LOOP + 2:
        server.snapshot()
    server.stop(1)
    assert server.where.state == "finished"


def test_only_the_first_bytes_are_kept(recorded: None) -> None:
    client, conn = connection()
    with client, conn:
        client.sendall(bytes(range(256)))
        conn.recv(1024)
        client.sendall(bytes(range(256)))
        conn.recv_into(bytearray(1024))
        client.sendall(bytes(range(256)))
        conn.recv(256, socket.MSG_WAITALL)
    for event in calls("sendall") + calls("recv") + calls("recv_into"):
        assert event.data == bytes(range(DATA_KEPT))
        assert event.size == 256


def test_bytes_that_nobody_reads_cost_no_memory_each(recorded: None) -> None:
    client, conn = connection()
    with client, conn:
        for _ in range(2000):
            client.send(b"x")
        (endpoint,) = {each for each in record.wire.endpoints.values() if each.outgoing.sent}
        assert len(endpoint.outgoing.segments) <= SEGMENTS_KEPT
        assert conn.recv(2000, socket.MSG_WAITALL) == b"x" * 2000
        assert sum(each.size for each in calls("recv")[0].causes) == 2000


def test_a_hundred_connections_that_tls_or_a_child_took_over_are_forgotten(recorded: None) -> None:
    for _ in range(100):
        client, conn = connection()
        socket.close(client.detach())
        conn.close()
    assert not record.wire.endpoints


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 300), st.integers(0, 300)), max_size=400))
def test_a_pipe_counts_right_whatever_happens(steps: list[tuple[bool, int, int]]) -> None:
    """As many bytes come out as went in, from sends in their order, and none is invented."""
    pipe = Pipe()
    sent = received = 0
    last = 0
    for number, (sends, size, other) in enumerate(steps, 1):
        if sends:
            segment = pipe.put(size, number, number)
            unsent = min(size, other)
            pipe.take_back(segment, unsent)
            sent += size - unsent
        else:
            taken = pipe.take(min(size, pipe.in_flight))
            assert sum(count for _, count in taken) == min(size, sent - received)
            received += sum(count for _, count in taken)
            for step, _ in taken:
                assert step.event >= last
                last = step.event
        assert pipe.in_flight == sent - received
        assert len(pipe.segments) <= SEGMENTS_KEPT


# --- threads ------------------------------------------------------------------------------------


def test_each_thread_has_its_own_lane(recorded: None) -> None:
    def work() -> None:
        with socket.socket() as sock:
            sock.bind(HERE)

    for name in ("first", "second"):
        thread = threading.Thread(target=work, name=name)
        thread.start()
        thread.join()
    assert [each.actor.name for each in calls("bind")] == ["first", "second"]
    assert {each.actor.kind for each in calls("bind")} == {"thread"}


def test_threads_of_one_name_have_lanes_of_their_own(recorded: None) -> None:
    both = threading.Barrier(2)

    def work() -> None:
        with socket.socket() as sock:
            both.wait()
            sock.bind(HERE)
            both.wait()

    threads = [threading.Thread(target=work, name="client") for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.actor.name for each in calls("bind")} == {"client"}
    assert len({each.actor for each in calls("bind")}) == 2


def test_a_thread_that_comes_after_another_one_of_its_name_is_the_same_to_a_reader(
    recorded: None,
) -> None:
    for _ in range(3):
        thread = threading.Thread(target=lambda: socket.socket().close(), name="client")
        thread.start()
        thread.join()
    assert len({each.actor for each in calls("close")}) == 1


def test_threads_are_ordered_by_their_numbers() -> None:
    names = ["Thread-9 (work)", "Thread-10 (work)", "Thread-10 (zoo)", "a", "a1", "a1b"]
    actors = [Actor(1000, name, "thread") for name in names]
    assert sorted(reversed(actors), key=lambda each: each.sort_key) == actors


def test_a_new_thread_is_not_taken_for_one_that_was_there_before_the_recorder() -> None:
    """A thread's number is used again after its end."""
    enough = threading.Event()
    old_ones = [threading.Thread(target=enough.wait) for _ in range(20)]
    for old in old_ones:
        old.start()
    with recording(), socket.create_server(HERE) as listener:
        address = listener.getsockname()
        enough.set()
        for old in old_ones:
            old.join()
        for _ in range(20):
            thread = threading.Thread(target=lambda: socket.create_connection(address).close())
            thread.start()
            thread.join()
        assert len(calls("connect")) == 20


def test_a_thread_that_was_there_before_the_recorder_acts_only_for_others() -> None:
    enough = threading.Event()

    def work() -> None:
        enough.wait(5)
        socket.socket().close()
        with record.acting_as(ActorState(Actor(1, "somebody", "thread"))):
            socket.socket().close()
        socket.socket().close()

    old = threading.Thread(target=work)
    old.start()
    with recording() as now:
        enough.set()
        old.join()
        assert [(each.call, each.actor.name) for each in now.events] == [
            ("socket", "somebody"),
            ("close", "somebody"),
        ]


def test_a_watcher_is_told_when_a_wait_begins(recorded: None) -> None:
    enough = threading.Event()
    here, there = socket.socketpair()

    def serve() -> bytes:
        enough.wait(5)
        return here.recv(1)

    with here, there, LiveServer(serve) as server:
        timer = threading.Timer(0.1, enough.set)
        timer.start()
        began = time.monotonic()
        assert record.watch(lambda: server.actor.wait is not None, 5.0, 5.0)
        assert time.monotonic() - began < 2
        timer.join()


def test_waits_longer_than_the_system_can_count_are_possible(recorded: None) -> None:
    client, conn = connection()
    with client, conn, LiveServer(client.recv, 1) as server:
        patience(float("inf"))
        client.settimeout(10_000_000)
        conn.settimeout(10_000_000)
        server.settle()
        conn.sendall(b"x")
        assert server.result() == b"x"
