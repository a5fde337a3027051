"""The page of a panel: one widget, what it shows, and what each button does.

Rules of this file:

- One model for all of it. A page that is loaded again gives up on a model that has not come after
  two seconds ("model not found": `get_model` in ipywidgets' manager-base). One comes sooner than
  the hundred that a panel of single widgets has.
- A press acts, and shows nothing. What is shown comes as a `Snapshot`, from one thread (`show`).
  Only what has changed is sent to the page.
- What is pressed is handled in the order in which it was done. What a client sends comes with the
  press of Send.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.live.server import LiveServer
from helpers.widgets.panel import picture
from helpers.widgets.panel.picture import ClientState, Snapshot
from helpers.widgets.panel.remote import CLIENTS, READY, Client, Remote
from helpers.widgets.panel.views import PanelView
from helpers.widgets.panel.words import WORDS
from helpers.widgets.question_card import script

_HERE = Path(__file__).resolve().parent


class PanelCard(anywidget.AnyWidget):
    """What the page is told of a panel. `panel.js` draws it.

    What it shows is HTML, all that is not the course's own escaped. Another panel of the same
    server may take it over: `page` is whose it is now.
    """

    _esm = script("panel/changing.js", "panel/panel.js")
    _css = (_HERE / "panel.css").read_text(encoding="utf-8")
    words = traitlets.Dict().tag(sync=True)
    ready = traitlets.List(traitlets.Unicode(), list(READY)).tag(sync=True)
    over = traitlets.Unicode().tag(sync=True)
    """Why nothing more can be done."""
    can_start_again = traitlets.Bool(False).tag(sync=True)
    clients = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Of each client its `name`, `status`, `received`, and which of its controls are `on`."""
    shown = traitlets.Int(1).tag(sync=True)
    """So many clients."""
    more = traitlets.Bool(True).tag(sync=True)
    """Whether one more can be shown."""
    views = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Of each view its `name` and its `html`; of a picture also its `text`."""

    def __init__(self, now: Snapshot) -> None:
        super().__init__(words=WORDS.part("page").all(), **_state(now, 1))
        self.lock = threading.RLock()
        """Guards whose it is, while that one shows something."""
        self.page: Page | None = None
        self.on_msg(lambda _, said, buffers: self.page and self.page.press(said))


class Page:
    """One panel in its card."""

    def __init__(
        self,
        card: PanelCard,
        remote: Remote,
        live: LiveServer,
        start_again: Callable[[], str],
    ) -> None:
        """`start_again` starts the server again, or says why that cannot be."""
        self.card = card
        self._remote = remote
        # ipywidgets keeps widgets, and so what their buttons call: not the server as well.
        self._server = weakref.ref(live)
        self._start_again = start_again
        self._shown = 1
        with card.lock:
            card.page = self

    def press(self, said: dict[str, Any]) -> None:
        """Something was pressed in the page."""
        remote = self._remote
        match str(said.get("do")):
            case "start":
                if why := self._start_again():
                    self._set(over=picture.over_html(why))
            case "another":
                self._shown = min(self._shown + 1, CLIENTS)
                remote.notice()
            case "anew":
                remote.begin_anew()
            case what:
                self._press(remote.clients[int(said["client"])], what, said)

    def _press(self, client: Client, what: str, said: dict[str, Any]) -> None:
        remote = self._remote
        match what:
            case "connect":
                live = self._server()
                remote.connect(client, None if live is None else live.known_address)
            case "send":
                remote.send(client, _data(said), bool(said["bytewise"]))
            case "half-close":
                remote.half_close(client)
            case "close" | "reset":
                remote.close(client, reset=what == "reset")

    # Shown (the panel's thread)

    def show(self, now: Snapshot) -> None:
        """Show the snapshot. Only what has changed is sent to the page, in one message."""
        self._set(**_state(now, self._shown))

    def switch_off(self, over: str) -> None:
        """The end of the panel, where there is no snapshot to show."""
        off = [{**each, "on": []} for each in self.card.clients]
        self._set(over=picture.over_html(over), more=False, clients=off)

    def _set(self, **values: Any) -> None:
        card = self.card
        with card.lock:
            if card.page is self:
                with card.hold_sync():
                    for name, value in values.items():
                        setattr(card, name, value)


def _state(now: Snapshot, shown: int) -> dict[str, Any]:
    """What the card shows of a snapshot, with so many clients."""
    return {
        "over": picture.over_html(now.over),
        "can_start_again": now.can_start_again,
        "clients": [_client(each) for each in now.clients],
        "shown": shown,
        "more": shown < CLIENTS and not now.over,
        "views": [_view(each) for each in now.views],
    }


def _client(state: ClientState) -> dict[str, Any]:
    can = {
        "connect": state.can_connect,
        "send": state.can_send,
        "half-close": state.can_half_close,
        "close": state.can_close,
        "reset": state.can_close and state.stream,
    }
    return {
        "name": state.name,
        "status": picture.status_html(state),
        "received": picture.received_html(state),
        "on": [what for what, is_on in can.items() if is_on],
    }


def _view(item: PanelView) -> dict[str, str]:
    if not item.view.svg():
        return {"name": item.name, "html": item.view.html(), "text": ""}
    return {
        "name": item.name,
        "html": picture.image_html(item),
        "text": picture.text_html(item),
    }


def _data(said: dict[str, Any]) -> bytes:
    """What is to be sent: what was typed, in UTF-8, or what was ready."""
    if "ready" in said:
        return READY[str(said["ready"])]
    return str(said["text"]).encode("utf-8", "surrogatepass")
