"""A wait that can end is never called a deadlock. All cores are busy in most of these tests."""

from __future__ import annotations

import multiprocessing
import os
import queue
import random
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
from servers import HERE, connected, echo, recv_exactly

from helpers import Deadlock, LiveServer, patience
from helpers.record.record import record
from helpers.record.waiting import LOOK_EVERY, QUIET_TIME

pytestmark = pytest.mark.usefixtures("recorded")


@pytest.fixture
def busy() -> Iterator[None]:
    with busy_cores():
        yield


LONG = 6 * QUIET_TIME
"""Seconds for which somebody does nothing that can be seen, and then acts after all."""


def compute() -> None:
    sum(range(200_000))


def do_nothing_for_long() -> None:
    threading.Event().wait(LONG)


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
            assert record.waiting.watch(lambda server=server: server.actor.timed_out, 5, LOOK_EVERY)
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


def test_a_wait_for_something_else_than_sockets_is_not_ended() -> None:
    patience(0.05)
    program = f"import time\ntime.sleep({LONG})\nprint('x')"
    asked = [sys.executable, "-S", "-c", program]
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.communicate()[0].strip() == b"x"
