"""Names that only this program knows: what they lead to, and that nobody else is asked."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from helpers import made_up_names
from helpers.names import Question

BOTH = {"shop.example": ["::1", "127.0.0.1"]}


def hosts(entries: list[Any]) -> list[str]:
    return [entry[4][0] for entry in entries]


def entries(*question: Any, **more: Any) -> list[Any]:
    with made_up_names(BOTH):
        return socket.getaddrinfo(*question, **more)


def test_a_name_has_the_addresses_that_it_was_given_in_this_order() -> None:
    found = entries("shop.example", 80, type=socket.SOCK_STREAM)
    assert [(entry[0], entry[1], entry[4]) for entry in found] == [
        (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 80, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 80)),
    ]
    assert type(found[0][0]) is socket.AddressFamily


@pytest.mark.parametrize("host", ["SHOP.Example", "shop.example.", b"shop.example"])
def test_a_name_is_found_as_name_servers_find_it(host: Any) -> None:
    assert hosts(entries(host, 80, type=socket.SOCK_STREAM)) == BOTH["shop.example"]


def test_one_family_may_be_asked_for() -> None:
    assert hosts(entries("shop.example", 80, socket.AF_INET, socket.SOCK_STREAM)) == ["127.0.0.1"]
    with made_up_names({"four.example": ["127.0.0.1"]}), pytest.raises(socket.gaierror):
        socket.getaddrinfo("four.example", 80, socket.AF_INET6)


def test_older_calls_know_one_address_of_ipv4() -> None:
    with made_up_names(BOTH):
        assert socket.gethostbyname("shop.example") == "127.0.0.1"
        assert socket.gethostbyname_ex("shop.example") == ("shop.example", [], ["127.0.0.1"])
    with made_up_names({"six.example": ["::1"]}), pytest.raises(socket.gaierror):
        socket.gethostbyname("six.example")


@pytest.mark.parametrize("host", ["shpo.example", "a.shop.example", "x.invalid", "y.test"])
def test_a_name_that_nobody_has_is_asked_of_nobody(host: str) -> None:
    with made_up_names(BOTH) as questions:
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo(host, 80)
        with pytest.raises(socket.gaierror):
            socket.gethostbyname(host)
    assert [each[0] for each in questions] == [host, host]


def test_numbers_and_this_machine_are_looked_up_as_before() -> None:
    with made_up_names(BOTH) as questions:
        assert socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4] == (
            "127.0.0.1",
            80,
        )
        assert socket.getaddrinfo(None, 80, socket.AF_INET)
        assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"
        assert socket.gethostbyname_ex("127.0.0.1")[2] == ["127.0.0.1"]
    assert questions == []


def test_a_list_may_be_empty_and_may_have_an_entry_of_its_own() -> None:
    entry = (99, socket.SOCK_STREAM, 0, "", ("somewhere", 1))
    with made_up_names({"none.example": [], "odd.example": [entry, "127.0.0.1"]}):
        assert socket.getaddrinfo("none.example", 80) == []
        found = socket.getaddrinfo("odd.example", 80, type=socket.SOCK_STREAM)
        assert found[0] == entry
        assert hosts(found) == ["somewhere", "127.0.0.1"]
        assert hosts(socket.getaddrinfo("odd.example", 1, socket.AF_INET, socket.SOCK_STREAM)) == [
            "127.0.0.1"
        ]


def test_what_is_no_address_is_refused() -> None:
    for wrong in ("other.example", "1.2.3.4.5", 7):
        with (
            pytest.raises(ValueError, match="no IP address"),
            made_up_names({"a.example": [wrong]}),
        ):
            pass


def test_the_questions_are_noted_and_the_lookups_are_put_back() -> None:
    before = socket.gethostbyname
    with made_up_names(BOTH) as questions:
        socket.getaddrinfo("shop.example", 80, type=socket.SOCK_STREAM)
    expected: list[Question] = [("shop.example", 80, 0, int(socket.SOCK_STREAM), 0, 0)]
    assert questions == expected
    assert socket.gethostbyname is before


def test_names_inside_each_other_are_all_known() -> None:
    with made_up_names(BOTH):
        with made_up_names({"shop.example": ["127.0.0.1"], "b.example": ["127.0.0.1"]}):
            assert hosts(socket.getaddrinfo("shop.example", 1, type=1)) == ["127.0.0.1"]
        assert hosts(socket.getaddrinfo("shop.example", 1, type=1)) == BOTH["shop.example"]


def test_asyncio_and_connect_come_by_it(recorded: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        async def client() -> tuple[str, int]:
            _, writer = await asyncio.open_connection("four.example", port)
            writer.close()
            await writer.wait_closed()
            found: tuple[str, int] = writer.get_extra_info("peername")
            return found

        with made_up_names({"four.example": ["127.0.0.1"]}) as questions:
            assert asyncio.run(client()) == ("127.0.0.1", port)
            with socket.socket() as sock:
                sock.connect(("four.example", port))
            socket.create_connection(("four.example", port)).close()
    assert len(questions) == 3
