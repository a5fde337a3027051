"""What one client sends, as controls in the page. `send_box.js` draws it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).resolve().parent


class SendBox(anywidget.AnyWidget):
    """A text field, a box "one byte at a time", and Send.

    `send(text, one_byte_at_a_time)` is called for each press of Send or Enter. `on` says whether
    there is anything to send to.
    """

    _esm = (_HERE / "send_box.js").read_text(encoding="utf-8")
    _css = (_HERE / "send_box.css").read_text(encoding="utf-8")
    name = traitlets.Unicode().tag(sync=True)
    on = traitlets.Bool(False).tag(sync=True)

    def __init__(self, name: str, send: Callable[[str, bool], None]) -> None:
        super().__init__(name=name)
        self.on_msg(lambda _, said, buffers: send(str(said["text"]), bool(said["bytewise"])))
