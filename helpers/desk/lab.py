"""JupyterLab on the learner's desk: a workspace, settings and a kernel of its own.

Rules of this file:

- JupyterLab runs in this process: Control-C reaches it on every system.
- Its tabs and settings lie in `my_lessons/.desk`. It opens no tab of other work, and changes
  nothing in the JupyterLab that the learner uses elsewhere.
- `jupyter/` beside this file has what Jupyter reads: settings (no question about news, the state
  of widgets is saved), and the kernel of this Python under the name that the lessons ask for. A
  kernel of the same name that the user has installed would be another Python.
- Beside lessons in another language JupyterLab speaks it too, if its language pack is installed,
  and breaks lines where that language does (`jupyter/custom/custom.css`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from helpers.desk.copies import Desk
from helpers.desk.notebook_file import replace

JUPYTER = Path(__file__).resolve().parent / "jupyter"


def environment(desk: Desk) -> dict[str, str]:
    """The variables with which JupyterLab is the desk's. What the user has set comes behind."""
    own = _own(desk)
    return {
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "JUPYTER_CONFIG_PATH": _before("JUPYTER_CONFIG_PATH", own / "jupyter"),
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


def choose_language(desk: Desk) -> None:
    """Write the setting that says which language JupyterLab speaks. Raises OSError."""
    packs = entry_points(group="jupyterlab.languagepack").names
    locale = next((each for each in sorted(packs) if each.partition("_")[0] == desk.language), "")
    if locale:
        folder = _own(desk) / "jupyter" / "labconfig"
        folder.mkdir(parents=True, exist_ok=True)
        setting = {"@jupyterlab/translation-extension:plugin": {"locale": locale}}
        replace(folder / "default_setting_overrides.json", json.dumps(setting) + "\n")


def _own(desk: Desk) -> Path:
    return desk.folder / ".desk"


def _before(variable: str, *own: Path) -> str:
    before = [*map(str, own), str(JUPYTER), os.environ.get(variable)]
    return os.pathsep.join(filter(None, before))
