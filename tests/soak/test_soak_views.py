"""Whatever bytes, names, prints and errors there are: text, HTML and SVG show them without harm.

HTML must be well-formed, with the tags and attributes that the view itself writes and no others;
SVG must be XML; nothing may hold a control character, a mark that turns a line around, or any
other character that does not print. And HTML says the same words as the text.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import strategies as st
from judged import NAMES, folder, get
from rooms import rows
from scenes import check_inert, scenes

from helpers import LiveServer, kernel_view, panel, recording, timeline
from helpers.exercises import blocks
from helpers.exercises.blocks import Message
from helpers.exercises.report import Report
from helpers.exercises.wording import check_words
from helpers.kernel.view import KernelView
from helpers.ladder.timeline import Timeline
from helpers.live.source import _MARKED, _SOURCE, Place, Where
from helpers.text import visible
from helpers.view import SCROLLS
from helpers.widgets.panel import picture
from helpers.widgets.panel.picture import ClientState, Snapshot
from helpers.widgets.panel.views import PanelView, named
from soak.plan import Soak

# --- what is hostile ----------------------------------------------------------------------------

MARKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</pre></div></svg>", "<!--",
    "]]>", "<![CDATA[", "<?xml", "&lt;", "&#0;", "&", "'", '"', '" onclick="x', "\x1b[2J",
    "\x9b31m", "\0", "\r", "\n", "\t", "\u202e", "\u2066", "\u200b", "\u2028", "\ufeff", "\ud800",
    "\udcff", "\uffff", "\\x1b", "{0}", "{name}", "%s", "한", "e\u0301", "$x$", "javascript:x",
]  # fmt: skip
texts = st.lists(
    st.sampled_from(MARKS) | st.text(st.characters(codec=None), max_size=12), max_size=6
).map("".join)
wires = st.lists(
    st.binary(max_size=20) | st.sampled_from([mark.encode("utf-8", "replace") for mark in MARKS]),
    min_size=1,
    max_size=5,
).map(b"".join)

# --- what is harmless ---------------------------------------------------------------------------

STYLES = {_SOURCE, _MARKED, blocks.PRE, blocks.BOX}
STYLES |= {SCROLLS, f"white-space:pre;{SCROLLS}", "max-width:none"}
ATTRIBUTES: dict[str, set[str]] = {
    **{
        tag: set()
        for tag in ("br", "caption", "details", "summary", "table", "tbody", "td", "thead", "tr")
    },
    "b": {"style"},
    "strong": {"class"},
    "div": {"aria-label", "class", "role", "style", "tabindex"},
    "img": {"alt", "src", "style"},
    "p": {"class", "role"},
    "pre": {"aria-label", "class", "role", "style", "tabindex"},
    "th": {"scope"},
}
"""The tags that the views write, each with its attributes."""
VALUES = {
    "class": {"socket-panel-new", "socket-panel-received"},
    "role": {"status", "region", "group"},
    "scope": {"col"},
    "style": STYLES,
    "tabindex": {"0"},
}
ALONE = {"br", "img"}


class Page(HTMLParser):
    """Reads a piece of HTML, and refuses what no view writes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        assert_prints(html)
        loose = re.findall(r"<(?!/?[a-z]+[ >]).{0,9}|&(?!(?:amp|lt|gt|quot|#x27);).{0,9}", html)
        assert not loose, loose
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ATTRIBUTES, f"<{tag}>"
        assert len({name for name, _ in attrs}) == len(attrs)
        for name, value in attrs:
            assert name in ATTRIBUTES[tag], f"<{tag} {name}>"
            assert value is not None
            assert name not in VALUES or value in VALUES[name], f'{name}="{value}"'
            if name == "src":
                head, _, drawn = value.partition(",")
                assert head == "data:image/svg+xml;utf8"
                assert unquote(drawn).startswith("<svg ")
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def refuse(self, what: str) -> None:
        raise AssertionError(f"not written by a view: {what!r}")

    handle_comment = handle_decl = handle_pi = unknown_decl = refuse


def assert_prints(text: str) -> None:
    hidden = {each for each in text if not (each.isprintable() or each == "\n")}
    assert not hidden, ascii(hidden)


def squeezed(text: str) -> str:
    return "".join(text.split())


def assert_harmless(view: Any, same_words: bool = True) -> None:
    bundle = view._repr_mimebundle_()
    text, html = bundle["text/plain"], bundle["text/html"]
    assert_prints(text)
    page = Page(html)
    if same_words:
        assert squeezed("".join(page.words)) == squeezed(text)


# --- from real sockets --------------------------------------------------------------------------


def serves(data: int, printed: str, error: str) -> Callable[[], None]:
    def serve() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            conn, _ = listener.accept()
            with conn:
                print(printed)
                conn.sendall(conn.recv(data, socket.MSG_WAITALL))
                conn.recv(1)
                raise ValueError(error)

    return serve


hostile_servers = st.tuples(wires, texts, texts, texts)


def check_a_server(hostile: tuple[bytes, str, str, str]) -> None:
    """All that is shown of a server while it waits, and when it has failed."""
    data, name, printed, error = hostile
    target = serves(len(data), printed, error)
    target.__name__ = name
    with recording():
        server = LiveServer(target).start()
        try:
            shown = panel(server)
            with socket.create_connection(server.address) as client:
                client.sendall(data)
                assert client.recv(len(data), socket.MSG_WAITALL) == data
                check_all_views(server, shown._snapshot_at_rest(), kernel_view(client))
            server.settle()
            with pytest.raises(ValueError) as told:  # noqa: PT011
                server.stop()
            assert str(told.value) == error
            check_all_views(server, shown._snapshot_at_rest(), None)
            check_inert(timeline())
        finally:
            server.discard()


def check_all_views(server: LiveServer, shown: Snapshot, kernel: KernelView | None) -> None:
    assert_harmless(server.where)
    check_snapshot(shown)
    if kernel is not None:
        assert_harmless(kernel, same_words=False)  # the text may come as two tables


def check_snapshot(shown: Snapshot) -> None:
    assert_prints(shown.text())
    Page(shown.html())
    for place in shown.views:
        if isinstance(place.view, Timeline):
            check_inert(place.view)
        Page(picture.text_html(place))
        Page(place.view.html())
    for client in shown.clients:
        Page(picture.status_html(client))
        Page(picture.received_html(client))


def test_all_views_of_a_real_server(soak: Soak) -> None:
    soak.examples(hostile_servers, 40, check_a_server)


@pytest.mark.linux_only
def test_addresses_that_are_any_bytes(soak: Soak) -> None:
    """On Linux the name of a Unix socket may be any bytes, after a NUL."""

    def check(name: bytes) -> None:
        with recording(), socket.socket(socket.AF_UNIX) as listener:
            listener.bind(b"\0soak" + name)
            listener.listen()
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(listener.getsockname())
                assert_harmless(kernel_view(listener, client), same_words=False)
            check_inert(timeline())

    soak.examples(wires.map(lambda name: name[:100]), 30, check)


def test_checks_of_programs_that_return_print_and_raise_anything(soak: Soak) -> None:
    def check(given: tuple[bytes | str, str, str]) -> None:
        value, printed, error = given

        def read_exactly(sock: socket.socket, n: int) -> Any:
            print(printed)
            sock.recv(n)
            if error:
                raise ValueError(error)
            return value

        exercise = get("read_exactly")
        found = exercise.check(read_exactly)
        assert found.outcome in ("incorrect", "cannot check")
        assert_harmless(found)
        check_inert(found.timeline)

    soak.examples(st.tuples(wires | texts, texts, texts), 8, check)


# --- the views alone ----------------------------------------------------------------------------

places = st.builds(
    lambda source, first, line: Place(tuple(source), first, line and first + line % len(source)),
    st.lists(texts, min_size=1, max_size=50),
    st.integers(1, 2000),
    st.none() | st.integers(0, 60),
)
wheres = st.builds(
    Where,
    name=texts,
    state=st.sampled_from(["not started", "running", "waiting", "finished", "failed"]),
    call=st.sampled_from(["", "accept", "recv"]),
    line=st.none(),
    reason=texts,
    places=st.lists(places, max_size=2).map(tuple),
    log=texts,
)


def test_where_a_server_stands(soak: Soak) -> None:
    def check(where: Where) -> None:
        assert_harmless(where)
        Page(where.html())

    soak.examples(wheres, 40, check)


def reports() -> st.SearchStrategy[Report]:
    values = texts | wires | st.integers() | st.lists(wires | texts, max_size=4)
    ended = st.sampled_from([*check_words()["ended"]]) | texts.map("raised {}".format)
    facts = st.dictionaries(st.sampled_from([*check_words()["facts"]]), values, max_size=4)
    both = st.tuples(facts, ended).map(lambda each: {**each[0], "ended": each[1]})

    @st.composite
    def drawn(draw: st.DrawFn) -> Report:
        name = draw(st.sampled_from(NAMES))
        words = folder(name).words
        known = st.none() | st.sampled_from([*words.mistakes.values()])
        return Report(
            name,
            words,
            draw(st.sampled_from(["incorrect", "cannot check"])),
            scenario=draw(st.sampled_from([*words.scenarios])),
            expected=draw(both),
            facts=draw(both),
            known=draw(known),
            where=draw(st.none() | wheres),
            error=draw(st.none() | texts.map(ValueError)),
            still_running=draw(st.booleans()),
            events=draw(scenes()),
        )

    return drawn()


def test_reports(soak: Soak) -> None:
    soak.examples(reports(), 40, assert_harmless)


def test_messages(soak: Soak) -> None:
    """Their code is the course's own; it may hold any mark that Python source can hold."""
    printable = texts.map(visible)
    messages = st.builds(Message, *[printable] * 5)
    soak.examples(messages, 20, lambda message: assert_harmless(message, same_words=False))


client_states = st.builds(
    ClientState,
    name=st.sampled_from(["client 1", "client 2"]),
    status=texts,
    said=texts,
    why=st.just("All controls are off: the server has ended."),
    pieces=st.lists(wires.map(repr) | texts, max_size=4).map(tuple),
    new=st.integers(0, 5),
    earlier=st.integers(0, 3),
    characters=texts.map(visible),
    sent=st.integers(0, 10**9),
    received=st.integers(0, 10**9),
)


def test_the_pictures_of_a_panel(soak: Soak) -> None:
    def check(drawn: tuple[Any, Where, ClientState, list[Any], dict[Any, str]]) -> None:
        events, where, client, some, names = drawn
        sockets = PanelView("Sockets", named(KernelView(tuple(some)), names))
        views = (PanelView("Server", where), sockets, PanelView("Ladder", Timeline(events)))
        check_snapshot(Snapshot(views, (client,)))

    some = st.lists(rows, max_size=14)
    names = st.dictionaries(st.just((("127.0.0.1", 1), None)), texts, max_size=1)
    soak.examples(st.tuples(scenes(), wheres, client_states, some, names), 30, check)


def test_the_inspector_refuses_what_is_live() -> None:
    """Else the tests above would see nothing."""
    for live in [
        "<script>1</script>",
        "<p onclick='x'>y</p>",
        "<p>never closed",
        '<img alt="x" src="http://example.org/">',
        '<b style="background:url(x)">y</b>',
        "<!-- x -->",
        "<p>\x1b</p>",
        "<p>\u202e</p>",
        "a < b",
        "&nbsp;",
        '<div aria-label="x" aria-label="y"></div>',
    ]:
        with pytest.raises(AssertionError):
            Page(live)
