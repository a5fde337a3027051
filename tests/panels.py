"""A panel without a browser: its buttons are pressed here, its values are read here.

`widget.click()` runs a button's callback as a press in the page does.
"""

from __future__ import annotations

import html as escapes
import itertools
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
    def page(self) -> Any:
        return self.panel._page

    def client(self, number: int = 1) -> Any:
        return self.page._clients[number - 1]

    def text(self, number: int = 1) -> str:
        """All that is shown of a client."""
        box = self.client(number)
        return plain(box._status.value + box._received.value)

    def where(self) -> str:
        return plain(self.page.boxes["Server"].page.value)

    def kernel(self) -> str:
        """The HTML of the kernel's table."""
        return str(self.page.boxes["Sockets"].page.value)

    def picture(self) -> str:
        """The SVG of the ladder, out of the address of its image."""
        shown = escapes.unescape(self.page.boxes["Ladder"].image.value)
        return unquote(shown.partition("data:image/svg+xml;utf8,")[2].rpartition('"')[0])

    def read_as_text(self) -> str:
        """Tick the box of the ladder. Its text, once it is shown."""
        ladder = self.page.boxes["Ladder"]
        ladder.as_text.value = True
        self.until(lambda: ladder.text.layout.display is None)
        return plain(ladder.text.value)

    def timeline(self) -> Timeline:
        """The ladder that the panel would show now."""
        return next(each.view for each in self.panel._snapshot().views if each.name == "Ladder")

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the panel's thread shows it: it is told by the widget that changes."""
        until(condition, self.widgets())

    def widgets(self) -> list[Any]:
        all_boxes = [*self.page._clients, *self.page.boxes.values()]
        boxes = [[*vars(box).values()] for box in all_boxes]
        found = [*vars(self.page).values(), *itertools.chain.from_iterable(boxes)]
        found = [each for each in found if hasattr(each, "observe")]
        return [*found, *(each.layout for each in found if hasattr(each, "layout"))]

    def send(self, text: str, number: int = 1, bytewise: bool = False, by: str = "text") -> None:
        """What the page says when Send is pressed. `by="ready"`: one of the buttons beside it."""
        pressed = {"method": "custom", "content": {by: text, "bytewise": bytewise}}
        box = self.client(number).send
        box._handle_msg({"content": {"data": pressed}, "buffers": []})

    def connect(self, number: int = 1) -> None:
        self.client(number).connect.click()
        self.until(lambda: "connected to" in self.text(number))

    def ended(self) -> bool:
        self.panel._thread.join(2)
        return not self.panel._thread.is_alive()


def until(condition: Callable[[], bool], widgets: list[Any]) -> None:
    changed = threading.Event()

    def tell(_: Any) -> None:
        changed.set()

    for widget in widgets:
        widget.observe(tell)
    try:
        limit = time.monotonic() + 5
        while not condition():
            assert changed.wait(max(0.0, limit - time.monotonic())), "it is never shown"
            changed.clear()
    finally:
        for widget in widgets:
            widget.unobserve(tell)


def plain(html: str) -> str:
    """The text that a page would show."""
    return escapes.unescape(re.sub(r"<[^>]*>", "", html))
