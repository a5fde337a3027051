"""JupyterLab on the learner's desk: a workspace, settings and a kernel of its own.

Rules of this file:

- JupyterLab runs in this process: Control-C reaches it on every system.
- Its tabs and settings lie in `my_lessons/.desk`. It opens no tab of other work, and changes
  nothing in the JupyterLab that the learner uses elsewhere.
- `jupyter/` beside this file has what Jupyter reads: settings (no question about news, the state
  of widgets is saved), and the kernel of this Python under the name that the lessons ask for. A
  kernel of the same name that the user has installed would be another Python.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from helpers.desk.copies import Desk

JUPYTER = Path(__file__).resolve().parent / "jupyter"


def environment(desk: Desk) -> dict[str, str]:
    """The variables with which JupyterLab is the desk's. What the user has set comes behind."""
    own = desk.folder / ".desk"
    return {
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "JUPYTER_CONFIG_PATH": _before("JUPYTER_CONFIG_PATH"),
        "JUPYTER_PATH": _before("JUPYTER_PATH"),
    }


def options(desk: Desk) -> list[str]:
    """The options of JupyterLab that the learner need not know."""
    chosen = [
        f"--ServerApp.root_dir={desk.root}",
        f"--LabApp.default_url=/lab/tree/{desk.folder.name}/{desk.latest()}",
        "--ServerApp.log_level=WARN",
        "--LabApp.log_level=WARN",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        chosen.append("--allow-root")
    return chosen


def open_lab(desk: Desk, more: Sequence[str]) -> None:
    """Run JupyterLab until it is stopped. Raises ImportError where it is not installed."""
    os.environ.update(environment(desk))  # JupyterLab reads them while it is imported
    # By its name: what only imports the helpers, in lessons of its own, needs no JupyterLab.
    import_module("jupyterlab.labapp").LabApp.launch_instance([*options(desk), *more])


def _before(variable: str) -> str:
    return os.pathsep.join(filter(None, [str(JUPYTER), os.environ.get(variable)]))
