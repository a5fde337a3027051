"""A panel without a browser: what its page would say and show is said and read here."""

from __future__ import annotations

import html as escapes
import re
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from servers import echo_server

from helpers import LiveServer, panel
from helpers.ladder.timeline import Timeline


class Shown:
    """A panel on a page that nobody sees."""

    def __init__(self, target: Callable[..., Any] = echo_server, *args: Any) -> None:
        self.live = LiveServer(target, *args).start().settle()
        self.panel = panel(self.live)
        self.bundle = self.panel._repr_mimebundle_()

    @property
    def card(self) -> Any:
        return self.panel._card

    def press(self, do: str, number: int = 1, **more: Any) -> None:
        """What the page says when a button is pressed."""
        press(self.card, do=do, client=number - 1, **more)

    def send(self, text: str, number: int = 1, bytewise: bool = False, by: str = "text") -> None:
        """A press of Send. `by="ready"`: of one of the buttons beside it."""
        self.press("send", number, bytewise=bytewise, **{by: text})

    def on(self, number: int = 1) -> set[str]:
        """Which buttons of a client can be pressed."""
        return set(self.card.clients[number - 1]["on"])

    def text(self, number: int = 1) -> str:
        """All that is shown of a client."""
        client = self.card.clients[number - 1]
        return plain(client["status"] + client["received"])

    def where(self) -> str:
        return plain(self.view("Server")["html"])

    def kernel(self) -> str:
        """The HTML of the kernel's table."""
        return self.view("Sockets")["html"]

    def picture(self) -> str:
        """The SVG of the ladder, out of the address of its image."""
        shown = escapes.unescape(self.view("Ladder")["html"])
        return unquote(shown.partition("data:image/svg+xml;utf8,")[2].rpartition('"')[0])

    def ladder(self) -> str:
        """The ladder as text."""
        return plain(self.view("Ladder")["text"])

    def view(self, name: str) -> dict[str, str]:
        found: dict[str, str] = next(each for each in self.card.views if each["name"] == name)
        return found

    def timeline(self) -> Timeline:
        """The ladder that the panel would show now."""
        return next(each.view for each in self.panel._snapshot().views if each.name == "Ladder")

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the panel's thread shows it: it is told by the widget, which changes."""
        until(condition, self.card)

    def connect(self, number: int = 1) -> None:
        self.press("connect", number)
        self.until(lambda: "connected to" in self.text(number))

    def ended(self) -> bool:
        self.panel._thread.join(2)
        return not self.panel._thread.is_alive()


def press(card: Any, **said: Any) -> None:
    """What the page says when a button is pressed."""
    message = {"method": "custom", "content": said}
    card._handle_msg({"content": {"data": message}, "buffers": []})


def until(condition: Callable[[], bool], card: Any) -> None:
    changed = threading.Event()

    def tell(_: Any) -> None:
        changed.set()

    card.observe(tell)
    try:
        limit = time.monotonic() + 30  # generous: a machine may be busy
        while not condition():
            assert changed.wait(max(0.0, limit - time.monotonic())), "it is never shown"
            changed.clear()
    finally:
        card.unobserve(tell)


def plain(html: str) -> str:
    """The text that a page would show."""
    return escapes.unescape(re.sub(r"<[^>]*>", "", html))
