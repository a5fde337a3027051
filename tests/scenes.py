"""Events for the ladder diagram, by hand and by chance, and what every diagram must keep to."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

from hypothesis import strategies as st
from wcwidth import wcswidth

from helpers.ladder import style
from helpers.ladder.timeline import Timeline
from helpers.record.events import Actor, Cause, CauseKind, Event

CELL = Actor(0, "cell", "cell")
SERVER = Actor(1, "echo_server", "server")
ADDRESS = ("127.0.0.1", 40213)
LISTENER, CLIENT, CONN = 1, 2, 3

SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {
    "svg", "title", "desc", "style", "defs", "marker", "pattern",
    "rect", "path", "circle", "text", "tspan",
}  # fmt: skip

Causes = tuple[tuple[int, CauseKind, int], ...]


class Scene:
    """Makes events with true Lamport clocks."""

    def __init__(self) -> None:
        self.made: dict[int, Event] = {}
        self.clocks: dict[Actor, int] = {}

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self.made.values())

    def call(
        self,
        actor: Actor,
        socket: int,
        name: str,
        call: str,
        *arguments: Any,
        causes: Causes = (),
        **more: Any,
    ) -> int:
        """One more call. Returns its number."""
        began = self.clocks.get(actor, 0) + 1
        clock = max([began, *(self.made[cause].clock + 1 for cause, _, _ in causes)])
        number = 1000 + len(self.made)
        self.made[number] = Event(
            number, clock, began, actor, socket, name, call, arguments,
            causes=tuple(Cause(*cause) for cause in causes), **more,
        )  # fmt: skip
        self.clocks[actor] = clock
        return number

    def send(self, actor: Actor, socket: int, name: str, data: bytes) -> int:
        return self.call(actor, socket, name, "sendall", data=data[:64], size=len(data))

    def recv(
        self, actor: Actor, socket: int, name: str, data: bytes, *sends: tuple[int, int]
    ) -> int:
        causes: Causes = tuple((number, "data", size) for number, size in sends)
        return self.call(
            actor, socket, name, "recv", 1024, data=data[:64], size=len(data), causes=causes
        )

    def end(self, actor: Actor, socket: int, name: str, close: int) -> int:
        return self.call(actor, socket, name, "recv", 1024, causes=((close, "end", 0),))

    def connection(self, client: str = "client", client_socket: int = CLIENT) -> Scene:
        """A listener of the server, a client of the cell, and what accept() returned."""
        self.call(SERVER, LISTENER, "", "socket")
        self.call(SERVER, LISTENER, "listener", "bind", ("127.0.0.1", 0))
        listen = self.call(SERVER, LISTENER, "listener", "listen")
        self.join(client, client_socket, CONN, listen)
        return self

    def join(self, client: str, client_socket: int, conn: int, listen: int) -> None:
        connect = self.call(
            CELL, client_socket, client, "connect", ADDRESS, causes=((listen, "listen", 0),)
        )
        self.call(
            SERVER, LISTENER, "listener", "accept", made=conn, causes=((connect, "connect", 0),)
        )


def echo() -> Scene:
    scene = Scene().connection()
    sent = scene.send(CELL, CLIENT, "client", b"hello")
    scene.recv(SERVER, CONN, "conn", b"hello", (sent, 5))
    back = scene.send(SERVER, CONN, "conn", b"hello")
    scene.recv(CELL, CLIENT, "client", b"hello", (back, 5))
    close = scene.call(CELL, CLIENT, "client", "close")
    scene.end(SERVER, CONN, "conn", close)
    scene.call(SERVER, CONN, "conn", "close")
    scene.call(SERVER, LISTENER, "listener", "accept", outcome="waiting")
    return scene


def crowd(names: list[str]) -> Scene:
    scene = Scene()
    listen = scene.call(SERVER, LISTENER, "listener", "listen")
    for place, name in enumerate(names):
        scene.join(name, 10 + place, 50 + place, listen)
    for place, name in enumerate(names):
        sent = scene.send(CELL, 10 + place, name, b"hi")
        scene.recv(SERVER, 50 + place, "conn", b"hi", (sent, 2))
    return scene


def long_talk(calls: int) -> Scene:
    scene = Scene().connection()
    while len(scene.made) < calls:
        sent = scene.send(CELL, CLIENT, "client", b"hello")
        scene.recv(SERVER, CONN, "conn", b"hello", (sent, 5))
        back = scene.send(SERVER, CONN, "conn", b"hello")
        scene.recv(CELL, CLIENT, "client", b"hello", (back, 5))
    return scene


def text(scene: Scene) -> str:
    return Timeline(scene.events).text()


def line_with(needle: str, shown: str) -> str:
    (line,) = [line for line in shown.splitlines() if needle in line]
    return line


def width(line: str) -> int:
    """The columns of a terminal that a line takes."""
    return wcswidth(line)


def svg_words(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return "\n".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))


def check_inert(shown: Timeline) -> None:
    for line in shown.text().splitlines():
        assert width(line) <= 80, line
        assert line.isprintable(), ascii(line)
    svg = shown.svg()
    root = ElementTree.fromstring(svg)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= ALLOWED
    for each in root.iter():
        assert not any("href" in name or name.startswith("on") for name in each.attrib)
    assert all(each.isprintable() or each == "\n" for each in svg)
    assert "http" not in re.sub(r' xmlns="[^"]*"', "", shown.svg().split("<title")[0])
    check_places(root)


def check_places(root: ElementTree.Element) -> None:
    """No text leaves the card, and no text stands on another one."""
    taken: dict[float, list[tuple[float, float]]] = {}
    card_width, card_height = float(root.attrib["width"]), float(root.attrib["height"])
    for each in root.iter(f"{SVG}text"):
        label = "label" in each.attrib["class"]
        column = style.LABEL_COLUMN if label else style.COLUMN
        length = width("".join(each.itertext())) * column
        anchor = each.attrib.get("text-anchor", "start")
        start = float(each.attrib["x"]) - {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * length
        height = float(each.attrib["y"])
        assert start >= 10
        assert start + length <= card_width - 10
        assert 10 < height < card_height - 5
        for other_height, spans in taken.items():
            if abs(other_height - height) < 10:
                assert all(start + length <= left or right <= start for left, right in spans)
        taken.setdefault(height, []).append((start, start + length))


CALLS = ["socket", "bind", "listen", "accept", "connect", "send", "sendall", "recv", "sendto"]
CALLS += ["recvfrom", "recv_into", "shutdown", "close", "socketpair", "getsockname", "\x1b[2J"]
KINDS: list[CauseKind] = ["data", "end", "reset", "connect", "listen", "datagram"]
ACTORS = [CELL, SERVER, Actor(2, "echo_server", "server"), Actor(3, "worker\n", "thread")]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Event, ...]:
    """Any events with true clocks: the calls make no sense, the text is anything."""
    scene = Scene()
    words = st.text(max_size=40)
    for _ in range(draw(st.integers(0, 25))):
        causes: Causes = ()
        if scene.made:
            cause = st.tuples(
                st.sampled_from(sorted(scene.made)), st.sampled_from(KINDS), st.integers(0, 9)
            )
            causes = tuple(draw(st.lists(cause, max_size=2)))
        data = draw(st.binary(max_size=64))
        arguments = draw(
            st.lists(words | st.integers() | st.tuples(words, st.integers()), max_size=3)
        )
        scene.call(
            draw(st.sampled_from(ACTORS)),
            draw(st.integers(1, 9)),
            draw(words),
            draw(st.sampled_from(CALLS)),
            *arguments,
            causes=causes,
            outcome=draw(st.sampled_from(["done", "done", "failed", "waiting"])),
            result=draw(st.none() | words | st.integers()),
            made=draw(st.none() | st.integers(1, 9)),
            error=draw(words),
            data=data,
            size=len(data) + draw(st.sampled_from([0, 0, 10**9])),
            note=draw(words),
        )
    return scene.events
