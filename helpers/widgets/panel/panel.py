"""The panel: a remote control for up to three clients, and a window on one live server.

Rules of this file:

- One thread, the panel's own, sets what the widget shows: so no update overtakes another one.
- It looks when something has happened, at most every `PAUSE` seconds. While nothing happens it
  sleeps, without a timeout.
- It ends with its server, however that ends: the clients are closed, the controls are switched
  off, and the thread is gone.

Theory of operation. The record tells of each call, each wait and each end (`record.watchers`).
The thread then lets the server come to rest, receives what it has sent, takes a `Snapshot`, and
puts it into the widget. What has not changed is not sent to the page.

The page shows the widget. Where there is none (a terminal, a web page made of the notebook),
it shows the snapshot that was taken when the panel was displayed.
"""

from __future__ import annotations

import contextvars
import threading
import time
import weakref
from typing import Any

from helpers.live.server import LOOK_TIME, LiveServer
from helpers.record.record import record
from helpers.text import error_text
from helpers.view import View
from helpers.widgets.panel import picture
from helpers.widgets.panel.page import Page, PanelCard
from helpers.widgets.panel.picture import Snapshot
from helpers.widgets.panel.remote import Remote
from helpers.widgets.panel.story import Story
from helpers.widgets.panel.views import views_of
from helpers.widgets.panel.words import REFUSED, STATE, WORDS
from helpers.widgets.showing import view_of

PAUSE = 0.1
"""Seconds from one look to the next, at least: nobody reads more than ten pictures a second."""

REST = 0.15
"""Seconds given to the server to come to rest before it is looked at.

One that takes longer is shown as it is: with `PAUSE`, a press is answered in a quarter of a second.
"""

COST = 3
"""A look that takes long makes the pause longer: this many times as long as the look."""

END = WORDS.part("end")

_panels: weakref.WeakKeyDictionary[LiveServer, weakref.ref[Panel]] = weakref.WeakKeyDictionary()
"""The panel of each server: there is one at a time. Neither is kept alive by standing here."""


class Panel(View):
    """What `helpers.panel(live)` gives. A cell that ends with it shows it."""

    def __init__(self, live: LiveServer) -> None:
        if not isinstance(live, LiveServer):
            given = f"{type(live).__name__} {live!r:.60}"
            raise TypeError(REFUSED("no server", given=given))
        if live.snapshot().state == "not started":
            raise RuntimeError(REFUSED("not started", name=live.name))
        before = _panel_of(live)
        if before is not None:
            before.close()
        _panels[live] = weakref.ref(self)
        self.looks = 0
        """How often the thread has looked at the server and its clients."""
        self._live = live
        self._remote = Remote(live.actor)
        actors = [client.state.actor for client in self._remote.clients]
        # What the server did before is not told, so it gets more time than one who looks gives it.
        record.waiting.settle([live.actor], LOOK_TIME)
        self._story = Story([live.actor.actor, *actors])
        self._over = ""
        self._closing = False
        self._thread: threading.Thread | None = None
        self._card: PanelCard | None = None
        """What the page shows. Another panel of the server may take it over."""
        self._page: Page | None = None

    # Shown

    @property
    def summary(self) -> str:
        """How to get the panel itself."""
        return STATE["static"]

    def forms(self) -> dict[str, Any]:
        """The widgets, and the panel as it is now: the same moment in all of them."""
        now = self._snapshot_at_rest()
        if self._card is None:
            self._show_in(PanelCard(now), now)
        return {**now.forms(), **view_of(self._card)}

    def _show_in(self, card: PanelCard, now: Snapshot) -> None:
        """Show this panel in the card, in the place of what was there."""
        server = weakref.ref(self._live)
        self._card = card
        self._page = Page(card, self._remote, self._live, lambda: _start_again(server, card))
        self._page.show(now)
        self._start()

    def text(self) -> str:
        """Where the server stands, and the ladder."""
        return self._snapshot_at_rest().text()

    def html(self) -> str:
        """The same as a page in which nothing can be pressed."""
        return self._snapshot_at_rest().html()

    def _snapshot_at_rest(self) -> Snapshot:
        """What there is to be seen once the server has come to rest: the same in every run."""
        self._live.where  # noqa: B018  (it waits for that)
        return self._snapshot()

    def _snapshot(self) -> Snapshot:
        address = self._live.known_address
        remote = self._remote
        with remote.lock:
            if remote.wants_anew:
                remote.wants_anew = False
                self._story.timeline(address)  # what is new up to now is not shown either
                self._story.begin_anew()
            timeline = self._story.timeline(address, remote.mark)
            remote.seen = max(remote.seen, self._story.clock)
            names = self._story.names()
            clients = tuple(
                picture.client_state(client, address, self._over, remote.presses)
                for client in remote.clients
            )
        views = views_of(self._live, timeline, names)
        return Snapshot(views, clients, self._over, self._over not in ("", END["replaced"]))

    # The thread

    def _start(self) -> None:
        if self._over:
            return
        if self._live.actor is not self._remote.server or not self._runs():
            self._end(END["ended"])
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
        record.actors.ignore(self._thread)  # no wait of another thread may depend on it
        self._remote.listen()
        self._thread.start()

    def _runs(self) -> bool:
        return self._remote.server in record.actors.active

    def _watch(self) -> None:
        remote = self._remote
        remote.reader = threading.get_ident()
        with record.actors.acting_as(remote.onlooker):
            try:
                self._look_while_it_runs()
                why = END["replaced" if self._closing else "ended"]
            except Exception as error:
                why = END("error", error=error_text(error))
            self._end(why)

    def _look_while_it_runs(self) -> None:
        remote = self._remote
        next_look = 0.0
        while self._runs() and not self._closing:
            now = time.monotonic()
            if remote.has_changed and now >= next_look:
                self._look()
                next_look = now + max(PAUSE, COST * (time.monotonic() - now))
            else:
                remote.wait(next_look - now if remote.has_changed else None)
                remote.read()

    def _look(self) -> None:
        """Let everything that was begun come to its end, and show it."""
        remote = self._remote
        limit = time.monotonic() + REST
        with remote.lock:
            pass  # what a button has begun is seen whole
        at_rest = True
        while at_rest:
            at_rest = record.waiting.settle([remote.server], max(0.0, limit - time.monotonic()))
            if not remote.read():
                break
        self.looks += 1
        remote.begin_look()
        self._show()

    def _show(self) -> None:
        if self._page is not None:
            self._page.show(self._snapshot())

    def _end(self, why: str) -> None:
        self._over = why
        if _panel_of(self._live) is self:
            del _panels[self._live]
        with self._remote.lock:
            self._remote.read()
            self._remote.end()
        try:
            self._show()
        except Exception:  # what is to be shown may be what has failed
            if self._page is not None:
                self._page.switch_off(why)

    def close(self) -> None:
        """End the panel: its clients are closed, and its thread is gone. The server stays."""
        thread = self._thread
        if thread is None:
            if not self._over:
                self._end(END["replaced"])
            return
        self._closing = True
        self._remote.notice()
        if thread is not threading.current_thread():
            thread.join(2)


def _start_again(server: weakref.ref[LiveServer], card: PanelCard) -> str:
    """Start the server again, with a panel in the same place. Returns why that cannot be."""
    live = server()
    if live is None:
        return END["gone"]
    try:
        if live.snapshot().state in ("finished", "failed"):
            live.start().settle()
        again = Panel(live)
        again._show_in(card, again._snapshot_at_rest())
    except Exception as error:  # a button of the page has nobody to raise it to
        return error_text(error)
    return ""


def _panel_of(live: LiveServer) -> Panel | None:
    found = _panels.get(live)
    return None if found is None else found()
