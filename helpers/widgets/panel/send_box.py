"""What one client sends, as controls in the page. `send_box.js` draws it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from helpers.widgets.panel.remote import READY

_HERE = Path(__file__).resolve().parent


class SendBox(anywidget.AnyWidget):
    """A text field, a box "one byte at a time", Send, and what is there to be sent at once.

    `send(data, one_byte_at_a_time)` is called for each press of Send or Enter. `on` says whether
    there is anything to send to. The client whose box it is in is a group with its name.
    """

    _esm = (_HERE / "send_box.js").read_text(encoding="utf-8")
    _css = (_HERE / "send_box.css").read_text(encoding="utf-8")
    name = traitlets.Unicode().tag(sync=True)
    on = traitlets.Bool(False).tag(sync=True)
    ready = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, name: str, send: Callable[[bytes, bool], None]) -> None:
        super().__init__(name=name, ready=list(READY))
        self.on_msg(lambda _, said, buffers: send(_data(said), bool(said["bytewise"])))


def _data(said: Any) -> bytes:
    """What is to be sent: what was typed, in UTF-8, or what was ready."""
    if "ready" in said:
        return READY[str(said["ready"])]
    return str(said["text"]).encode("utf-8", "surrogatepass")
