"""When JupyterLab saves a lesson: each card that it shows can be shown again tomorrow.

What a card shows is in its widget's state. JupyterLab saves the states of the widgets whose kernel
runs, and no others (`get_state_sync` in jupyterlab-manager). So after a restart of the kernel a
save would leave views in the notebook without their states: "Error displaying widget: model not
found".

Rules of this file:

- A state that JupyterLab saved before is kept as long as an output shows its widget.
- A view without a state is taken out of the output. What is left is its text and HTML.
- In the committed notebooks nothing of widgets is saved: their states have random names.

It is an extension of Jupyter's server: `jupyter/jupyter_server_config.d` names it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpers.desk.copies import FOLDER

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
CUSTOM = Path(__file__).resolve().parent / "jupyter" / "custom"
REFERENCE = "IPY_MODEL_"
"""How a state names another one: its layout, its children."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "helpers.desk.saving"}]


def _link_jupyter_server_extension(server: Any) -> None:
    """JupyterLab finds the style sheet of the desk, if the learner has none (`custom_css`)."""
    server.static_custom_path = [*server.static_custom_path, str(CUSTOM)]


def _load_jupyter_server_extension(server: Any) -> None:
    server.contents_manager.register_pre_save_hook(before_it_is_saved)


def before_it_is_saved(model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
    """Change what is about to be saved. The server calls it."""
    if model.get("type") != "notebook" or not model.get("content"):
        return
    if not any(re.fullmatch(rf"{FOLDER}(_\w+)?", part) for part in Path(path).parts[:-1]):
        model["content"]["metadata"].pop("widgets", None)
        return
    keep(model["content"], _saved_before(Path(contents_manager.root_dir, path)))


def keep(notebook: dict[str, Any], before: dict[str, Any]) -> None:
    """Give the notebook the states that its views need, and take out the views without one."""
    states = {**before, **_states(notebook)}
    shown = {data[VIEW].get("model_id") for data in _with_a_view(notebook)}
    needed = _all_that(shown & set(states), states)
    for data in _with_a_view(notebook):
        if data[VIEW].get("model_id") not in needed and len(data) > 1:
            del data[VIEW]
    if needed:
        kept = {name: states[name] for name in sorted(needed)}
        whole = {"version_major": 2, "version_minor": 0, "state": kept}
        notebook["metadata"]["widgets"] = {STATE: whole}
    else:
        notebook["metadata"].pop("widgets", None)


def _with_a_view(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if VIEW in output.get("data", {}):
                yield output["data"]


def _all_that(wanted: set[str], states: dict[str, Any]) -> set[str]:
    """These states, and those that they name."""
    found: set[str] = set()
    left = list(wanted)
    while left:
        name = left.pop()
        if name in states and name not in found:
            found.add(name)
            left += _named(states[name])
    return found


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(REFERENCE):
        yield value.removeprefix(REFERENCE)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _named(each)


def _states(notebook: dict[str, Any]) -> dict[str, Any]:
    found = notebook.get("metadata", {}).get("widgets", {}).get(STATE, {}).get("state", {})
    return dict(found) if isinstance(found, dict) else {}


def _saved_before(path: Path) -> dict[str, Any]:
    try:
        return _states(json.loads(path.read_bytes()))
    except (OSError, ValueError, AttributeError):
        return {}  # saved for the first time, or damaged
