"""Each call of a recorded socket is an event that says all that belongs to the call."""

from __future__ import annotations

import array
import gc
import multiprocessing
import os
import socket
import struct
from collections.abc import Callable
from contextlib import ExitStack, nullcontext, suppress
from multiprocessing import resource_sharer
from pathlib import Path
from typing import Any

import pytest
from servers import HERE, PLAIN, Connection, calls, new_connection

from helpers import Deadlock, LiveServer, patience, recording
from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.wakeup import not_recorded
from helpers.sockets.attempts import OnMacOS, OnWindows
from helpers.sockets.recording import RecordingSocket


def test_a_call_is_noted_with_all_that_belongs_to_it(connection: Connection) -> None:
    client, conn = connection
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
def test_a_read_that_does_not_wait_takes_from_the_account_too(connection: Connection) -> None:
    client, conn = connection
    with client, conn:
        with pytest.raises(Deadlock):
            conn.recv(1, socket.MSG_PEEK)
        client.sendall(b"abc")
        assert conn.recv(1, socket.MSG_PEEK) == b"a"
        assert conn.recv(9, socket.MSG_DONTWAIT) == b"abc"
        with pytest.raises(Deadlock):
            conn.recv(1)
    _, peek, recv, _ = calls("recv")
    assert (peek.data, peek.size, [each.size for each in peek.causes]) == (b"a", 1, [1])
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
        with pytest.raises(Deadlock, match=r"for a\s+datagram"):
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


def test_sendall_with_a_timeout_waits_for_its_reader(connection: Connection) -> None:
    client, conn = connection
    with client, conn, LiveServer(conn.recv, 20_000_000, socket.MSG_WAITALL) as server:
        client.settimeout(0.9)
        client.sendall(bytes(20_000_000))
        assert len(server.result()) == 20_000_000


@pytest.mark.linux_only  # elsewhere nobody tells of the error without taking it
def test_a_reset_behind_a_part_of_all_is_for_the_next_call(connection: Connection) -> None:
    client, conn = connection

    def read() -> tuple[bytes, str]:
        part = conn.recv(10, socket.MSG_WAITALL)
        with pytest.raises(ConnectionResetError) as told:
            conn.recv(10, socket.MSG_WAITALL)
        return part, told.type.__name__

    with client, conn, LiveServer(read) as server:
        client.sendall(b"hello")
        server.settle()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert server.result() == (b"hello", "ConnectionResetError")


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
    client, conn = new_connection()
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


def test_arguments_that_are_wrong_are_kept_small(recorded: None) -> None:
    wrong: Any = bytearray(1_000_000)
    with socket.socket() as sock:
        with pytest.raises(TypeError):
            sock.recv(wrong)
        with pytest.raises(OverflowError):
            sock.bind(("127.0.0.1", 10**5000))
    assert repr(calls("recv")[0].arguments) == "(<bytearray>,)"
    assert repr(calls("bind")[0].arguments) == "(('127.0.0.1', <int>),)"


def test_after_an_error_the_buffer_is_the_programs_alone(connection: Connection) -> None:
    """An error keeps the frames of its calls: no view of the buffer may stand in them."""
    client, conn = connection
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


@pytest.mark.posix_only
def test_a_send_that_would_wait_can_be_seen_on_macos_too(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordingSocket, "_attempts", OnMacOS())
    client, conn = connection
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
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordingSocket, "_attempts", OnWindows())
    client, conn = connection
    with client, conn:
        assert client.send(bytes(200_000)) == 200_000
    with socket.socket() as new, pytest.raises(OSError, match=r"(?i)not connected|broken pipe"):
        new.sendall(b"x")


def test_a_datagram_that_was_sent_before_anybody_had_the_address_is_lost(recorded: None) -> None:
    """A client tries again until the server is there: the same text, and another datagram."""
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(HERE)
        address = free.getsockname()
    with (
        socket.socket(type=socket.SOCK_DGRAM) as client,
        socket.socket(type=socket.SOCK_DGRAM) as server,
    ):
        client.sendto(b"hello", address)
        server.bind(address)
        client.sendto(b"hello", address)
        assert server.recvfrom(10)[0] == b"hello"
    _, arrived = calls("sendto")
    assert [each.event for each in calls("recvfrom")[0].causes] == [arrived.number]
