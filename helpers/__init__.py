"""See what sockets do: record their calls, run servers in a thread, ask the kernel.

In a notebook:

    %load_ext helpers
    from helpers import LiveServer, kernel_view, timeline

Rules of this file:

- `import helpers` is quick: each name is loaded when it is first asked for (PEP 562).
- No module of this package has the name of a public function: importing the module would put
  it in the function's place.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.api import panel, patience, predict, progress, progress_bar, recall, timeline
    from helpers.kernel.view import kernel_view
    from helpers.live.server import LiveServer
    from helpers.names import made_up_names
    from helpers.record.model import Deadlock
    from helpers.sockets.install import recording

__all__ = [
    "Deadlock",
    "LiveServer",
    "kernel_view",
    "made_up_names",
    "panel",
    "patience",
    "predict",
    "progress",
    "progress_bar",
    "recall",
    "recording",
    "timeline",
]

_MODULE_OF = {
    "Deadlock": "record.model",
    "LiveServer": "live.server",
    "kernel_view": "kernel.view",
    "made_up_names": "names",
    "panel": "api",
    "patience": "api",
    "predict": "api",
    "progress": "api",
    "progress_bar": "api",
    "recall": "api",
    "recording": "sockets.install",
    "timeline": "api",
}


def __getattr__(name: str) -> Any:
    """A public name that is asked for the first time.

    Raises AttributeError for another one, and ImportError where a file of the learner stands in
    the way of a module that it needs.
    """
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    except (AttributeError, ImportError) as error:
        from helpers.shadowing import shadowed

        if sentences := list(shadowed()):
            raise ImportError("\n".join(sentences)) from error
        raise
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """What completion offers: also the names that are not loaded yet."""
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext helpers`: record the sockets of this notebook.

    Prints a warning for each file beside the notebook that has the name of a module.
    """
    from helpers.shadowing import shadowed

    for sentence in shadowed(""):  # before anything is imported that they may hide
        print(sentence)
    from helpers import notebook

    notebook.load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext helpers`: plain sockets again."""
    from helpers import notebook

    notebook.unload(shell)
