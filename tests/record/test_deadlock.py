"""A wait that cannot end is told at once; a wait that can end is never called a deadlock."""

from __future__ import annotations

import multiprocessing
import os
import queue
import random
import select
import selectors
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from load import busy_cores

from helpers import Deadlock, LiveServer, patience, recording, timeline
from helpers.record.record import LOOK_EVERY, QUIET_TIME, record

AT_ONCE = 0.2
"""Seconds in which a deadlock must be told."""

HERE = ("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def _recorded() -> Iterator[None]:
    before = record.patience
    with recording():
        yield
    record.patience = before


@pytest.fixture
def busy() -> Iterator[None]:
    with busy_cores():
        yield


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(HERE) as made:
        yield made


def connected(listener: socket.socket) -> socket.socket:
    return socket.create_connection(listener.getsockname())


def echo(conn: socket.socket) -> None:
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)


def recv_exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        assert part, "the other side closed"
        data += part
    return data


# --- deadlocks ----------------------------------------------------------------------------------


def test_both_sides_in_recv_is_told_at_once_and_names_both(listener: socket.socket) -> None:
    def server() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.recv(1024)

    with LiveServer(server) as live, connected(listener) as client:
        live.settle()
        began = time.monotonic()
        with pytest.raises(Deadlock) as told:
            client.recv(512)
        assert QUIET_TIME + LOOK_EVERY <= time.monotonic() - began < AT_ONCE
    message = str(told.value)
    assert isinstance(told.value, TimeoutError)
    assert "this cell  waits in client.recv(512) for 127.0.0.1" in message
    assert "server     waits in conn.recv(1024) for 127.0.0.1" in message
    assert told.value.__context__ is None


def test_both_sides_in_sendall_with_nobody_reading_is_a_deadlock(listener: socket.socket) -> None:
    def server() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.sendall(bytes(20_000_000))

    with connected(listener) as client, LiveServer(server), pytest.raises(Deadlock) as told:
        client.sendall(bytes(20_000_000))
    assert "this cell  waits in client.sendall(...) for 127.0.0.1" in str(told.value)
    assert "server     waits in conn.sendall(...) for 127.0.0.1" in str(told.value)


def test_a_sender_and_one_who_waits_for_its_end_are_a_deadlock(listener: socket.socket) -> None:
    def server() -> None:
        conn, _ = listener.accept()
        with conn:
            conn.sendall(bytes(20_000_000))

    with connected(listener) as client, LiveServer(server) as live:
        client.shutdown(socket.SHUT_WR)
        with pytest.raises(Deadlock) as told:
            live.result()
    assert "this cell  waits for the server to finish" in str(told.value)


def test_recv_on_a_connection_that_nobody_accepts_is_a_deadlock(listener: socket.socket) -> None:
    with connected(listener) as client, pytest.raises(Deadlock) as told:
        client.recv(1)
    assert "nobody is left who could answer" in str(told.value)


def test_recv_from_a_server_that_ended_without_closing_is_a_deadlock(
    listener: socket.socket,
) -> None:
    kept = []

    def server() -> None:
        kept.append(listener.accept()[0])

    with LiveServer(server) as live, connected(listener) as client:
        live.result()
        with pytest.raises(Deadlock):
            client.recv(1)
    kept.pop().close()


def test_three_who_wait_in_a_circle_are_a_deadlock(listener: socket.socket) -> None:
    with socket.create_server(HERE) as second:

        def middle() -> None:
            with connected(second) as onward:
                conn, _ = listener.accept()
                with conn:
                    onward.recv(1)

        def last() -> None:
            conn, _ = second.accept()
            with conn:
                conn.recv(1)

        with (
            LiveServer(last),
            LiveServer(middle),
            connected(listener) as client,
            pytest.raises(Deadlock) as told,
        ):
            client.recv(1)
    for name in ("this cell", "middle", "last"):
        assert f"  {name:9}  waits in " in str(told.value)


def test_result_of_a_server_that_waits_for_this_cell_is_a_deadlock(
    listener: socket.socket,
) -> None:
    def server() -> bytes:
        conn, _ = listener.accept()
        with conn:
            return conn.recv(1024)

    with LiveServer(server) as live, connected(listener) as client:
        with pytest.raises(Deadlock) as told:
            live.result()
        assert "this cell  waits for the server to finish" in str(told.value)
        assert "server     waits in conn.recv(1024)" in str(told.value)
        client.sendall(b"now")
        assert live.result() == b"now"


def test_one_who_waits_for_himself_is_a_deadlock() -> None:
    here, there = socket.socketpair()
    with here, there, pytest.raises(Deadlock):
        here.recv(1)


def test_after_a_deadlock_the_socket_is_usable(listener: socket.socket) -> None:
    with LiveServer(lambda: echo(listener.accept()[0])), connected(listener) as client:
        for size in (1, 10, 100):
            with pytest.raises(Deadlock):
                client.recv(1024)
            client.sendall(bytes(size))
            assert recv_exactly(client, size) == bytes(size)


def test_what_recv_waitall_had_is_not_lost_to_a_deadlock(listener: socket.socket) -> None:
    with LiveServer(lambda: echo(listener.accept()[0])), connected(listener) as client:
        client.sendall(b"abc")
        assert client.recv(10, socket.MSG_WAITALL) == b"abc"
        client.sendall(b"defg")
        assert client.recv(4, socket.MSG_WAITALL) == b"defg"


def test_two_servers_at_rest_elsewhere_do_not_hide_a_deadlock(listener: socket.socket) -> None:
    with ExitStack() as stack:
        for _ in range(2):
            other = stack.enter_context(socket.create_server(HERE))
            stack.enter_context(LiveServer(other.accept)).settle()
        idle_here, idle_there = socket.socketpair()
        stack.enter_context(idle_here)
        stack.enter_context(LiveServer(echo, idle_there)).settle()
        stack.enter_context(LiveServer(lambda: echo(listener.accept()[0])))
        client = stack.enter_context(connected(listener))
        began = time.monotonic()
        with pytest.raises(Deadlock):
            client.recv(1)
        assert time.monotonic() - began < AT_ONCE


def test_a_socket_with_its_own_timeout_is_never_told_of_a_deadlock(
    listener: socket.socket,
) -> None:
    with connected(listener) as client:
        client.settimeout(4 * QUIET_TIME)
        with pytest.raises(TimeoutError, match=r"^timed out$") as told:
            client.recv(1)
    assert not isinstance(told.value, Deadlock)


# --- patience -----------------------------------------------------------------------------------


def test_a_peer_that_is_not_recorded_is_waited_for_patiently(listener: socket.socket) -> None:
    program = (
        "import socket, sys\n"
        "with socket.create_connection(('127.0.0.1', int(sys.argv[1]))):\n"
        "    sys.stdin.read()"
    )
    port = str(listener.getsockname()[1])
    with subprocess.Popen([sys.executable, "-c", program, port], stdin=subprocess.PIPE) as outsider:
        conn, _ = listener.accept()
        with conn:
            patience(0.3)
            began = time.monotonic()
            with pytest.raises(Deadlock) as told:
                conn.recv(1)
            assert time.monotonic() - began >= 0.3
        outsider.communicate()
    assert str(told.value).startswith("waited for 0.3 s, and nothing came:\n  this cell  waits in")
    assert "helpers.patience(60)" in str(told.value)


def test_accept_waits_for_an_outsider_no_longer_than_the_patience(listener: socket.socket) -> None:
    patience(0.1)
    with pytest.raises(Deadlock, match=r"waits in listener.accept\(\) for a client"):
        listener.accept()


def test_result_of_a_server_in_accept_ends_with_the_patience(listener: socket.socket) -> None:
    patience(0.1)
    waits = r"waits in listener.accept\(\) for a client"
    with LiveServer(listener.accept) as live, pytest.raises(Deadlock, match=waits):
        live.result()


def test_a_datagram_that_nobody_sends_is_waited_for_patiently() -> None:
    patience(0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram_queue:
        datagram_queue.bind(HERE)
        with pytest.raises(Deadlock, match="for a datagram"):
            datagram_queue.recvfrom(100)


LONG = 6 * QUIET_TIME
"""Seconds for which somebody does nothing that can be seen, and then acts after all."""


def compute() -> None:
    sum(range(200_000))


def do_nothing_for_long() -> None:
    threading.Event().wait(LONG)


# --- no false deadlocks -------------------------------------------------------------------------
# Each of these would fail if somebody who can still act were overlooked. They run while all
# cores are busy: then threads stand still at every place.


@pytest.mark.usefixtures("busy")
def test_exchanges_of_random_sizes_are_never_called_a_deadlock(listener: socket.socket) -> None:
    chance = random.Random(2)
    with socket.create_server(HERE) as second, ExitStack() as stack:

        def serve(own: socket.socket) -> None:
            while True:
                echo(own.accept()[0])

        for own in (listener, second):
            for _ in range(3):
                stack.enter_context(LiveServer(serve, own))
        until = time.monotonic() + 4
        exchanges = 0
        while time.monotonic() < until:
            with ExitStack() as clients:
                socks = [
                    clients.enter_context(connected(chance.choice((listener, second))))
                    for _ in range(chance.randint(1, 3))
                ]
                for _ in range(chance.randint(1, 30)):
                    sock = chance.choice(socks)
                    size = chance.choice((1, 2, 3, 100, 1500))
                    sock.sendall(bytes(size))
                    recv_exactly(sock, size)
                    exchanges += 1
                for sock in socks:
                    if chance.random() < 0.5:
                        sock.sendall(b"end")
                        sock.shutdown(socket.SHUT_WR)
                        assert recv_exactly(sock, 3) == b"end"
                        assert sock.recv(1) == b""
    assert exchanges > 100


@pytest.mark.usefixtures("busy")
def test_a_thread_that_has_not_called_yet_is_hoped_for(listener: socket.socket) -> None:
    def late(conn: socket.socket, work: Callable[[], object]) -> None:
        with conn:
            work()  # for a while it is unknown
            conn.sendall(b"x")

    for number in range(30):
        work = do_nothing_for_long if number == 0 else compute
        with connected(listener) as client:
            conn, _ = listener.accept()
            thread = threading.Thread(target=late, args=(conn, work))
            thread.start()
            assert client.recv(1) == b"x"
            thread.join()


@pytest.mark.usefixtures("busy")
def test_a_server_with_a_thread_for_each_client_is_never_called_a_deadlock() -> None:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while data := self.request.recv(100):
                self.request.sendall(data)

    with (
        socketserver.ThreadingTCPServer(HERE, Handler) as server,
        LiveServer(server.serve_forever, 0.05),
    ):
        for _ in range(30):
            with ExitStack() as stack:
                clients = [
                    stack.enter_context(socket.create_connection(server.server_address))
                    for _ in range(3)
                ]
                for client in clients:
                    client.sendall(b"hello")
                for client in clients:
                    assert recv_exactly(client, 5) == b"hello"


@pytest.mark.usefixtures("busy")
def test_a_thread_that_gets_the_socket_through_a_queue_is_hoped_for(
    listener: socket.socket,
) -> None:
    waiting: queue.Queue[socket.socket | None] = queue.Queue()

    def worker() -> None:
        works = [do_nothing_for_long] * 2 + [compute] * 20
        while (conn := waiting.get()) is not None:
            works.pop(0)()
            with conn:
                conn.sendall(conn.recv(1))

    def server() -> None:
        while True:
            waiting.put(listener.accept()[0])
            with listener.accept()[0] as second:
                second.recv(1)

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        with LiveServer(server):
            for _ in range(20):
                with connected(listener) as first, connected(listener):
                    first.sendall(b"x")
                    assert first.recv(1) == b"x"
    finally:
        waiting.put(None)
        thread.join()


@pytest.mark.usefixtures("busy")
def test_a_pool_of_threads_is_hoped_for(listener: socket.socket) -> None:
    with ThreadPoolExecutor(2) as pool:
        for _ in range(50):
            with connected(listener) as client:
                answer = pool.submit(echo, listener.accept()[0])
                client.sendall(b"x")
                assert client.recv(1) == b"x"
                client.shutdown(socket.SHUT_WR)
                answer.result()


@pytest.mark.usefixtures("busy")
def test_a_chain_of_servers_is_never_called_a_deadlock(listener: socket.socket) -> None:
    with socket.create_server(HERE) as last, ExitStack() as stack:

        def forward() -> None:
            with connected(last) as onward, listener.accept()[0] as conn:
                while data := conn.recv(100):
                    onward.sendall(data)
                    conn.sendall(recv_exactly(onward, len(data)))

        stack.enter_context(LiveServer(lambda: echo(last.accept()[0])))
        stack.enter_context(LiveServer(forward))
        client = stack.enter_context(connected(listener))
        for _ in range(300):
            client.sendall(b"hello")
            assert recv_exactly(client, 5) == b"hello"


def through_makefile(sock: socket.socket) -> None:
    with sock.makefile("rwb") as file:
        file.write(b"hello\n")
        file.flush()
        assert file.readline() == b"hello\n"


def through_a_duplicate(sock: socket.socket) -> None:
    with sock.dup() as copy:
        copy.sendall(b"hello")
    assert recv_exactly(sock, 5) == b"hello"


def through_the_descriptor(sock: socket.socket) -> None:
    os.write(sock.fileno(), b"hello")
    assert recv_exactly(sock, 5) == b"hello"


def through_os_sendfile(sock: socket.socket) -> None:
    with open(__file__, "rb") as file:
        count = os.sendfile(sock.fileno(), file.fileno(), 0, 500)
    recv_exactly(sock, count)


def through_a_child(sock: socket.socket) -> None:
    program = "import os, sys; os.write(int(sys.argv[1]), b'hello')"
    number = sock.fileno()
    subprocess.run(
        [sys.executable, "-S", "-c", program, str(number)], pass_fds=[number], check=True
    )
    assert recv_exactly(sock, 5) == b"hello"


def through_sendmsg(sock: socket.socket) -> None:
    sock.sendmsg([b"he", b"llo"])
    assert recv_exactly(sock, 5) == b"hello"


@pytest.mark.posix_only
@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("way", "times"),
    [
        (through_makefile, 100),
        (through_a_duplicate, 100),
        (through_the_descriptor, 300),
        pytest.param(through_os_sendfile, 100, marks=pytest.mark.linux_only),
        (through_a_child, 5),
        (through_sendmsg, 100),
    ],
)
def test_bytes_that_go_another_way_are_not_called_a_deadlock(
    listener: socket.socket, way: Callable[[socket.socket], None], times: int
) -> None:
    with LiveServer(lambda: echo(listener.accept()[0])), connected(listener) as client:
        for _ in range(times):
            way(client)


@pytest.mark.posix_only
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_that_accepts_is_hoped_for(listener: socket.socket) -> None:

    def serve() -> None:
        for _ in range(5):
            conn, _ = listener.accept()
            time.sleep(LONG)
            echo(conn)

    child = multiprocessing.get_context("fork").Process(target=serve)
    child.start()
    for _ in range(5):
        with connected(listener) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"
    child.join()
    child.close()


@pytest.mark.posix_only
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_that_inherited_the_connection_is_hoped_for() -> None:
    here, there = socket.socketpair()
    with here, there:

        def serve() -> None:
            time.sleep(LONG)
            echo(there)

        child = multiprocessing.get_context("fork").Process(target=serve)
        child.start()
        for _ in range(10):
            here.sendall(b"x")
            assert here.recv(1) == b"x"
        here.shutdown(socket.SHUT_WR)
        child.join()
        child.close()


@pytest.mark.posix_only
def test_a_child_that_was_given_the_connection_is_hoped_for(listener: socket.socket) -> None:
    program = (
        "import os, sys, time\ntime.sleep(float(sys.argv[2]))\nos.write(int(sys.argv[1]), b'x')\n"
    )

    def serve() -> None:
        with listener.accept()[0] as conn:
            conn.set_inheritable(True)
            arguments = [sys.executable, "-S", "-c", program, str(conn.fileno()), str(LONG)]
            with subprocess.Popen(arguments, close_fds=False):
                conn.recv(1)

    with LiveServer(serve), connected(listener) as client:
        assert client.recv(1) == b"x"
        client.sendall(b"y")


@pytest.mark.posix_only
def test_a_child_whose_standard_file_is_the_socket_is_hoped_for() -> None:
    here, there = socket.socketpair()
    program = "import sys, time\ntime.sleep(float(sys.argv[1]))\nprint(input().upper())"
    arguments = [sys.executable, "-S", "-c", program, str(LONG)]
    with here, there, subprocess.Popen(arguments, stdin=there, stdout=there):
        here.sendall(b"hello\n")
        assert recv_exactly(here, 6) == b"HELLO\n"


@pytest.mark.posix_only
def test_a_program_that_was_sent_the_socket_is_hoped_for() -> None:
    here, there = socket.socketpair()
    left, right = socket.socketpair()
    patience(LONG)
    with here, there, left, right:
        socket.send_fds(left, [b"x"], [there.fileno()])
        _, descriptors, _, _ = socket.recv_fds(right, 1, 1)
        with pytest.raises(Deadlock, match="nothing came"):  # and not at once
            here.recv(1)
        os.close(descriptors[0])


def test_who_waits_for_a_time_only_is_hoped_for(listener: socket.socket) -> None:
    conns: list[socket.socket] = []

    def serve() -> None:
        conns.append(listener.accept()[0])
        conns[0].recv(100)

    def tick() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as clock:
            clock.bind(HERE)
            clock.settimeout(LONG)
            with pytest.raises(TimeoutError):
                clock.recv(1)
        conns[0].sendall(b"tick")

    with LiveServer(serve) as live, connected(listener) as client:
        live.settle()
        with LiveServer(tick):
            assert recv_exactly(client, 4) == b"tick"
        client.sendall(b"x")
        live.result()
        conns[0].close()


def test_who_waits_for_a_time_over_and_over_is_not_hoped_for(listener: socket.socket) -> None:
    """Such as a server of an earlier cell that looks every now and then whether it must stop."""

    def looks_often() -> None:
        with socket.create_server(HERE) as other:
            other.settimeout(0.02)
            while True:
                with suppress(TimeoutError):
                    other.accept()

    def serves_forever() -> None:
        with socketserver.TCPServer(HERE, socketserver.BaseRequestHandler) as server:
            server.serve_forever(0.02)

    with (
        LiveServer(looks_often) as first,
        LiveServer(serves_forever) as second,
        LiveServer(lambda: echo(listener.accept()[0])),
        connected(listener) as client,
    ):
        for server in (first, second):
            assert record.watch(lambda server=server: server.actor.timed_out, 5, LOOK_EVERY)
        began = time.monotonic()
        with pytest.raises(Deadlock, match="nothing is in flight"):
            client.recv(1)
        assert time.monotonic() - began < 2


def test_a_thread_that_waits_for_a_program_is_hoped_for() -> None:
    here, there = socket.socketpair()
    program = f"import time\ntime.sleep({LONG})\nprint('x')"

    def work() -> None:
        socket.socket().close()  # from now on the thread is known
        asked = [sys.executable, "-S", "-c", program]
        there.sendall(subprocess.run(asked, capture_output=True, check=True).stdout)

    thread = threading.Thread(target=work)
    with here, there:
        there.setblocking(True)  # the cell has used it, and no thread has
        thread.start()
        assert here.recv(1) == b"x"
        thread.join()


@pytest.mark.posix_only
def test_a_program_gets_its_descriptors_from_whatever_names_them() -> None:
    program = "import os, sys; os.fstat(int(sys.argv[1]))"
    with socket.socket() as sock:
        number = sock.fileno()
        for given in ([number], {number}, (each for each in [number]), map(int, [number])):
            asked = [sys.executable, "-S", "-c", program, str(number)]
            subprocess.run(asked, pass_fds=given, check=True)  # type: ignore[arg-type]


def test_a_select_without_a_limit_and_with_endless_patience_is_possible() -> None:
    here, there = socket.socketpair()
    patience(float("inf"))
    with here, there:
        there.sendall(b"x")
        wait_in_select(here)
        wait_in_a_selector(here)


@pytest.mark.linux_only  # elsewhere a full queue is answered
def test_a_connect_ex_to_a_full_queue_ends_with_the_patience() -> None:
    patience(0.2)
    with (
        socket.create_server(HERE, backlog=0) as full,
        connected(full),
        socket.socket() as late,
        pytest.raises(Deadlock, match=r"this cell  waits in late\.connect_ex"),
    ):
        late.connect_ex(full.getsockname())


def wait_in_select(sock: socket.socket) -> None:
    select.select([sock], [], [])


def wait_in_a_selector(sock: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        selector.select()


def wait_in_poll(sock: socket.socket) -> None:
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    poller.poll()


@pytest.mark.parametrize(
    "way",
    [
        wait_in_select,
        wait_in_a_selector,
        pytest.param(wait_in_poll, marks=pytest.mark.posix_only),
    ],
)
def test_a_select_of_a_cell_without_a_limit_ends_with_the_patience(
    way: Callable[[socket.socket], None],
) -> None:
    here, there = socket.socketpair()
    patience(0.2)
    with here, there:
        with pytest.raises(Deadlock, match=r"this cell  waits in select\(\) until its socket is"):
            way(here)
        there.sendall(b"x")
        way(here)
        assert here.recv(1) == b"x"


def test_a_wait_for_something_else_than_sockets_is_not_ended() -> None:
    patience(0.05)
    program = f"import time\ntime.sleep({LONG})\nprint('x')"
    asked = [sys.executable, "-S", "-c", program]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.communicate()[0].strip() == b"x"


def test_a_thread_that_waits_in_select_has_come_to_rest(listener: socket.socket) -> None:
    def serve() -> None:
        with listener.accept()[0] as conn:
            wait_in_a_selector(conn)
            conn.sendall(conn.recv(1))

    thread = threading.Thread(target=serve)
    thread.start()
    with connected(listener) as client:
        began = time.monotonic()
        timeline()
        assert time.monotonic() - began < 1
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    thread.join()


def test_the_timeline_of_a_deadlock_shows_both_waits(listener: socket.socket) -> None:
    with LiveServer(lambda: echo(listener.accept()[0])), connected(listener) as client:
        with pytest.raises(Deadlock):
            client.recv(1)
        assert "Deadlock" in str(timeline())
