"""See what sockets do: record their calls, run servers in a thread, ask the kernel.

In a notebook:

    %load_ext helpers
    from helpers import LiveServer, kernel_view, timeline
"""

from __future__ import annotations

from typing import Any

from helpers.actors import Deadlock
from helpers.instruments import panel, patience, timeline
from helpers.kernel import kernel_view
from helpers.learning import predict, progress, progress_bar, recall
from helpers.live import LiveServer
from helpers.recorder import recording

__all__ = [
    "Deadlock",
    "LiveServer",
    "kernel_view",
    "panel",
    "patience",
    "predict",
    "progress",
    "progress_bar",
    "recall",
    "recording",
    "timeline",
]


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext helpers`: record the sockets of this notebook."""
    from helpers import notebook

    notebook.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext helpers`: plain sockets again."""
    from helpers import notebook

    notebook.unload(shell)
