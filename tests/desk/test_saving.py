"""What is saved of the widgets: each view with its state, or no view."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from helpers.desk.saving import STATE, VIEW, before_it_is_saved

CARD = {"state": {"layout": "IPY_MODEL_layout", "children": ["IPY_MODEL_child", "plain"]}}


def notebook(states: dict[str, Any] | None, *views: str) -> dict[str, Any]:
    """A notebook whose outputs show these widgets."""
    metadata = {} if states is None else {"widgets": {STATE: {"state": states}}}
    outputs = [
        {"data": {VIEW: {"model_id": name}, "text/plain": f"text of {name}"}} for name in views
    ]
    cells = [{"cell_type": "markdown", "source": ""}, {"cell_type": "code", "outputs": outputs}]
    return {"cells": cells, "metadata": metadata}


def saved(root: Path, content: Any, path: str = "my_lessons/05.ipynb") -> Any:
    """What is in the file when JupyterLab has saved this."""
    content = deepcopy(content)
    model = {"type": "notebook", "content": content}
    before_it_is_saved(model=model, path=path, contents_manager=SimpleNamespace(root_dir=root))
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text(json.dumps(content))
    return content


def views(content: Any) -> list[str]:
    outputs = content["cells"][1]["outputs"]
    return [each["data"][VIEW]["model_id"] for each in outputs if VIEW in each["data"]]


def states(content: Any) -> set[str]:
    return set(content["metadata"].get("widgets", {STATE: {"state": {}}})[STATE]["state"])


def test_a_state_is_saved_with_all_that_it_names_and_no_other(tmp_path: Path) -> None:
    all_states = {"card": CARD, "layout": {}, "child": {"state": {"a": {"b": "IPY_MODEL_deep"}}}}
    all_states |= {"deep": {}, "of a deleted cell": {}}
    content = saved(tmp_path, notebook(all_states, "card"))
    assert states(content) == {"card", "layout", "child", "deep"}
    assert views(content) == ["card"]


@pytest.mark.parametrize("after", [{}, None, {"new": {"state": {}}}])
def test_a_state_that_jupyterlab_no_longer_has_is_kept(tmp_path: Path, after: Any) -> None:
    saved(tmp_path, notebook({"card": CARD, "layout": {}, "child": {}}, "card"))
    content = saved(tmp_path, notebook(after, "card", *(after or {})))
    assert states(content) >= {"card", "layout", "child"}
    assert views(content)[0] == "card"


def test_a_newer_state_counts(tmp_path: Path) -> None:
    saved(tmp_path, notebook({"card": {"state": {"chosen": 1}}}, "card"))
    content = saved(tmp_path, notebook({"card": {"state": {"chosen": 2}}}, "card"))
    assert content["metadata"]["widgets"][STATE]["state"]["card"]["state"] == {"chosen": 2}


def test_a_view_without_a_state_is_taken_out_and_its_text_stays(tmp_path: Path) -> None:
    content = saved(tmp_path, notebook({}, "card"))
    assert content["cells"][1]["outputs"] == [{"data": {"text/plain": "text of card"}}]
    assert "widgets" not in content["metadata"]


def test_states_go_with_the_last_output_that_needs_them(tmp_path: Path) -> None:
    saved(tmp_path, notebook({"card": {"state": {}}}, "card"))
    assert "widgets" not in saved(tmp_path, notebook({}))["metadata"]


@pytest.mark.parametrize(
    "before", ["", "{", "[]", '{"metadata": 5}', '{"metadata": {"widgets": 1}}']
)
def test_a_damaged_file_is_no_reason_not_to_save(tmp_path: Path, before: str) -> None:
    (tmp_path / "my_lessons").mkdir()
    (tmp_path / "my_lessons" / "05.ipynb").write_text(before)
    assert views(saved(tmp_path, notebook({"card": {"state": {}}}, "card"))) == ["card"]


@pytest.mark.parametrize(
    "path", ["notebooks/05.ipynb", "05.ipynb", "my_lessons.ipynb", "my_lessons-2/05.ipynb"]
)
def test_elsewhere_nothing_of_widgets_is_saved(tmp_path: Path, path: str) -> None:
    content = saved(tmp_path, notebook({"card": {"state": {}}}, "card"), path)
    assert "widgets" not in content["metadata"]
    assert views(content) == ["card"]


def test_lessons_in_another_language_are_saved_as_those_in_english(tmp_path: Path) -> None:
    content = saved(tmp_path, notebook({"card": {"state": {}}}, "card"), "my_lessons_eo/05.ipynb")
    assert "widgets" in content["metadata"]


@pytest.mark.parametrize("model", [{"type": "file", "content": "x"}, {"type": "notebook"}])
def test_what_is_no_notebook_is_left_alone(model: dict[str, Any]) -> None:
    before = deepcopy(model)
    before_it_is_saved(model=model, path="my_lessons/x", contents_manager=None)
    assert model == before
