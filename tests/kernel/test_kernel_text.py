"""The table of kernel_view(): names, text, HTML, and wrong arguments."""

from __future__ import annotations

import socket
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rooms import (
    Room,
    rows,
    without_ports,
)

from helpers.kernel.view import KernelSocket, KernelView, kernel_view
from helpers.text import columns
from helpers.view import SCROLLS

# Names


def test_a_row_bears_the_callers_own_variable(room: Room) -> None:
    listener = room.listener()
    clients = [room.client(listener) for _ in range(2)]
    assert [row.name for row in kernel_view(listener, *clients)] == [
        "listener",
        "clients[0]",
        "clients[1]",
    ]
    assert kernel_view(room.keep(socket.socket()))[0].name == "socket"


def test_local_variables_come_before_global_ones_and_ipythons_never(room: Room) -> None:
    sock = room.keep(socket.socket())
    variables: dict[str, Any] = {"view": kernel_view, "_": sock, "_12": sock, "made": lambda: sock}
    assert eval("view(made())", variables)[0].name == "socket"
    variables["_hidden"] = sock
    assert eval("view(made())", variables)[0].name == "_hidden"
    variables["shared"] = sock
    assert eval("view(made())", variables)[0].name == "shared"
    assert eval("view(made())", variables, {"mine": sock})[0].name == "mine"


# The view


def test_a_view_can_be_computed_with(room: Room) -> None:
    listener = room.listener()
    client = room.client(listener)
    view = kernel_view(listener, client)
    assert len(view) == 2
    assert [row.state for row in view] == ["LISTEN", "ESTABLISHED"]
    assert view[-1].name == "client"
    assert view[:1] == (view[0],)
    with pytest.raises(AttributeError):
        view[0].state = "mine"  # type: ignore[misc]


@pytest.mark.linux_only
def test_the_text_is_the_same_in_every_run_but_for_the_ports(room: Room) -> None:
    def scene() -> str:
        client, conn = room.pair()
        listener = room.listener()
        client.sendall(b"hello")
        conn.sendall(b"hi")
        view = kernel_view(listener, client, conn)
        assert repr(view) == str(view) == view._repr_mimebundle_()["text/plain"]
        return without_ports(str(view))

    assert scene() == (
        "name      kind  state        local address    remote address\n"
        "listener  TCP   LISTEN       127.0.0.1:PORT  -\n"
        "client    TCP   ESTABLISHED  127.0.0.1:PORT  127.0.0.1:PORT\n"
        "conn      TCP   ESTABLISHED  127.0.0.1:PORT  127.0.0.1:PORT\n"
        "\n"
        "name      bytes to read  bytes not acknowledged  accept queue\n"
        "listener  -              -                       0 (limit 5)\n"
        "client    2              0                       -\n"
        "conn      5              0                       -"
    )
    assert len({scene() for _ in range(20)}) == 1


def test_the_layout_does_not_depend_on_how_many_digits_a_port_has() -> None:
    def table(port: int) -> str:
        row = KernelSocket("conn", "TCP", "ESTABLISHED", f"127.0.0.1:{port}", f"127.0.0.1:{port}")
        return str(KernelView((row,))).splitlines()[0]

    assert table(80) == table(40213)


class Outline(HTMLParser):
    """The tags and the text of an HTML document."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[tuple[str, str | None]] = set()
        self.words: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


PLAIN = {("scope", "col")} | {
    ("tabindex", "0"),
    ("role", "region"),
    ("aria-label", "Sockets as the operating system sees them"),
    ("style", SCROLLS),
}
"""The attributes of the table, and of the frame in which it scrolls."""
PLAIN_TAGS = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p"}


def test_the_html_is_a_plain_table_with_a_caption_and_column_heads(room: Room) -> None:
    sock = room.keep(socket.socket())
    outline = Outline(kernel_view(sock)._repr_mimebundle_()["text/html"])
    assert set(outline.tags) <= PLAIN_TAGS
    assert outline.tags.count("caption") == 1
    assert outline.attributes == PLAIN
    words = [word for word in outline.words if word.strip()]
    assert words[1:] == ["name", "kind", "state", "sock", "TCP", "CLOSE"]


HOSTILE = "<script>alert('&')</script>\x1b[31m\u202eback\\"
INERT = r"<script>alert('&')</script>\x1b[31m\u202eback\\"


@pytest.mark.linux_only
def test_a_hostile_unix_path_is_inert_in_text_and_html(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sock = room.keep(socket.socket(socket.AF_UNIX))
    sock.bind(HOSTILE.replace("/", "|").encode() + b"\xff")
    abstract = room.keep(socket.socket(socket.AF_UNIX))
    abstract.bind(f"\0{room!r}")
    view = kernel_view(sock, abstract)
    assert view[0].local == INERT.replace("/", "|") + r"\xff"
    assert view[1].local == rf"\x00{room!r}"
    assert_inert(view)


def test_a_hostile_variable_name_is_inert_in_text_and_html(room: Room) -> None:
    sock = room.keep(socket.socket())
    view = eval("view(made())", {"view": kernel_view, "made": lambda: sock, HOSTILE: sock})
    assert view[0].name == INERT
    assert_inert(view)


def assert_inert(view: KernelView) -> None:
    text = str(view)
    assert all(line.isprintable() for line in text.split("\n"))
    assert all(columns(line) <= 80 for line in text.split("\n"))
    html = view._repr_mimebundle_()["text/html"]
    outline = Outline(html)
    assert all(line.isprintable() for line in html.split("\n"))
    assert set(outline.tags) <= PLAIN_TAGS
    assert outline.attributes <= PLAIN


by_address = rows.map(lambda row: replace(row, name="", queue_limit=None))


@given(st.lists(rows, min_size=1, max_size=6) | st.lists(by_address, min_size=1, max_size=6))
def test_every_view_fits_80_columns_and_is_inert(some: list[KernelSocket]) -> None:
    assert_inert(KernelView(tuple(some)))


# Wrong arguments

EXPECTED = "kernel_view() expects sockets, or addresses such as ('127.0.0.1', 8080), and got "


@pytest.mark.parametrize(
    ("arguments", "got"),
    [
        ((), "no argument."),
        ((7,), "the int 7."),
        (("127.0.0.1",), "the str '127.0.0.1'."),
        ((None,), "None."),
        ((10**5000,), "a huge int."),
        ((object(),), "an object of type object."),
        (([],), "a list: write kernel_view(*sockets) for it."),
        (("\x1b[31m",), r"the str '\x1b[31m'."),
    ],
)
def test_what_is_neither_socket_nor_address_gives_one_sentence(
    arguments: tuple[Any, ...], got: str
) -> None:
    with pytest.raises(TypeError) as caught:
        kernel_view(*arguments)
    assert str(caught.value) == EXPECTED + got


def test_a_tuple_of_sockets_gives_the_same_advice_as_a_list(room: Room) -> None:
    with pytest.raises(TypeError) as caught:
        kernel_view(room.pair())
    assert str(caught.value) == EXPECTED + "a tuple: write kernel_view(*sockets) for it."


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ((), "An address has a host and a port, and this tuple has 0."),
        (("127.0.0.1",), "An address has a host and a port, and this tuple has 1."),
        (
            ("127.0.0.1", "80"),
            "The port of an address is a number from 1 to 65535, not the str '80'.",
        ),
        (
            (("127.0.0.1", 80), ("127.0.0.1",)),
            "An address has a host and a port, and this tuple has 1.",
        ),
        (("127.0.0.1", 0), "The port of an address is a number from 1 to 65535, not the int 0."),
        (
            ("127.0.0.1", True),
            "The port of an address is a number from 1 to 65535, not the bool True.",
        ),
        (
            ("localhost", 80),
            "The host of an address is an IP address such as '127.0.0.1', not the str 'localhost'.",
        ),
        (
            (8080, 80),
            "The host of an address is an IP address such as '127.0.0.1', not the int 8080.",
        ),
    ],
)
def test_a_tuple_that_is_no_address_gives_one_sentence(
    address: tuple[Any, ...], sentence: str
) -> None:
    with pytest.raises(ValueError, match=r"^An address|^The (host|port) of an address") as caught:
        kernel_view(address)
    assert str(caught.value) == sentence
