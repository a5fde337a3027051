"""The widgets of a panel: where the views stand, and what each button does.

Rules of this file:

- A button's callback acts, and shows nothing. What is shown comes as a `Snapshot`, from one
  thread (`show`). Only what has changed is sent to the page.
- What is pressed is handled in the order in which it was done: see `_Checkbox`. What a client
  sends comes with the press of Send.
- Each control has a name in words. One that is switched off is explained beside it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from traitlets import Bool

from helpers.live.server import LiveServer
from helpers.widgets.panel import picture
from helpers.widgets.panel.changing import Changing
from helpers.widgets.panel.picture import ClientState, Snapshot
from helpers.widgets.panel.remote import CLIENTS, Client, Remote
from helpers.widgets.panel.send_box import SendBox
from helpers.widgets.panel.views import PanelView


class _Checkbox(widgets.Checkbox):  # type: ignore[misc]
    """A box that is not told back whether it was ticked.

    The echo would be the last thing said to it, and from then on (see `Panel._start`) a tick
    would be handled in another thread than the press of a button, and perhaps after it.
    """

    value = Bool(False).tag(sync=True, echo_update=False)


class Page:
    """The widgets of one panel."""

    def __init__(
        self, remote: Remote, live: LiveServer, now: Snapshot, start_again: Callable[[], str]
    ) -> None:
        """`start_again` starts the server again, or says why that cannot be."""
        self._remote = remote
        self._clients = [_ClientBox(remote, client, live) for client in remote.clients]
        for box in self._clients[1:]:
            box.box.layout.display = "none"
        self._over = Changing()
        self._more = widgets.Button(
            description="Another client", tooltip=f"Show one more client, up to {CLIENTS}"
        )
        self._more_why = Changing()
        self.boxes = {item.name: _box_of(item, remote) for item in now.views}
        """Where the views are shown, by their names."""
        self._shown = 1
        self._more.on_click(self._show_more)
        self._again = widgets.Button(
            description="Start the server again", layout={"width": "auto", "display": "none"}
        )
        self._again.on_click(lambda _: self._say(start_again()))
        self.box = widgets.VBox(
            [
                widgets.HTML(picture.STYLE + picture.LOST),
                self._over,
                self._again,
                _Columns(self._controls(), [w for box in self.boxes.values() for w in box.widgets]),
            ],
            layout=widgets.Layout(width="100%"),
        )
        self.box.add_class("socket-panel")

    def _controls(self) -> list[Any]:
        row = widgets.Layout(flex_flow="row wrap", align_items="stretch", width="100%")
        return [
            widgets.Box([each.box for each in self._clients], layout=row),
            widgets.Box([self._more, self._more_why], layout=row),
        ]

    def _say(self, why: str) -> None:
        """Why the server could not be started again."""
        if why:
            _set(self._over, value=picture.over_html(why))

    # Pressed (main thread)

    def _show_more(self, _: Any) -> None:
        self._shown = min(self._shown + 1, CLIENTS)
        self._remote.notice()

    # Shown (the panel's thread)

    def show(self, shown: Snapshot) -> None:
        """Put the snapshot into the widgets. Only what has changed is sent to the page."""
        _set(self._over, value=picture.over_html(shown.over))
        _set(self._again.layout, display=None if shown.can_start_again else "none")
        for number, (box, client) in enumerate(zip(self._clients, shown.clients, strict=True)):
            box.show(client)
            _set(box.box.layout, display=None if number < self._shown else "none")
        full = self._shown == CLIENTS
        _set(self._more, disabled=full or bool(shown.over))
        why = "" if not full else f"<p>Another client is off: {CLIENTS} are the most.</p>"
        _set(self._more_why, value=why)
        for item in shown.views:
            self.boxes[item.name].show(item)

    def switch_off(self, over: str) -> None:
        """The end of the panel, where there is no snapshot to show."""
        _set(self._over, value=picture.over_html(over))
        _set(self._more, disabled=True)
        for box in self._clients:
            box.switch_off()


class _Columns(widgets.Box):  # type: ignore[misc]
    """The controls, and the views at their right where there is room: else below them."""

    def __init__(self, controls: list[Any], views: list[Any]) -> None:
        super().__init__([widgets.VBox(controls), widgets.VBox(views)])
        for box, name in zip([self, *self.children], _PLACES, strict=True):
            box.add_class(name)


_PLACES = ("socket-cockpit", "socket-controls", "socket-views")


class _HtmlBox:
    """A view as HTML."""

    def __init__(self) -> None:
        self.page = Changing()
        self.widgets = [self.page]

    def show(self, item: PanelView) -> None:
        """Show the view as it is now."""
        _set(self.page, value=item.view.html())


class _PictureBox:
    """A view as a picture, a box to tick for who would rather read it as text, and a button to
    begin it anew. The newest line is in view."""

    def __init__(self, name: str, remote: Remote) -> None:
        self.as_text = _Checkbox(description=f"The {name.lower()} as text", indent=False)
        self.image = Changing(follows="div")
        self.text = Changing(follows="pre", layout=widgets.Layout(display="none"))
        for each in (self.image, self.text):
            each.add_class("socket-tall")
        self.anew = widgets.Button(
            description=f"New {name.lower()}",
            tooltip="Begin anew: what was done is not shown",
            layout=widgets.Layout(width="auto"),
        )
        self.anew.on_click(lambda _: remote.begin_anew())
        row = widgets.Layout(flex_flow="row wrap", align_items="center")
        self.widgets = [widgets.Box([self.anew, self.as_text], layout=row), self.image, self.text]
        self._text_wanted = False
        self._remote = remote
        self.as_text.observe(self._switch, "value")

    def _switch(self, change: Any) -> None:
        self._text_wanted = bool(change["new"])
        self._remote.notice()

    def show(self, item: PanelView) -> None:
        """Show the view as it is now, in the form that is wanted."""
        _set(self.image, value=picture.image_html(item))
        _set(self.image.layout, display="none" if self._text_wanted else None)
        _set(self.text, value=picture.text_html(item))
        _set(self.text.layout, display=None if self._text_wanted else "none")


def _box_of(item: PanelView, remote: Remote) -> _HtmlBox | _PictureBox:
    return _PictureBox(item.name, remote) if item.view.svg() else _HtmlBox()


class _ClientBox:
    """The controls of one client."""

    def __init__(self, remote: Remote, client: Client, live: LiveServer) -> None:
        name = client.name
        # ipywidgets keeps widgets, and so what their buttons call: not the server as well.
        server = weakref.ref(live)
        self._status = Changing()
        self._received = Changing(follows="pre")
        self.send = SendBox(name, lambda data, bytewise: remote.send(client, data, bytewise))

        def button(word: str, tooltip: str, act: Callable[[], None]) -> Any:
            made = widgets.Button(description=word, tooltip=f"{name}: {tooltip}")
            made.layout.width = "auto"
            made.on_click(lambda _: act())
            return made

        self.connect = button(
            "Connect",
            "connect to the server",
            lambda: remote.connect(client, _address_of(server)),
        )
        self.half_close = button(
            "Half-close", "send the end, go on receiving", lambda: remote.half_close(client)
        )
        self.close = button("Close", "close the socket", lambda: remote.close(client))
        self.reset = button(
            "Reset", "close immediately, with a reset", lambda: remote.close(client, reset=True)
        )
        row = widgets.Layout(flex_flow="row wrap")
        self.box = widgets.VBox(
            [
                self._status,
                widgets.Box([self.connect], layout=row),
                self.send,
                widgets.Box([self.half_close, self.close, self.reset], layout=row),
                self._received,
            ],
            layout=widgets.Layout(flex="1 1 240px", min_width="0"),
        )
        self.box.add_class("socket-panel-client")

    def show(self, client: ClientState) -> None:
        """Show what it has received, and switch its controls on and off."""
        _set(self._status, value=picture.status_html(client))
        _set(self._received, value=picture.received_html(client))
        _set(self.connect, disabled=not client.can_connect)
        _set(self.send, on=client.can_send)
        _set(self.half_close, disabled=not client.can_half_close)
        _set(self.close, disabled=not client.can_close)
        _set(self.reset, disabled=not client.can_close)

    def switch_off(self) -> None:
        """Nothing can be done any more."""
        _set(self.send, on=False)
        for each in (self.connect, self.half_close, self.close, self.reset):
            _set(each, disabled=True)


def _address_of(server: weakref.ref[LiveServer]) -> Any:
    live = server()
    return None if live is None else live.known_address


def _set(widget: Any, **values: Any) -> None:
    for name, value in values.items():
        if getattr(widget, name) != value:
            setattr(widget, name, value)
