"""A recorded socket returns and raises what a plain one does, and looks like one."""

from __future__ import annotations

import abc
import array
import errno
import fcntl
import os
import pydoc
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from servers import HERE, PLAIN, calls, new_connection

from helpers import Deadlock, patience, recording
from helpers.record.record import record

KINDS = {"listener": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM}


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


def wrong_arguments(client: Any, conn: Any) -> Iterator[Callable[[], object]]:
    methods = """
        bind listen connect connect_ex accept recv recv_into recvfrom recvfrom_into recvmsg
        recvmsg_into send sendall sendto sendmsg setsockopt settimeout setblocking
        set_inheritable shutdown close detach dup
    """
    names = methods.split()
    wrong: list[tuple[Any, ...]] = [(), (1, "2"), (1, 2, 3, 4, 5), ("a",), (bytearray(3), 1, "x")]
    conn.setblocking(False)
    for name in names:
        for arguments in wrong:
            if arguments or name not in ("close", "detach", "dup"):
                yield lambda name=name, given=arguments: getattr(conn, name)(*given)
        yield lambda name=name: getattr(conn, name)(no_such_name=1)
    yield lambda: conn.recv_into(flags=0)
    yield lambda: conn.recv_into(bytearray(2), buffer=bytearray(2))
    yield lambda: conn.recv_into(nbytes=1, buffer=bytearray(2))
    yield lambda: socket.socket(1, 2, 3, 4, 5)  # type: ignore[call-arg]
    yield lambda: socket.socket(no_such_name=1)  # type: ignore[call-arg]
    for address in (("127.0.0.1", 70000), ("localhost", -1), "text", ("127.0.0.1",), None):
        yield lambda address=address: socket.socket().connect_ex(address)  # type: ignore[misc]


def behind_its_back(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    """O_NONBLOCK is set on the descriptor, and Python's own timeout is None."""
    os.set_blocking(client.fileno(), False)
    yield lambda: client.recv(1)
    yield lambda: client.recv_into(bytearray(1))
    yield lambda: client.recv(10, socket.MSG_WAITALL)
    yield lambda: client.recvmsg(1)
    yield lambda: conn.sendall(b"hello")
    yield lambda: client.recv(10, socket.MSG_WAITALL)
    yield lambda: client.sendall(bytes(20_000_000))
    yield lambda: client.send(b"x")
    yield lambda: client.recv(1)
    with socket.fromfd(client.fileno(), client.family, client.type) as other:
        yield lambda: other.recv(1)
        yield other.getblocking
    with socket.create_server(HERE) as listener, socket.socket() as late:
        fcntl.fcntl(listener, fcntl.F_SETFL, os.O_NONBLOCK)
        yield listener.accept
        os.set_blocking(late.fileno(), False)
        yield lambda: late.connect(listener.getsockname())
        yield lambda: os.get_blocking(late.fileno())
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(HERE)
        os.set_blocking(datagrams.fileno(), False)
        yield lambda: datagrams.recvfrom(10)


def full_queue(client: socket.socket, conn: socket.socket) -> Iterator[Callable[[], object]]:
    """Of a Unix socket: there is no connection, and none is under way."""
    path = "\0same-as-plain"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(path)
        listener.listen(0)
        first.connect(path)
        for timeout in (0, 0.01):
            with socket.socket(socket.AF_UNIX) as late:
                late.settimeout(timeout)
                yield lambda late=late: late.connect(path)  # type: ignore[misc]
                yield lambda late=late: late.connect_ex(path)  # type: ignore[misc]
                yield lambda late=late: late.recv(1)  # type: ignore[misc]
                yield late.getpeername
        yield lambda: listener.accept()[0].close()


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
        yield lambda: late.connect(full.getsockname())  # the first try is still under way
        yield lambda: late.connect_ex(full.getsockname())
        yield lambda: late.setblocking(False)
        yield lambda: late.connect(full.getsockname())


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
        wrong_arguments,
        pytest.param(behind_its_back, marks=pytest.mark.linux_only),
        pytest.param(full_queue, marks=pytest.mark.linux_only),
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
        client, conn = new_connection()
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
            assert "helpers" not in pydoc.render_doc(socket.socket)
        assert socket.socket is not PLAIN
    assert socket.socket is PLAIN


def test_the_recorder_calls_no_method_of_a_learners_class(recorded: None) -> None:
    called = []

    class Own(socket.socket):
        def __getattribute__(self, name: str) -> Any:
            if not name.startswith("_"):
                called.append(name)
            return super().__getattribute__(name)

    with socket.create_server(HERE) as listener:
        address = listener.getsockname()
        sock, receiver = Own(), Own(type=socket.SOCK_DGRAM)
        sock.connect(address)
        conn = listener.accept()[0]
        conn.sendall(b"hello")
        sock.recv(10)
        sock.sendall(b"x")
        receiver.bind(HERE)
        to = receiver.getsockname()
        receiver.sendto(b"x", to)
        receiver.recvfrom(1)
        assert called == [
            *("connect", "recv", "sendall"),
            *("bind", "getsockname", "sendto", "recvfrom"),
        ]
        for each in (sock, receiver, conn):
            each.close()


def test_a_pair_of_another_tools_class_is_left_alone(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest-socket puts a class of its own, or the plain one, in place in each test."""
    monkeypatch.setattr(socket, "socket", PLAIN)
    first, second = socket.socketpair()
    with first, second:
        assert type(first) is type(second) is PLAIN
        first.sendall(b"x")
        assert second.recv(1) == b"x"
    assert calls("socketpair") == []


def test_a_full_unix_queue_leaves_no_connection_that_is_believed_in(recorded: None) -> None:
    path = "\0no-connection"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(path)
        listener.listen(0)
        first.connect(path)
        with socket.socket(socket.AF_UNIX) as late:
            late.settimeout(1)
            with pytest.raises(BlockingIOError) as failed:
                late.connect(path)
            assert failed.value.errno == errno.EAGAIN
        listener.accept()[0].close()
        patience(0.2)
        with pytest.raises(Deadlock):
            listener.accept()


def test_nothing_is_raised_after_the_datagram_is_sent(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread closes the socket between the call and the question for its address."""
    with socket.socket(type=socket.SOCK_DGRAM) as to:
        to.bind(HERE)
        sock = socket.socket(type=socket.SOCK_DGRAM)
        send = type(sock).mro()[1].sendto

        def sendto(self: socket.socket, *arguments: Any) -> int:
            count: int = send(self, *arguments)
            PLAIN.close(self)
            return count

        monkeypatch.setattr(PLAIN, "sendto", sendto)
        assert sock.sendto(b"x", to.getsockname()) == 1
        assert to.recv(1) == b"x"


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
        client, conn = new_connection()
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


def test_a_warning_of_a_socket_not_closed_names_the_line_where_it_went(recorded: None) -> None:
    def lost() -> None:
        sock = socket.socket()
        del sock

    with pytest.warns(ResourceWarning, match=r"^unclosed <socket\.socket fd=\d+, ") as warned:
        lost()
    assert [(each.filename, each.lineno) for each in warned] == [
        (__file__, lost.__code__.co_firstlineno + 2)
    ]


FUNCTIONS = [
    (owner, name)
    for owner, names in (
        (select, ("select", "poll", "epoll")),
        (os, ("close", "closerange", "dup2")),
        (socket, ("close", "socketpair", "fromfd")),
    )
    for name in names
    if hasattr(owner, name)
]


@pytest.mark.parametrize(("owner", "name"), FUNCTIONS)
def test_a_function_of_c_is_no_method_where_a_class_has_it(owner: Any, name: str) -> None:
    """`class Loop: poller = select.poll` is common: pyftpdlib has it."""
    kinds = []
    for way in (nullcontext, recording):
        with way():
            function = getattr(owner, name)
            holder: Any = type("Holder", (), {"function": function})()
            kinds.append(getattr(holder.function, "__self__", None) is holder)
            assert (function.__name__, callable(function)) == (name, True)
    assert kinds[0] is kinds[1]


def test_a_class_may_have_select_and_poll_for_attributes(recorded: None) -> None:
    class Loop:
        wait, close = select.select, os.close

    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"x")
        assert Loop().wait([here], [], [], 1)[0] == [here]
    Loop().close(os.dup(0))
    if hasattr(select, "poll"):
        made: Any = type("Loop", (), {"poller": select.poll})
        assert made().poller().poll(0) == []
