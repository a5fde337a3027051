"""What a test does in JupyterLab: open a lesson, run it, look at what the notebook holds.

What is asserted is what JupyterLab holds and shows, never pixels. The fixtures are in
`browser/conftest.py`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

START_ALL = """async () => {
    const app = window.jupyterapp;
    const panel = app.shell.currentWidget;
    await panel.context.ready;
    await panel.sessionContext.ready;
    await app.commands.execute('notebook:clear-all-cell-outputs');
    void app.commands.execute('notebook:run-all-cells');
}"""
ALL_RAN = """() => [...window.jupyterapp.shell.currentWidget.model.cells].every(
    cell => cell.type !== 'code' || cell.executionCount
)"""
NOTEBOOK = "() => JSON.stringify(window.jupyterapp.shell.currentWidget.model.toJSON())"
OPEN = """path => window.jupyterapp.commands.execute('docmanager:open', { path })
    .then(opened => opened.revealed)"""
CLOSE_OTHERS = """() => {
    const { shell } = window.jupyterapp;
    const others = [...shell.widgets('main')].filter(each => each !== shell.currentWidget);
    others.forEach(each => each.dispose());
}"""
HAS_KERNEL = """path => {
    const { currentWidget } = window.jupyterapp.shell;
    return currentWidget?.context?.path === path
        && currentWidget.sessionContext.session?.kernel != null;
}"""
ACTIVE = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.id"
GO_TO = """id => {
    const { content } = window.jupyterapp.shell.currentWidget;
    const index = content.widgets.findIndex(cell => cell.model.id === id);
    if (index < 0) throw new Error(`this notebook has no cell ${id}`);
    content.activeCellIndex = index;
    content.mode = 'command';
    content.node.focus();
    return content.scrollToItem(index, 'start');
}"""
RESTART = """async () => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    await kernel.restart();
    await kernel.info;
}"""
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save'); }"
DARK = """() => window.jupyterapp.commands.execute(
    "apputils:change-theme", {theme: "JupyterLab Dark"}
)"""


def until_restored(page: Any) -> None:
    """Wait until each plugin of JupyterLab is active: also the one that shows widgets."""
    page.wait_for_function("() => window.jupyterapp", timeout=60_000)
    page.evaluate("() => window.jupyterapp.restored.then(() => null)")


def open_lesson(page: Any, name: str, beside: bool = False) -> None:
    """Open a lesson and wait for its kernel. Close what was open, if it is not `beside` that."""
    path = f"notebooks/{name}"
    page.evaluate(OPEN, path)
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", timeout=60_000)
    page.wait_for_function(HAS_KERNEL, arg=path, timeout=60_000)
    if not beside:
        page.evaluate(CLOSE_OTHERS)


def go_to(page: Any, cell: str) -> None:
    """Select a cell, as a click beside it would. A cell that has moved away is told at once."""
    page.evaluate(GO_TO, cell)
    page.wait_for_function(f"id => ({ACTIVE})() === id", arg=cell)


def run_all(page: Any) -> dict[str, Any]:
    """Run All, wait until the last cell is done, and return the notebook."""
    page.evaluate(START_ALL)
    page.wait_for_function(ALL_RAN, timeout=60_000)
    notebook: dict[str, Any] = json.loads(page.evaluate(NOTEBOOK))
    return notebook


def failed(notebook: dict[str, Any]) -> list[int]:
    """The cells whose output is an error."""
    return [
        number
        for number, cell in enumerate(notebook["cells"])
        if any(output["output_type"] == "error" for output in cell.get("outputs", []))
    ]


def tagged(notebook: dict[str, Any]) -> list[int]:
    """The cells that are there to show an error."""
    return [
        number
        for number, cell in enumerate(notebook["cells"])
        if "raises-exception" in cell["metadata"].get("tags", [])
    ]


def in_theme(page: Any, theme: str) -> None:
    """The page comes in the light theme."""
    if theme == "dark":
        page.evaluate(DARK)
        page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")


def serious(page: Any, where: str) -> list[str]:
    """What axe-core finds serious or critical there."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    response = axe.Axe().run(page, context=where).response
    assert response["passes"]  # it has looked at something
    return [
        f"{each['id']}: {each['help']} {[node['html'][:300] for node in each['nodes']]}"
        for each in response["violations"]
        if each["impact"] in ("serious", "critical")
    ]
