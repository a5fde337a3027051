"""The panel: a remote control for up to three clients, and a window on one live server.

Rules of this file:

- A button's callback acts, and shows nothing. One thread, the panel's own, sets what the
  widgets show: so no update overtakes another one.
- It looks when something has happened, at most every `PAUSE` seconds. While nothing happens it
  sleeps, without a timeout.
- It ends with its server, however that ends: the clients are closed, the controls are switched
  off, and the thread is gone.

Theory of operation. The record tells of each call, each wait and each end (`Record.subscribe`).
The thread then lets the server come to rest, receives what it has sent, takes a `Snapshot`, and
puts it into the widgets. What has not changed is not sent to the page.

The page shows the widgets. Where there are none (a terminal, a web page made of the notebook),
it shows the snapshot that was taken when the panel was displayed.
"""

from __future__ import annotations

import contextvars
import html
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
from traitlets import Bool, Unicode

from helpers.deadlock import address_text
from helpers.kernel import KernelView, kernel_view
from helpers.live import LiveServer
from helpers.record import record
from helpers.visible import visible
from helpers.widgets import picture
from helpers.widgets.picture import Snapshot, Standing
from helpers.widgets.remote import CLIENTS, Client, Remote
from helpers.widgets.story import Story

PAUSE = 0.1
"""Seconds from one look to the next, at least: ten times a second is as fast as one can see."""

REST = 0.15
"""Seconds given to the server to come to rest before it is looked at."""

COST = 3
"""A look that takes long makes the pause longer: this many times as long as the look."""

ENDED = (
    "The server has ended, and this panel with it. "
    "To go on, run the cell of the server again, and then the cell of this panel."
)
REPLACED = "Another panel of this server was opened; this one has ended."

_panels: weakref.WeakKeyDictionary[LiveServer, Panel] = weakref.WeakKeyDictionary()
"""The panel of each server: there is one at a time."""


class Panel:
    """What `helpers.panel(live)` gives. A cell that ends with it shows it."""

    def __init__(self, live: LiveServer) -> None:
        if not isinstance(live, LiveServer):
            raise TypeError(
                "panel() needs a LiveServer, such as panel(LiveServer(echo_server).start()); "
                f"it got {type(live).__name__} {live!r:.60}."
            )
        if live.look().state == "not started":
            raise RuntimeError(f"{live.name} was not started: call start() before panel().")
        before = _panels.get(live)
        if before is not None:
            before.close()
        _panels[live] = self
        self.looks = 0
        """How often the thread has looked at the server and its clients."""
        self._live = live
        self._remote = Remote(live.actor)
        actors = [client.state.actor for client in self._remote.clients]
        self._story = Story([live.actor.actor, *actors])
        self._over = ""
        self._closing = False
        self._thread: threading.Thread | None = None
        self._page: Page | None = None

    # Shown

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        now = self._snapshot_at_rest()
        if self._page is None:
            self._page = Page(self._remote, self._live)
            self._page.show(now)
            self._start()
        return {
            "text/plain": picture.static_text(now),
            "text/html": picture.static_html(now),
            **self._page.view(),
        }

    def __repr__(self) -> str:
        return picture.static_text(self._snapshot_at_rest())

    def _snapshot_at_rest(self) -> Snapshot:
        """What there is to be seen once the server has come to rest: the same in every run."""
        self._live.where  # noqa: B018  (it waits for that)
        return self._snapshot()

    def _snapshot(self) -> Snapshot:
        remote, address = self._remote, self._live.known_address
        with remote.lock:
            timeline = self._story.timeline(address)
            clients = tuple(
                picture.standing(client, address, self._over) for client in remote.clients
            )
        return Snapshot(self._live.look(), timeline, self._kernel(address), clients, self._over)

    def _kernel(self, address: Any) -> KernelView | None:
        if not isinstance(address, tuple):
            return None
        names = {
            (address_text(local), address_text(peer) if peer else "-"): name
            for (local, peer), name in self._story.names().items()
        }
        return picture.named(kernel_view(address[:2]), names)

    # The thread

    def _start(self) -> None:
        if self._live.actor is not self._remote.server or not self._runs():
            self._end(ENDED)
            return
        # In the context of the cell, what the thread sends to the page is the cell's. Jupyter
        # lets a press of a button be handled where the button was last spoken to (ipykernel
        # 7.4): so in the thread of the cells, in the order in which things were done.
        self._thread = threading.Thread(
            target=contextvars.copy_context().run,
            args=(self._watch,),
            name=f"panel of {self._live.name}",
            daemon=True,
        )
        record.strangers.add(self._thread)  # it makes no call that a deadlock could hope for
        self._remote.listen()
        self._thread.start()

    def _runs(self) -> bool:
        return self._remote.server in record.living

    def _watch(self) -> None:
        remote = self._remote
        remote.reader = threading.get_ident()
        with record.acting_as(remote.onlooker):
            try:
                self._look_while_it_runs()
                why = REPLACED if self._closing else ENDED
            except Exception as error:
                why = f"The panel has ended with an error. {type(error).__name__}: {error}"
            self._end(why)

    def _look_while_it_runs(self) -> None:
        remote = self._remote
        next_look = 0.0
        while self._runs() and not self._closing:
            now = time.monotonic()
            if remote.has_news and now >= next_look:
                self._look()
                next_look = now + max(PAUSE, COST * (time.monotonic() - now))
            else:
                remote.wait(next_look - now if remote.has_news else None)
                remote.read()

    def _look(self) -> None:
        """Let everything that was begun come to its end, and show it."""
        remote = self._remote
        limit = time.monotonic() + REST
        with remote.lock:
            pass  # what a button has begun is seen whole
        at_rest = True
        while at_rest:
            at_rest = record.settle([remote.server], max(0.0, limit - time.monotonic()))
            if not remote.read():
                break
        remote.forget_news()
        self._show()

    def _show(self) -> None:
        self.looks += 1
        if self._page is not None:
            self._page.show(self._snapshot())

    def _end(self, why: str) -> None:
        self._over = why
        if _panels.get(self._live) is self:
            del _panels[self._live]
        with self._remote.lock:
            self._remote.read()
            self._remote.end()
        self._show()

    def close(self) -> None:
        """End the panel: its clients are closed, and its thread is gone. The server stays."""
        thread = self._thread
        if thread is None:
            if not self._over:
                self._end(REPLACED)
            return
        self._closing = True
        self._remote.notice()
        if thread is not threading.current_thread():
            thread.join(2)


class _Picture(widgets.Image):  # type: ignore[misc]
    """An image whose `tooltip` is its name for those who do not see it (HTML's `title`).

    The page sets a title only on a widget that says it has no description (ipywidgets 8.1).
    """

    description = Unicode("").tag(sync=True)


class _Text(widgets.Text):  # type: ignore[misc]
    """A text field that is not told back what was typed.

    The echo would be the last thing said to it, and from then on (see `Panel._start`) what is
    typed would be handled in another thread than the press of Send: perhaps after it.
    """

    value = Unicode("").tag(sync=True, echo_update=False)


class _Checkbox(widgets.Checkbox):  # type: ignore[misc]
    """A box that is not told back whether it was ticked, for the same reason."""

    value = Bool(False).tag(sync=True, echo_update=False)


class Page:
    """The widgets of one panel."""

    def __init__(self, remote: Remote, live: LiveServer) -> None:
        self._remote = remote
        self._clients = [_ClientBox(remote, client, live) for client in remote.clients]
        for box in self._clients[1:]:
            box.box.layout.display = "none"
        self._over = widgets.HTML()
        self._more = widgets.Button(
            description="Another client", tooltip=f"Show one more client, up to {CLIENTS}"
        )
        self._more_why = widgets.HTML()
        self._as_text = _Checkbox(description="The ladder as text", indent=False)
        self._where = widgets.HTML()
        self._ladder = _Picture(format="svg+xml")
        self._ladder_text = widgets.HTML(layout=widgets.Layout(display="none"))
        self._kernel = widgets.HTML()
        self._text_wanted = False
        self._shown = 1
        self._more.on_click(self._show_more)
        self._as_text.observe(self._switch, "value")
        row = widgets.Layout(flex_flow="row wrap", align_items="stretch", width="100%")
        self._box = widgets.VBox(
            [
                widgets.HTML(picture.STYLE + picture.LOST),
                self._over,
                widgets.Box([each.box for each in self._clients], layout=row),
                widgets.Box([self._more, self._more_why], layout=row),
                self._where,
                self._as_text,
                self._ladder,
                self._ladder_text,
                self._kernel,
            ],
            layout=widgets.Layout(width="100%"),
        )
        self._box.add_class("socket-panel")

    def view(self) -> dict[str, Any]:
        """What makes JupyterLab show the widgets."""
        bundle: dict[str, Any] = self._box._repr_mimebundle_()
        return {kind: shown for kind, shown in bundle.items() if kind != "text/plain"}

    # Pressed (main thread)

    def _show_more(self, _: Any) -> None:
        self._shown = min(self._shown + 1, CLIENTS)
        self._remote.notice()

    def _switch(self, change: Any) -> None:
        self._text_wanted = bool(change["new"])
        self._remote.notice()

    # Shown (the panel's thread)

    def show(self, shown: Snapshot) -> None:
        """Put the snapshot into the widgets. Only what has changed is sent to the page."""
        over = (
            f'<p role="status"><b>{html.escape(visible(shown.over))}</b></p>' if shown.over else ""
        )
        _set(self._over, value=over)
        for number, (box, client) in enumerate(zip(self._clients, shown.clients, strict=True)):
            box.show(client)
            _set(box.box.layout, display=None if number < self._shown else "none")
        full = self._shown == CLIENTS
        _set(self._more, disabled=full or bool(shown.over))
        why = "" if not full else f"<p>Another client is off: {CLIENTS} are the most.</p>"
        _set(self._more_why, value=why)
        _set(self._where, value=picture.where_html(shown.where))
        _set(self._ladder, value=shown.timeline.svg().encode())
        _set(self._ladder, tooltip=picture.ladder_title(shown.timeline))
        _set(self._ladder.layout, display="none" if self._text_wanted else None)
        _set(self._ladder_text, value=picture.ladder_html(shown.timeline))
        _set(self._ladder_text.layout, display=None if self._text_wanted else "none")
        _set(self._kernel, value=picture.kernel_html(shown.kernel))


class _ClientBox:
    """The controls of one client."""

    def __init__(self, remote: Remote, client: Client, live: LiveServer) -> None:
        name = client.name
        self._status = widgets.HTML()
        self._received = widgets.HTML()
        # The value comes with the end of typing. One message for each key could come later
        # than the press of the button: the page holds messages back while the kernel works.
        self.text = _Text(
            description=f"{name} sends", placeholder="some text", continuous_update=False
        )
        self.text.style.description_width = "initial"
        self.bytewise = _Checkbox(description="one byte at a time", indent=False)

        def button(word: str, tooltip: str, act: Callable[[], None]) -> Any:
            made = widgets.Button(
                description=word,
                tooltip=f"{name}: {tooltip}",
                layout=widgets.Layout(width="auto"),
            )
            made.on_click(lambda _: act())
            return made

        self.connect = button(
            "Connect",
            "connect to the server",
            lambda: remote.connect(client, live.known_address),
        )
        self.send = button(
            "Send",
            "send the text",
            lambda: remote.send(client, self.text.value, self.bytewise.value),
        )
        self.half_close = button(
            "Half-close", "send the end, go on receiving", lambda: remote.half_close(client)
        )
        self.close = button("Close", "close the socket", lambda: remote.close(client))
        self.reset = button(
            "Reset", "close at once, with a reset", lambda: remote.close(client, reset=True)
        )
        row = widgets.Layout(flex_flow="row wrap")
        self.box = widgets.VBox(
            [
                self._status,
                widgets.Box([self.connect], layout=row),
                self.text,
                self.bytewise,
                widgets.Box([self.send, self.half_close, self.close, self.reset], layout=row),
                self._received,
            ],
            layout=widgets.Layout(flex="1 1 240px", min_width="0"),
        )
        self.box.add_class("socket-panel-client")

    def show(self, client: Standing) -> None:
        """Show how the client stands."""
        _set(self._status, value=picture.status_html(client))
        _set(self._received, value=picture.received_html(client))
        _set(self.connect, disabled=not client.can_connect)
        _set(self.send, disabled=not client.can_send)
        _set(self.half_close, disabled=not client.can_half_close)
        _set(self.close, disabled=not client.can_close)
        _set(self.reset, disabled=not client.can_close)


def _set(widget: Any, **values: Any) -> None:
    for name, value in values.items():
        if getattr(widget, name) != value:
            setattr(widget, name, value)
