"""An accept() finds the connect() that it answers, and a client its listener."""

from __future__ import annotations

import _socket
import errno
import os
import socket
import threading
import time
from typing import Any

import pytest
from servers import HERE, PLAIN, calls

from helpers.record.record import record
from helpers.record.socket_info import info_of
from helpers.record.streams import Timestamp
from helpers.record.wire import Wire
from helpers.sockets.arguments import looked_up


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
    pending = wire.connecting(listening, Timestamp(2, 2))
    assert wire.handed_over(pending, local, remote) is not elsewhere


def test_an_address_of_numbers_is_an_address(recorded: None) -> None:
    """As of AF_NETLINK, and of AF_VSOCK."""
    wire = Wire()
    datagram_queue = wire.datagrams.open((7, 0))
    assert wire.datagrams.queues_at((7, 0))[0] is datagram_queue
    assert wire.datagrams.queues_at((0, 0))[0] is not datagram_queue
    pending = wire.connecting(wire.listen((1, 80), Timestamp(1, 1)), Timestamp(2, 2))
    assert wire.handed_over(pending, (2, 5), (1, 80))


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
    def look_up(name: str, port: object, family: int) -> list[Any]:
        assert (name, family) == (host, socket.AF_INET)
        return [(family, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(_socket, "getaddrinfo", look_up)
    expected = ("127.0.0.1", 80)
    assert looked_up((host, 80), socket.AF_INET) == (expected, expected)


@pytest.mark.parametrize(
    "address",
    [
        ("", 80),
        ("127.0.0.1", 80),
        ("::1", 80),
        ("::1", 80, 0, 0),
        "/a/path",
        (1, 2),
        ("host", "80"),
        ("host", None),
    ],
)
def test_an_address_is_not_looked_up(address: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_socket, "getaddrinfo")
    assert looked_up(address, socket.AF_INET) == (address, address)


def test_the_name_of_a_network_device_is_none_of_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_socket, "getaddrinfo")
    assert looked_up(("lo", 0), 17) == (("lo", 0), ("lo", 0))


def test_a_name_that_cannot_be_looked_up_is_told_as_by_the_plain_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any) -> list[Any]:
        raise error

    monkeypatch.setattr(_socket, "getaddrinfo", fail)
    error: Exception = UnicodeError()  # the plain call makes another one of it, without looking up
    assert looked_up(("host", 80), socket.AF_INET) == (("host", 80), ("host", 80))
    error = socket.gaierror(-2, "Name or service not known")
    with pytest.raises(socket.gaierror, match="Name or service not known"):
        looked_up(("host", 80), socket.AF_INET)


def test_a_name_is_looked_up_once_and_never_by_what_a_test_has_in_its_place(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, names = _socket.getaddrinfo, []

    def look_up(host: Any, *rest: Any) -> Any:
        names.append(host)
        return plain(host, *rest)

    with socket.create_server(HERE) as listener, socket.socket(type=socket.SOCK_DGRAM) as sock:
        port = listener.getsockname()[1]
        monkeypatch.delattr(socket, "getaddrinfo")
        monkeypatch.setattr(_socket, "getaddrinfo", look_up)
        for call in ("connect", "connect_ex"):
            with socket.socket() as client:
                getattr(client, call)(("localhost", port))
                listener.accept()[0].close()
        sock.sendto(b"x", ("localhost", port))
    assert names == ["localhost"] * 3
    assert [each.result for each in calls("connect_ex")] == [0]


def test_an_accept_finds_its_connect_however_late_the_system_lets_that_one_go_on(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_returned = threading.Event()
    hand_over, accepted = record.tracker.handed_over, record.tracker.accepted

    def handed_over_late(*arguments: Any) -> None:
        assert has_returned.wait(5)
        time.sleep(0.1)  # in which the accept would look, if it did not wait for the lock
        hand_over(*arguments)

    def accepted_early(*arguments: Any) -> None:
        has_returned.set()
        accepted(*arguments)

    monkeypatch.setattr(record.tracker, "handed_over", handed_over_late)
    monkeypatch.setattr(record.tracker, "accepted", accepted_early)
    with socket.create_server(HERE) as listener, socket.socket() as client:
        thread = threading.Thread(target=client.connect, args=(listener.getsockname(),))
        thread.start()
        with listener.accept()[0]:
            thread.join()
        assert [each.kind for each in calls("accept")[0].causes] == ["connect"]
        assert not record.wire.listeners[0].accept_queue


def test_a_client_that_is_closed_while_it_connects_takes_no_listener_with_it(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = record.tracker.handed_over

    def closed_meanwhile(*arguments: Any) -> None:
        info = info_of(client)
        assert info is not None
        record.leaving.closing(info, Timestamp(0, 0))
        hand_over(*arguments)

    monkeypatch.setattr(record.tracker, "handed_over", closed_meanwhile)
    with socket.create_server(HERE) as listener, socket.socket() as client:
        client.connect(listener.getsockname())
        assert len(record.wire.listeners) == 1


def test_a_client_whose_host_the_system_does_not_tell_yet_is_found(recorded: None) -> None:
    """Windows may give 0.0.0.0 while the connect is under way."""
    with socket.create_server(HERE) as listener:
        address = listener.getsockname()
        info = info_of(listener)
        assert info is not None
        assert info.listener is not None
        pending = record.wire.connecting(info.listener, Timestamp(0, 0))
        record.wire.handed_over(pending, ("0.0.0.0", 50_000), address)
        assert record.wire.accepted(info.listener, ("127.0.0.1", 50_000)) is pending
        record.wire.forget(pending.endpoint)


def test_an_accept_does_not_wait_for_a_connect_of_its_own_thread(recorded: None) -> None:
    """It may be a signal handler's: that connect goes on when the accept has returned."""
    with socket.create_server(HERE) as listener, PLAIN() as outsider:
        info = info_of(listener)
        assert info is not None
        assert info.listener is not None
        record.wire.connecting(info.listener, Timestamp(0, 0)).endpoint.owners.add(
            record.actors.state()
        )
        outsider.connect(listener.getsockname())
        with listener.accept()[0]:
            assert calls("accept")[0].causes == ()


def test_an_accept_does_not_wait_for_a_connect_that_is_under_way(recorded: None) -> None:
    """Its client is one from outside."""
    with socket.create_server(HERE) as listener, PLAIN() as outsider:
        info = info_of(listener)
        assert info is not None
        assert info.listener is not None
        pending = record.wire.connecting(info.listener, Timestamp(0, 0))
        outsider.connect(listener.getsockname())
        with listener.accept()[0]:
            assert calls("accept")[0].causes == ()
        record.wire.not_connected(pending)


def test_a_connect_that_does_not_wait_is_accounted_once(recorded: None) -> None:
    with socket.create_server(HERE) as listener, socket.socket() as client:
        client.setblocking(False)
        while client.connect_ex(listener.getsockname()) not in (0, errno.EISCONN):
            pass
        client.setblocking(True)
        with listener.accept()[0] as conn:
            client.sendall(b"x")
            conn.recv(1)
        assert not record.wire.listeners[0].accept_queue
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
