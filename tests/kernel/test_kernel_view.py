"""What kernel_view() promises, on real sockets."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from rooms import (
    LOOPBACK,
    Room,
    address_of,
    rows_in_use,
    send_until_full,
    wait_until_readable,
)

from helpers.addresses import address_text
from helpers.kernel import view as kernel
from helpers.kernel.view import NOT_AVAILABLE, KernelSocket, kernel_view

# The life of a TCP socket


def test_a_new_socket_is_in_state_close_and_has_no_address(room: Room) -> None:
    sock = room.keep(socket.socket())
    assert kernel_view(sock)[0] == KernelSocket("sock", "TCP", "CLOSE")
    assert str(kernel_view(sock)) == "name  kind  state\nsock  TCP   CLOSE"


def test_a_bound_socket_is_still_in_state_close_and_has_its_address(room: Room) -> None:
    sock = room.keep(socket.socket())
    sock.bind((LOOPBACK, 0))
    row = kernel_view(sock)[0]
    assert (row.state, row.local, row.remote) == ("CLOSE", address_of(sock), "-")


def test_a_socket_bound_to_every_interface_shows_0_0_0_0(room: Room) -> None:
    sock = room.keep(socket.socket())
    sock.bind(("", 0))
    assert kernel_view(sock)[0].local == f"0.0.0.0:{sock.getsockname()[1]}"


@pytest.mark.linux_only
def test_the_accept_queue_fills_and_empties_while_nobody_looks_into_it(room: Room) -> None:
    listener = room.listener(backlog=3)
    used = [kernel_view(listener)[0].queue_used]
    for _ in range(2):
        room.client(listener)
        used.append(kernel_view(listener)[0].queue_used)
    room.keep(listener.accept()[0])
    row = kernel_view(listener)[0]
    assert used == [0, 1, 2]
    assert (row.state, row.queue_used, row.queue_limit) == ("LISTEN", 1, 3)
    assert (row.to_read, row.unacknowledged, row.remote) == (None, None, "-")


@pytest.mark.linux_only
def test_listen_1_lets_two_clients_wait_and_the_third_is_not_refused(room: Room) -> None:
    listener = room.listener(backlog=1)
    clients = [room.client(listener) for _ in range(2)]
    third = room.keep(socket.socket())
    third.setblocking(False)
    assert third.connect_ex(listener.getsockname()) == errno.EINPROGRESS
    view = kernel_view(listener, *clients, third)
    assert [row.state for row in view] == ["LISTEN", "ESTABLISHED", "ESTABLISHED", "SYN_SENT"]
    assert (view[0].queue_used, view[0].queue_limit) == (2, 1)
    assert str(view).count("2 (limit 1)") == 1


def test_a_client_is_established_before_any_accept(room: Room) -> None:
    listener = room.listener()
    client = room.client(listener)
    row = kernel_view(client)[0]
    assert row.state == "ESTABLISHED"
    assert (row.local, row.remote) == (address_of(client), address_of(listener))


@pytest.mark.posix_only
def test_bytes_that_wait_are_counted_and_not_taken(room: Room) -> None:
    client, conn = room.pair()
    client.sendall(b"hello")
    wait_until_readable(conn)
    assert [kernel_view(conn)[0].to_read for _ in range(3)] == [5, 5, 5]
    assert conn.recv(2) == b"he"
    assert kernel_view(conn)[0].to_read == 3
    assert conn.recv(9) == b"llo"
    assert kernel_view(conn)[0].to_read == 0


@pytest.mark.posix_only
def test_a_socket_whose_peer_closed_is_in_close_wait_and_the_end_is_no_byte(room: Room) -> None:
    client, conn = room.pair()
    client.sendall(b"hello")
    client.close()
    assert conn.recv(1) == b"h"
    wait_until_readable(conn)
    view = kernel_view(client, conn)
    assert [row.state for row in view] == ["closed", "CLOSE_WAIT"]
    assert view[1].to_read == 4


@pytest.mark.linux_only
def test_acknowledgements_on_their_way_are_waited_for(room: Room) -> None:
    # After an exchange Linux delays acknowledgements: at once, 5 bytes lack theirs.
    for _ in range(5):
        client, conn = room.pair()
        client.sendall(b"question")
        conn.recv(99)
        conn.sendall(b"answer")
        client.recv(99)
        client.sendall(b"hello")
        view = kernel_view(client, conn)
        assert [row.unacknowledged for row in view] == [0, 0]
        assert view[1].to_read == 5


@pytest.mark.linux_only
def test_a_half_closed_socket_is_in_fin_wait2_and_its_end_counts_as_no_byte(room: Room) -> None:
    client, conn = room.pair()
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    view = kernel_view(client, conn)
    assert [row.state for row in view] == ["FIN_WAIT2", "CLOSE_WAIT"]
    assert [row.unacknowledged for row in view] == [0, 0]
    assert [row.to_read for row in view] == [0, 5]


@pytest.mark.linux_only
def test_what_the_peer_has_no_room_for_stays_unacknowledged(room: Room) -> None:
    client, conn = room.pair()
    client.setblocking(False)
    accepted = send_until_full(client)
    first, second = kernel_view(client, conn), kernel_view(client, conn)
    assert str(first) == str(second)
    sender, receiver = first
    assert isinstance(sender.unacknowledged, int)
    assert sender.unacknowledged > 0
    assert isinstance(receiver.to_read, int)
    assert sender.unacknowledged + receiver.to_read == accepted


@pytest.mark.linux_only
def test_a_fin_that_waits_behind_unsent_data_counts_as_no_byte(room: Room) -> None:
    client, _ = room.pair()
    client.setblocking(False)
    send_until_full(client)
    before = kernel_view(client)[0].unacknowledged
    client.shutdown(socket.SHUT_WR)
    row = kernel_view(client)[0]
    assert (row.state, row.unacknowledged) == ("FIN_WAIT1", before)


@pytest.mark.linux_only
def test_a_peer_that_never_acknowledges_ends_the_wait(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = room.pair()
    clock = iter([0.0, 0.1, 0.6])
    monkeypatch.setattr("helpers.kernel.linux._in_flight", lambda item: True)
    monkeypatch.setattr("helpers.kernel.linux.time.monotonic", lambda: next(clock))
    assert kernel_view(client)[0].state == "ESTABLISHED"
    assert next(clock, None) is None


def test_a_reset_socket_is_in_state_close(room: Room) -> None:
    client, conn = room.pair()
    conn.sendall(b"never read")
    wait_until_readable(client)
    client.close()
    wait_until_readable(conn)
    assert kernel_view(conn)[0].state == "CLOSE"


def test_a_closed_or_detached_socket_has_no_descriptor_and_is_shown_as_closed() -> None:
    closed = socket.socket()
    closed.close()
    detached = socket.socket(type=socket.SOCK_DGRAM)
    os.close(detached.detach()) if os.name == "posix" else detached.close()
    assert list(kernel_view(closed, detached)) == [
        KernelSocket("closed", "TCP", "closed"),
        KernelSocket("detached", "UDP", "closed"),
    ]


# Other kinds of socket


@pytest.mark.linux_only
def test_udp_has_no_state_and_counts_the_next_datagram_only(room: Room) -> None:
    receiver = room.keep(socket.socket(type=socket.SOCK_DGRAM))
    receiver.bind((LOOPBACK, 0))
    for datagram in (b"12345", b"123"):
        receiver.sendto(datagram, receiver.getsockname())
    wait_until_readable(receiver)
    row = kernel_view(receiver)[0]
    assert row == KernelSocket("receiver", "UDP", None, address_of(receiver), to_read=5)


@pytest.mark.linux_only
def test_udp_says_how_many_datagrams_were_dropped_if_any_were(room: Room) -> None:
    receiver = room.keep(socket.socket(type=socket.SOCK_DGRAM))
    receiver.bind((LOOPBACK, 0))
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the least there is
    receiver.sendto(bytes(10_000), receiver.getsockname())
    assert kernel_view(receiver)[0].dropped is None
    assert "dropped" not in str(kernel_view(receiver))
    for _ in range(2):
        receiver.sendto(bytes(10_000), receiver.getsockname())
    assert kernel_view(receiver)[0].dropped == 2
    assert "dropped" in str(kernel_view(receiver))


@pytest.mark.posix_only
def test_unix_sockets_count_what_waits_and_have_no_acknowledgements(room: Room) -> None:
    left, right = map(room.keep, socket.socketpair(socket.AF_UNIX))
    left.sendall(b"123")
    view = kernel_view(left, right)
    assert list(view) == [
        KernelSocket("left", "Unix", None, to_read=0),
        KernelSocket("right", "Unix", None, to_read=3),
    ]


@pytest.mark.posix_only
def test_a_unix_listener_shows_its_path(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = room.keep(socket.socket(socket.AF_UNIX))
    monkeypatch.chdir(tmp_path)  # a path may have 104 bytes at most on macOS
    listener.bind("door")
    listener.listen()
    assert kernel_view(listener)[0] == KernelSocket("listener", "Unix", "LISTEN", "door")


@pytest.mark.ipv6_only
def test_ipv6_addresses_stand_in_brackets(room: Room) -> None:
    listener = room.keep(socket.create_server(("::1", 0), family=socket.AF_INET6))
    client = room.client(listener)
    room.keep(listener.accept()[0])
    port = listener.getsockname()[1]
    row = kernel_view(client)[0]
    assert (row.kind, row.remote) == ("TCP", f"[::1]:{port}")
    assert [row.local for row in rows_in_use(listener.getsockname())][:2] == [f"[::1]:{port}"] * 2


# Addresses


@pytest.mark.linux_only
def test_an_address_finds_time_wait_although_no_program_holds_the_socket(room: Room) -> None:
    with room.listener() as listener:
        server_address = address_of(listener)
        with room.client(listener) as client, listener.accept()[0] as conn:
            client_address = address_of(client)
            connection = (client.getsockname(), client.getpeername())
            client.close()
            assert conn.recv(1) == b""
    assert kernel_view(connection) == kernel_view(connection[::-1])
    (row,) = kernel_view(connection)
    assert row in kernel_view(connection[0])
    assert row in kernel_view(connection[1])
    assert row == KernelSocket("", "TCP", "TIME_WAIT", client_address, server_address)
    assert "name" not in str(kernel_view(connection))


@pytest.mark.linux_only
def test_an_address_finds_both_ends_sorted_with_what_waits(room: Room) -> None:
    listener = room.listener()
    address = listener.getsockname()
    client, second, third = (room.client(listener) for _ in range(3))
    conn = room.keep(listener.accept()[0])
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    view = rows_in_use(address)
    states = [row.state for row in view]
    assert states == ["LISTEN", "CLOSE_WAIT", *["ESTABLISHED"] * 4, "FIN_WAIT2"]
    assert view[0].queue_used == 2
    assert (view[1].local, view[1].remote) == (address_of(conn), address_of(client))
    assert (view[1].to_read, view[1].unacknowledged) == (5, 0)
    assert [row.local == address_of(listener) for row in view[2:6]] == [True, True, False, False]
    assert {row.local for row in view[4:6]} == {address_of(second), address_of(third)}


@pytest.mark.linux_only
def test_by_address_and_by_socket_the_numbers_agree(room: Room) -> None:
    client, conn = room.pair()
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    conn.sendall(b"goodbye")
    ends = (client.getsockname(), conn.getsockname())
    by_socket = [replace(row, name="") for row in kernel_view(conn, client)]
    assert list(kernel_view(ends)) in (by_socket, by_socket[::-1])
    assert conn.recv(99) + conn.recv(99) == b"hello"
    by_socket = [replace(row, name="") for row in kernel_view(conn, client)]
    assert list(kernel_view(ends)) in (by_socket, by_socket[::-1])


def test_an_empty_host_stands_for_any_and_a_listener_on_all_serves_each(
    room: Room,
) -> None:
    listener = room.keep(socket.socket())
    listener.bind(("", 0))
    listener.listen()
    port = listener.getsockname()[1]
    for host in ("", "0.0.0.0", "::", LOOPBACK):
        assert [row.state for row in rows_in_use((host, port))] == ["LISTEN"], host
    loopback_only = room.listener()
    port = loopback_only.getsockname()[1]
    assert len(rows_in_use(("", port))) == 1
    assert len(rows_in_use(("127.0.0.2", port))) == 0


@pytest.mark.ipv6_only
def test_an_ipv4_client_of_an_ipv6_listener_is_found(room: Room) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("no dual-stack sockets here")
    listener = room.keep(socket.create_server(("", 0), family=socket.AF_INET6, dualstack_ipv6=True))
    port = listener.getsockname()[1]
    room.keep(socket.create_connection((LOOPBACK, port)))
    room.keep(listener.accept()[0])
    states = [row.state for row in rows_in_use((LOOPBACK, port))]
    assert states == ["LISTEN", "ESTABLISHED", "ESTABLISHED"]


@pytest.mark.linux_only  # macOS lets only root look at others: there is more to say
def test_an_address_that_no_socket_has_gives_one_sentence() -> None:
    nobody = (LOOPBACK, 1)
    sentence = "No TCP socket has the address 127.0.0.1:1 now."
    view = kernel_view(nobody)
    assert len(view) == 0
    assert str(view) == sentence
    assert view._repr_mimebundle_()["text/html"] == f"<p>{sentence}</p>"
    assert str(kernel_view(nobody, nobody)) == sentence
    assert str(kernel_view((nobody, ("::1", 2)))) == (
        "No TCP connection has the address 127.0.0.1:1 and the peer [::1]:2 now."
    )


@pytest.mark.linux_only
def test_listeners_that_share_an_address_are_two(room: Room) -> None:
    first, second = room.keep(socket.socket()), room.keep(socket.socket())
    for sock in (first, second):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((LOOPBACK, 0) if sock is first else first.getsockname())
        sock.listen()
    assert [row.state for row in rows_in_use(first.getsockname())] == ["LISTEN", "LISTEN"]


@pytest.mark.linux_only
def test_tables_that_may_not_be_read_are_said_to_be_not_available(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("helpers.kernel.linux.open", refuse, raising=False)
    view = kernel_view((LOOPBACK, 8080))
    assert str(view) == f"Sockets at 127.0.0.1:8080: {NOT_AVAILABLE}."


# Reading disturbs nothing


@pytest.mark.parametrize("timeout", [None, 0.0, 2.5])
def test_blocking_mode_and_timeout_are_untouched(room: Room, timeout: float | None) -> None:
    client, conn = room.pair()
    client.settimeout(timeout)
    before = os.get_blocking(client.fileno()) if os.name == "posix" else None
    kernel_view(client, conn, client.getpeername())
    assert client.gettimeout() == timeout
    if before is not None:
        assert os.get_blocking(client.fileno()) is before


def test_a_subclass_that_notes_its_calls_notes_none(room: Room) -> None:
    noted: list[str] = []

    class Noting(socket.socket):
        def __getattribute__(self, name: str) -> Any:
            value = super().__getattribute__(name)
            if callable(value) and name != "__class__":  # isinstance() asks for that one
                noted.append(name)
            return value

    listener = room.listener()
    sock = room.keep(Noting())
    sock.connect(listener.getsockname())
    noted.clear()
    assert kernel_view(sock)[0].state == "ESTABLISHED"
    assert noted == []


def test_sockets_are_known_while_another_class_stands_for_socket_socket(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = room.keep(socket.socket())
    monkeypatch.setattr(socket, "socket", type("Recording", (socket.socket,), {}))
    recorded = room.keep(socket.socket())
    assert [row.state for row in kernel_view(plain, recorded)] == ["CLOSE", "CLOSE"]


def test_a_socket_that_another_thread_closes_meanwhile_is_a_row_like_any_other(
    room: Room,
) -> None:
    listener = room.listener(backlog=100)
    current = [socket.create_connection(listener.getsockname())]
    finished = threading.Event()

    def close_and_connect_again() -> None:
        for _ in range(50):
            current[0].close()
            current[0] = socket.create_connection(listener.getsockname())
            listener.accept()[0].close()
        finished.set()

    closer = threading.Thread(target=close_and_connect_again)
    closer.start()
    seen = set()
    try:
        while not finished.is_set():
            seen.add(kernel_view(current[0])[0].state)
    finally:
        closer.join(10)
        current[0].close()
    assert not closer.is_alive()
    allowed = {"closed", "CLOSE", "ESTABLISHED", "CLOSE_WAIT", "SYN_SENT", "FIN_WAIT1", "FIN_WAIT2"}
    assert seen <= allowed | {"TIME_WAIT", "LAST_ACK", "CLOSING"}


def test_a_socket_closed_between_two_questions_is_shown_as_closed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = room.pair()

    def close_first(address: object) -> str:
        client.close()
        return address_text(address)

    monkeypatch.setattr(kernel, "address_text", close_first)
    assert kernel_view(client)[0] == KernelSocket("client", "TCP", "closed")


def test_importing_it_loads_no_notebook_and_no_psutil() -> None:
    program = (
        "import sys, helpers.kernel.view\n"
        "heavy = {'IPython', 'ipywidgets', 'ipykernel', 'psutil', 'helpers.sockets.recording'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    folder = Path(kernel.__file__).parents[2]
    # Only this module's own imports count, so the package's __init__ is left out.
    program = (
        "import sys, types\n"
        "package = types.ModuleType('helpers')\n"
        f"package.__path__ = [{str(folder / 'helpers')!r}]\n"
        "sys.modules['helpers'] = package\n"
    ) + program
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
