"""What a panel shows, as text and HTML: values in, strings out.

Rules of this file:

- No widget and no thread. The views are those of `helpers`; here they are only placed.
- All that was typed or came off the wire has been through `repr` or `visible`, and goes
  through `html.escape` here. The pictures that the views themselves make are taken as they are.
- What can be wider than a narrow window scrolls by itself. So it can be reached with the Tab
  key, and has a name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from helpers.addresses import address_text
from helpers.ladder.timeline import Timeline
from helpers.ladder.wording import new
from helpers.text import HALF, counted, cut, visible
from helpers.view import View, picture_html, words_html
from helpers.widgets.panel.remote import Client
from helpers.widgets.panel.views import PanelView
from helpers.widgets.panel.words import STATE

CHARACTERS_SHOWN = 200
"""Columns of what was received, as characters."""


@dataclass(frozen=True)
class ClientState:
    """One client: what is shown of it, and which of its controls make sense."""

    name: str
    status: str
    said: str = ""
    why: str = ""
    """Which controls are off, and why: in words, for everybody."""
    pieces: tuple[str, ...] = ()
    new: int = 0
    """So many of the last pieces came after the last press."""
    earlier: int = 0
    """So many pieces came before those that are shown."""
    characters: str = ""
    """The pieces as characters, where they are UTF-8 and not ASCII."""
    sent: int = 0
    received: int = 0
    stream: bool = True
    can_connect: bool = False
    can_send: bool = False
    can_half_close: bool = False
    can_close: bool = False


@dataclass(frozen=True, repr=False)
class Snapshot(View):
    """Everything that a panel shows at one moment.

    Its own forms are for where there is no front end: nothing can be pressed, and what differs
    from run to run is left out.
    """

    views: tuple[PanelView, ...]
    clients: tuple[ClientState, ...]
    over: str = ""
    """Why nothing more can be done; empty while the server runs."""
    can_start_again: bool = False

    @property
    def summary(self) -> str:
        """How to get the panel itself."""
        return STATE["static"]

    def text(self) -> str:
        """The views in characters."""
        shown = (item.view.text() for item in self.views if not item.live_only)
        return "\n\n".join([STATE["static"], *shown])

    def html(self) -> str:
        """The views as a page."""
        return f"<p>{escape(STATE['static'])}</p>{''.join(self._parts())}"

    def _parts(self) -> Iterator[str]:
        for item in self.views:
            if item.live_only:
                continue
            yield item.view.html()


def client_state(
    client: Client, address: Any, over: str = "", presses: int | None = None
) -> ClientState:
    """What is to be shown of the client. `over` says why nothing more can be done.

    What came after so many `presses` is new.
    """
    connected = client.sock is not None
    status, why = _status(client, address, over)
    usable = connected and not over
    return ClientState(
        client.name,
        status,
        client.said,
        why,
        tuple(piece for piece, _ in client.pieces),
        new=sum(press == presses for _, press in client.pieces),
        earlier=client.receives - len(client.pieces),
        characters=client.text.shown if client.text.teaches else "",
        sent=client.sent,
        received=client.received,
        stream=client.stream,
        can_connect=not connected and not over and address is not None,
        can_send=usable and not client.half_closed,
        can_half_close=usable and client.stream and not client.half_closed and not client.lost,
        can_close=usable,
    )


def _status(client: Client, address: Any, over: str) -> tuple[str, str]:
    """Whether it is connected; and which of its controls are off, and why."""
    if over:
        return STATE["not connected"], STATE["off over"]
    if client.sock is None:
        why = "off until connected" if address is not None else "off not listening"
        return STATE["not connected"], STATE[why]
    status = STATE("connected", address=address_text(address))
    why = "off connected" if client.stream else "off datagrams"
    if client.half_closed:
        status, why = STATE("half-closed", status=status), "off half-closed"
    if client.lost:
        status = STATE["lost"]
    elif client.peer_ended:
        status = STATE("ended", status=status)
    return status, STATE[why]


# HTML of the live panel


def over_html(over: str) -> str:
    """Why nothing more can be done. It is there from the start: so it is said when it comes."""
    return f'<p role="status"><b>{escape(visible(over))}</b></p>'


def text_html(item: PanelView) -> str:
    """A view in characters."""
    if isinstance(item.view, Timeline):
        return item.view.words_html()
    return words_html(item.view.text(), item.name)


def image_html(item: PanelView) -> str:
    """A view as its picture. Its name says how to read it as text."""
    name = STATE("picture", name=item.name, summary=item.view.summary)
    return picture_html(item.view.svg(), name)


def status_html(client: ClientState) -> str:
    """One client: its name, whether it is connected, and what its last action came to."""
    said = f"<br>{escape(visible(client.said))}" if client.said else ""
    return (
        f'<p role="status"><b>{escape(client.name)}</b>: {escape(visible(client.status))}{said}</p>'
    )


def received_html(client: ClientState) -> str:
    """What the client has received, as Python prints it; then which controls are off, and why."""
    lines = [escape(visible(piece)) for piece in client.pieces]
    if lines and client.stream and client.pieces[-1] == "b''":
        lines[-1] = STATE("end", piece=lines[-1])
    for place in range(max(0, len(lines) - client.new), len(lines)):
        lines[place] = f'<strong class="socket-panel-new">{lines[place]}</strong> {new()}'
    if client.earlier:
        earlier = counted(client.earlier, "earlier line")
        lines.insert(0, escape(STATE("earlier", lines=earlier)))
    shown = "\n".join(lines) or escape(STATE["nothing"])
    said = cut(client.characters, CHARACTERS_SHOWN)
    characters = _p("characters", characters=said) if said else ""
    if HALF in said:
        characters += _p("half", half=HALF)
    return (
        f"{_p('sent', bytes=counted(client.sent, 'byte'))}"
        f"{_p('received', bytes=counted(client.received, 'byte'))}"
        f'<pre class="socket-panel-received" tabindex="0" role="region" '
        f'aria-label="{escape(STATE("received by", name=client.name))}">'
        f"{shown}</pre>{characters}<p>{escape(client.why)}</p>"
    )


def _p(key: str, **values: str) -> str:
    return f"<p>{escape(STATE(key, **values))}</p>"
