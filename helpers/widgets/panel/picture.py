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
from helpers.ladder.wording import NEW
from helpers.text import HALF, counted, cut, visible
from helpers.view import View, picture_html, words_html
from helpers.widgets.panel.remote import Client
from helpers.widgets.panel.views import PanelView

HOW_TO_GET_IT = "Panel: run this cell in JupyterLab, and you can play the clients of this server."

CHARACTERS_SHOWN = 200
"""Columns of what was received, as characters."""

STYLE = """<style>
.socket-panel { color: var(--jp-content-font-color1, inherit); overflow: hidden; }
.socket-panel p { margin: 4px 0; line-height: 1.4; }
.socket-panel .widget-html, .socket-panel .widget-html-content, .socket-panel .socket-changing {
  width: auto; max-width: 100%; min-width: 0; height: auto; margin: 0; line-height: 1.4;
  overflow: visible; }
.socket-panel pre { white-space: pre; overflow-x: auto; margin: 4px 0; padding: 4px;
  line-height: 1.4; font-family: var(--jp-code-font-family, monospace); font-size: 13px; }
.socket-panel table { border-collapse: collapse; }
.socket-panel caption { text-align: left; padding: 2px 0; }
.socket-panel th, .socket-panel td { text-align: left; padding: 2px 10px 2px 0;
  white-space: nowrap; }
.socket-panel .socket-panel-client { border: 1px solid var(--jp-border-color1, #999);
  border-radius: 4px; padding: 4px 8px; margin: 0 8px 8px 0; }
.socket-panel .socket-cockpit { display: flex; flex-flow: row wrap; align-items: flex-start;
  gap: 0 16px; width: 100%; overflow: visible; }
.socket-panel .socket-controls { flex: 1 1 260px; min-width: 0; overflow: visible; }
.socket-panel .socket-views { flex: 4 1 560px; min-width: 0; overflow: visible; }
.socket-panel .socket-tall > :first-child { max-height: 30em; overflow-y: auto; }
.socket-panel .socket-panel-received { white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 14em; overflow-y: auto; }
.socket-panel .widget-checkbox { width: auto; max-width: 100%; height: auto; }
.socket-panel .widget-checkbox label { white-space: normal; overflow: visible; }
.socket-panel button.jupyter-button:focus-visible, .socket-panel input:focus-visible,
.socket-panel [tabindex]:focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
.socket-panel-lost { display: none; border: 2px solid currentColor; padding: 4px 8px; }
.jupyter-widgets-disconnected .socket-panel-lost { display: block; }
.socket-panel .jupyter-widgets-disconnected::before { display: none; }
.socket-panel button.jupyter-widgets-disconnected,
.socket-panel .jupyter-widgets-disconnected button { opacity: .5; pointer-events: none; }
</style>"""
"""The page marks a widget whose kernel is gone (`jupyter-widgets-disconnected`). Only then is
the note shown that says what to do: the kernel itself can say nothing any more."""

LOST = (
    '<p class="socket-panel-lost" role="status"><b>The kernel was restarted: these buttons do '
    "nothing any more.</b> Select the cell of this panel. Run all cells above it "
    "(Run, then Run All Above Selected Cell), and then this one.</p>"
)


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

    summary = HOW_TO_GET_IT

    def text(self) -> str:
        """The views in characters."""
        shown = (item.view.text() for item in self.views if not item.live_only)
        return "\n\n".join([HOW_TO_GET_IT, *shown])

    def html(self) -> str:
        """The views as a page."""
        return f"<p>{escape(HOW_TO_GET_IT)}</p>{''.join(self._parts())}"

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
        can_connect=not connected and not over and address is not None,
        can_send=usable and not client.half_closed,
        can_half_close=usable and not client.half_closed and not client.lost,
        can_close=usable,
    )


def _status(client: Client, address: Any, over: str) -> tuple[str, str]:
    """Whether it is connected; and which of its controls are off, and why."""
    if over:
        return "not connected", "All controls are off: the server has ended."
    if client.sock is None:
        why = "Send, Half-close, Close and Reset are off until the client is connected."
        if address is None:
            why = "All controls are off: the server does not listen yet."
        return "not connected", why
    status = f"connected to {address_text(address)}"
    off = ["Connect"]
    because = "the client is connected"
    if client.half_closed:
        status += ", half-closed: it has sent its end and can only receive"
        off += ["Send", "Half-close"]
        because = "it is connected, and has sent its end"
    if client.lost:
        status = "the server has reset the connection"
    elif client.peer_ended:
        status += "; the server has sent its end"
    names = " and ".join([", ".join(off[:-1]), off[-1]]) if len(off) > 1 else off[0]
    return status, f"{names} {'are' if len(off) > 1 else 'is'} off: {because}."


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
    name = f"{item.name}. {item.view.summary} Tick the box above it to read it as text."
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
    if lines and client.pieces[-1] == "b''":
        lines[-1] += " (the end: the server sends no more)"
    for place in range(max(0, len(lines) - client.new), len(lines)):
        lines[place] = f'<strong class="socket-panel-new">{lines[place]}</strong> {NEW}'
    if client.earlier:
        lines.insert(0, f"... {counted(client.earlier, 'earlier line')} not shown ...")
    shown = "\n".join(lines) or "nothing yet"
    said = escape(cut(client.characters, CHARACTERS_SHOWN))
    characters = f"<p>as characters (UTF-8): {said}</p>" if said else ""
    if HALF in said:
        characters += f"<p>{HALF}: the first part of this character came in an earlier recv().</p>"
    return (
        f"<p>sent in all: {counted(client.sent, 'byte')}</p>"
        f"<p>received, one line for each recv(): {counted(client.received, 'byte')}</p>"
        f'<pre class="socket-panel-received" tabindex="0" role="region" '
        f'aria-label="received by {escape(client.name)}">'
        f"{shown}</pre>{characters}<p>{escape(client.why)}</p>"
    )
