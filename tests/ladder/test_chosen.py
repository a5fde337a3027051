"""A ladder of many clients: a lane for those that are chosen, and one for all others."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from servers import HERE

from helpers import LiveServer, timeline

pytestmark = pytest.mark.usefixtures("recorded")


def one_after_another(listener: socket.socket) -> None:
    """Answer each client once, and keep all of them: one thread, many connections."""
    conns = []
    try:
        while True:
            conn, _ = listener.accept()
            conns.append(conn)
            conn.sendall(conn.recv(16))
    finally:
        for conn in conns:
            conn.close()


@pytest.fixture
def server() -> Iterator[LiveServer]:
    with socket.create_server(HERE) as listener, LiveServer(one_after_another, listener) as live:
        live.settle()
        timeline()
        yield live


def talk(server: LiveServer, count: int) -> list[socket.socket]:
    clients = []
    for number in range(count):
        clients.append(socket.create_connection(server.address))
        clients[-1].sendall(b"%d" % number)
        assert clients[-1].recv(16) == b"%d" % number
    return clients


def test_a_chosen_client_has_its_lane_and_all_others_share_one(server: LiveServer) -> None:
    clients = talk(server, 40)
    shown = timeline(clients[20]).text()
    for client in clients:
        client.close()
    first, *rest = shown.splitlines()
    assert "39 more clients (273 calls folded)" in first  # each has made four, and the server three
    calls = "\n".join(rest)
    assert "b'20'" in calls
    assert "b'19'" not in calls
    assert calls.count("accept() → ") == 1
    assert calls.count("waits for a client") == 1


def test_several_can_be_chosen(server: LiveServer) -> None:
    clients = talk(server, 5)
    shown = timeline(clients[1], clients[3]).text()
    for client in clients:
        client.close()
    assert "3 more clients" in shown
    assert [word for word in ("b'0'", "b'1'", "b'2'", "b'3'", "b'4'") if word in shown] == [
        "b'1'",
        "b'3'",
    ]


def test_who_is_alone_has_a_ladder_as_ever(server: LiveServer) -> None:
    [client] = talk(server, 1)
    shown = timeline(client)
    client.close()
    assert shown.text() == replace(shown, chosen=None).text()


@pytest.mark.parametrize("wrong", [True, "client", None])
def test_what_is_no_client_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="takes clients: sockets that are recorded"):
        timeline(wrong)  # type: ignore[arg-type]


def test_what_a_server_did_for_others_is_folded_where_they_did_nothing_themselves(
    server: LiveServer,
) -> None:
    """Their calls stood in an earlier ladder."""
    first, second = talk(server, 2)
    timeline()
    first.sendall(b"not read")
    server.stop()
    shown = timeline(second).text()
    first.close()
    second.close()
    assert "more client" in shown
    assert shown.count("conn.close()") == 1
