"""What a test does in JupyterLab: open a lesson, run it, look at what the notebook holds.

- What is asserted is what JupyterLab holds and shows, never pixels. The fixtures are in
  `browser/conftest.py`.
- A lesson has outputs before anything is run. So a wait for an output may be over before the cell
  has run, and what is looked at then goes away. Here a run is waited for itself, and it has ended
  when the page shows what it gave. A test runs a cell in no other way: `house/test_waits.py`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

NOTEBOOK = "() => JSON.stringify(window.jupyterapp.shell.currentWidget.model.toJSON())"
KERNEL_READY = """async () => {
    const { context, sessionContext } = window.jupyterapp.shell.currentWidget;
    await context.ready;
    await sessionContext.ready;
}"""
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
WATCH = """() => {
    const { model } = window.jupyterapp.shell.currentWidget.content.activeCell;
    const run = { over: model.type !== 'code', cells: [model.id] };
    function look(_, { name, newValue }) {
        if (name !== 'executionCount' || newValue === null) return; // null: it begins
        model.stateChanged.disconnect(look);
        run.over = true;
    }
    if (!run.over) model.stateChanged.connect(look);
    window.socketRun = run;
}"""
"""From now on `socketRun` tells whether the selected cell has run, however that is begun.

JupyterLab takes the number of a cell away when its run begins, and sets it when the kernel has
answered and is idle: then all outputs have come."""
COMMAND = """name => {
    const { commands, shell } = window.jupyterapp;
    const { content } = shell.currentWidget;
    const run = { over: false, cells: content.widgets.map(cell => cell.model.id) };
    window.socketRun = run;
    commands.execute(name).then(() => { run.over = true; });
}"""
RUN_IS_SHOWN = """() => {
    const { over, cells } = window.socketRun;
    if (!over) return false;
    const { widgets } = window.jupyterapp.shell.currentWidget.content;
    const shown = widgets.filter(
        cell => cells.includes(cell.model.id) && cell.node.isConnected && !cell.isPlaceholder()
    );
    return shown.every(cell => {
        const outputs = [...cell.node.querySelectorAll('.jp-OutputArea-output')];
        const parts = outputs.flatMap(each => [each, ...each.querySelectorAll('.lm-Widget')]);
        return outputs.length >= (cell.model.outputs?.length ?? 0)
            && parts.every(each => each.hasChildNodes() && each.innerText !== 'Loading widget...')
            && outputs.every(each => [...each.querySelectorAll('img')].every(img => img.complete));
    });
}"""
"""A cell that has scrolled away is not in the page, and shows nothing."""
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


def run(page: Any, cell: str = "", key: str = "Control+Enter") -> None:
    """Run this cell, or the selected one, with a key, and wait until its output is shown."""
    if cell:
        go_to(page, cell)
    page.evaluate(WATCH)
    page.keyboard.press(key)
    page.wait_for_function(RUN_IS_SHOWN, timeout=60_000)


def run_next(page: Any, cell: str = "") -> None:
    """Run this cell, or the selected one, and go to the next one."""
    if cell:
        go_to(page, cell)
    before = page.evaluate(ACTIVE)
    run(page, key="Shift+Enter")
    page.wait_for_function(f"id => ({ACTIVE})() !== id", arg=before)


def run_up_to(page: Any, cell: str) -> None:
    """Run from the top as a learner does, cell by cell, and stop at this one."""
    go_to(page, "title")
    while page.evaluate(ACTIVE) != cell:
        run_next(page)


def command(page: Any, name: str) -> None:
    """Execute a command of JupyterLab that runs cells, and wait until their outputs are shown."""
    page.evaluate(COMMAND, name)
    page.wait_for_function(RUN_IS_SHOWN, timeout=60_000)


def run_all(page: Any) -> dict[str, Any]:
    """Run All, without what was there before. Returns the notebook."""
    page.evaluate(KERNEL_READY)
    command(page, "notebook:clear-all-cell-outputs")
    command(page, "notebook:run-all-cells")
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
