"""How the arguments of a call are shown: by their names, as one writes them."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from servers import HERE, Connection, calls

from helpers.sockets.arguments import family_arguments, flags_text, option_arguments

FAMILIES = [
    ((-1, -1, -1), "()"),
    ((-1, socket.SOCK_DGRAM, -1), "(type=SOCK_DGRAM,)"),
    ((-1, -1, socket.IPPROTO_TCP), "(proto=IPPROTO_TCP,)"),
    ((socket.AF_INET, -1, socket.IPPROTO_UDP), "(AF_INET, proto=IPPROTO_UDP)"),
    ((socket.AF_INET, socket.SOCK_DGRAM, 0), "(AF_INET, SOCK_DGRAM)"),
    ((2, 2, 17), "(AF_INET, SOCK_DGRAM, IPPROTO_UDP)"),
    ((-1, 99, -1), "(type=SOCK_RAW | 0x60,)"),
    ((12345, 1, 1), "(12345, SOCK_STREAM, 1)"),
]


@pytest.mark.parametrize(("given", "shown"), FAMILIES)
def test_what_socket_was_given(given: tuple[int, int, int], shown: str) -> None:
    assert repr(family_arguments(*given)) == shown


@pytest.mark.linux_only
def test_a_type_with_flags() -> None:
    given = socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    shown = "(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)"
    assert repr(family_arguments(socket.AF_INET, given)) == shown
    assert repr(family_arguments(socket.AF_UNIX, socket.SOCK_STREAM, 1)) == (
        "(AF_UNIX, SOCK_STREAM, 1)"  # not ICMP
    )


@pytest.mark.linux_only
def test_options_by_the_names_of_their_level() -> None:
    for given, shown in [
        ((socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2), "(IPPROTO_IP, IP_MULTICAST_TTL, 2)"),
        ((socket.IPPROTO_IP, socket.IP_TOS, 16), "(IPPROTO_IP, IP_TOS, 16)"),
        ((socket.SOL_TCP, socket.TCP_NODELAY, True), "(IPPROTO_TCP, TCP_NODELAY, True)"),
        ((socket.SOL_SOCKET, socket.SO_RCVBUF, 9), "(SOL_SOCKET, SO_RCVBUF, 9)"),
        ((socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0), "(IPPROTO_IPV6, IPV6_V6ONLY, 0)"),
        ((12345, 678, 9), "(12345, 678, 9)"),
    ]:
        assert repr(option_arguments(given)) == shown


def test_flags() -> None:
    assert repr(flags_text(socket.MSG_PEEK)) == "MSG_PEEK"
    assert repr(flags_text(int(socket.MSG_PEEK) | socket.MSG_OOB)) == "MSG_OOB | MSG_PEEK"
    assert flags_text(0) == 0
    assert "0x" in repr(flags_text(1 << 60))


@pytest.mark.posix_only
def test_each_method_shows_its_flags(connection: Connection) -> None:
    client, conn = connection
    quiet = socket.MSG_DONTWAIT
    todo: list[Callable[[], object]] = [
        lambda: client.send(b"abc", quiet),
        lambda: client.sendall(b"abc", quiet),
        lambda: client.sendmsg([b"abcdef"], [], quiet),
        lambda: conn.recv(1, quiet | socket.MSG_PEEK),
        lambda: conn.recv_into(bytearray(1), 1, quiet),
        lambda: conn.recvfrom(1, quiet),
        lambda: conn.recvfrom_into(bytearray(1), 1, quiet),
        lambda: conn.recvmsg(1, 0, quiet),
        lambda: conn.recvmsg_into([bytearray(1)], 0, quiet),
    ]
    with client, conn, socket.socket(type=socket.SOCK_DGRAM) as sender:
        for each in todo:
            each()
        sender.bind(HERE)
        sender.sendto(b"x", quiet, sender.getsockname())
    senders = ["send", "sendall", "sendmsg"]
    for name in [*senders, "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into"]:
        assert "MSG_DONTWAIT" in repr(calls(name)[0].arguments)
    assert repr(calls("recv")[0].arguments) == "(1, MSG_PEEK | MSG_DONTWAIT)"
    assert repr(calls("sendto")[0].arguments[0]) == "MSG_DONTWAIT"
    assert [repr(each.arguments) for each in calls("socket")][-1] == "(type=SOCK_DGRAM,)"
