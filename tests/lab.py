"""What a test does in JupyterLab: open a lesson, run it, look at what the notebook holds.

- What is asserted is what JupyterLab holds and shows, never pixels. The fixtures are in
  `browser/conftest.py`.
- A lesson has outputs before anything is run. So a wait for an output may be over before the cell
  has run, and what is looked at then goes away. Here a run is waited for itself, and it has ended
  when the page shows what it gave. A test runs a cell in no other way: `house/test_waits.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from pages import until, until_drawn

NOTEBOOK = "() => JSON.stringify(window.jupyterapp.shell.currentWidget.model.toJSON())"
OPEN = """path => window.jupyterapp.commands.execute('docmanager:open', { path })
    .then(opened => opened.revealed)"""
CLOSE_OTHERS = """() => {
    const { shell } = window.jupyterapp;
    const others = [...shell.widgets('main')].filter(each => each !== shell.currentWidget);
    others.forEach(each => each.dispose());
}"""
IS_OPEN = """async path => {
    const { currentWidget } = window.jupyterapp?.shell ?? {};
    if (currentWidget?.context?.path !== path || !currentWidget.context.isReady) return false;
    const { isReady, session } = currentWidget.sessionContext;
    if (!isReady || !session?.kernel) return false;
    await session.kernel.info;
    return session.kernel.status === 'idle'
        && currentWidget.node.querySelector('.jp-CodeCell') !== null;
}"""
"""The notebook is in front, and its kernel has answered and waits for a cell."""
ACTIVE = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.id"
GO_TO = """id => {
    const { content } = window.jupyterapp.shell.currentWidget;
    const index = content.widgets.findIndex(cell => cell.model.id === id);
    if (index < 0) throw new Error(`this notebook has no cell ${id}`);
    content.activeCellIndex = index;
    content.mode = 'command';
    content.node.focus();
    content.scrollToItem(index, 'start').catch(() => {}); // another scroll may end this one
}"""
IS_IN_VIEW = """id => {
    const { activeCell } = window.jupyterapp.shell.currentWidget.content;
    const { top, bottom } = activeCell.node.getBoundingClientRect();
    return activeCell.model.id === id && activeCell.node.isConnected
        && !activeCell.isPlaceholder() && top < innerHeight && bottom > 0;
}"""
NOT_WINDOWED = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.notebookConfig = { ...content.notebookConfig, windowingMode: 'none' };
}"""
ALL_RAN = """() => [...window.jupyterapp.shell.currentWidget.model.cells].every(
    cell => cell.type !== 'code' || cell.executionCount
)"""
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
    const { widgets } = window.jupyterapp.shell.currentWidget.content;
    const runs = cell => cells.includes(cell.model.id) && cell.model.executionState === 'running';
    if (!over || widgets.some(runs)) return false; // a command ends with the first cell that fails
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
AT_REST = """async () => {
    const panel = window.jupyterapp.shell.currentWidget;
    const kernel = panel.sessionContext.session?.kernel;
    if (kernel?.status !== 'idle') return false;
    await kernel.info;
    const subshells = await kernel.requestListSubshell({}).done;
    return subshells.content.subshell_id.length > 0
        && [...panel.model.cells].every(cell => cell.executionState !== 'running');
}"""
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save'); }"
THEME = """light => window.jupyterapp.commands.execute(
    'apputils:change-theme', { theme: light ? 'JupyterLab Light' : 'JupyterLab Dark' }
)"""
HAS_THEME = "light => document.body.dataset.jpThemeLight === String(light)"
"""JupyterLab says so when the theme is loaded. The command ends before that."""
SIDE_PANELS_AWAY = """() => {
    const { shell } = window.jupyterapp;
    shell.collapseLeft();
    shell.collapseRight();
}"""
FITS = """size => {
    const { right } = window.jupyterapp.shell.currentWidget.node.getBoundingClientRect();
    return innerWidth === size.width && innerHeight === size.height && right <= innerWidth + 1;
}"""


def until_restored(page: Any) -> None:
    """Wait until each plugin of JupyterLab is active: also the one that shows widgets."""
    until(page, "() => window.jupyterapp !== undefined")
    page.evaluate("() => window.jupyterapp.restored.then(() => null)")


def write_lesson(course: Path, name: str, *cells: str) -> str:
    """Make a notebook with these cells in the course. Returns its path there."""
    made = nbformat.v4.new_notebook()
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(made, course / "notebooks" / f"{name}.ipynb")
    return f"notebooks/{name}.ipynb"


def until_open(page: Any, path: str) -> None:
    """Wait until this notebook is in front, and its kernel is ready."""
    until(page, IS_OPEN, arg=path)


def open_lesson(page: Any, path: str, beside: bool = False) -> None:
    """Open a lesson and wait for its kernel. Close what was open, if it is not `beside` that."""
    page.evaluate(OPEN, path)
    until_open(page, path)
    if not beside:
        page.evaluate(CLOSE_OTHERS)


def go_to(page: Any, cell: str) -> None:
    """Select a cell, as a click beside it would. A cell that has moved away is told at once."""
    page.evaluate(GO_TO, cell)
    until(page, IS_IN_VIEW, arg=cell)


def render_all(page: Any) -> None:
    """Let all cells that run from now on be in the page, also those that are not in view."""
    page.evaluate(NOT_WINDOWED)


def run(page: Any, cell: str = "", key: str = "Control+Enter") -> None:
    """Run this cell, or the selected one, with a key, and wait until its output is shown."""
    if cell:
        go_to(page, cell)
    page.evaluate(WATCH)
    page.keyboard.press(key)
    until(page, RUN_IS_SHOWN)


def run_next(page: Any, cell: str = "") -> None:
    """Run this cell, or the selected one, and go to the next one."""
    if cell:
        go_to(page, cell)
    before = page.evaluate(ACTIVE)
    run(page, key="Shift+Enter")
    until(page, f"id => ({ACTIVE})() !== id", arg=before)


def run_up_to(page: Any, cell: str) -> None:
    """Run from the top as a learner does, cell by cell, and stop at this one."""
    go_to(page, "title")
    while page.evaluate(ACTIVE) != cell:
        run_next(page)


def command(page: Any, name: str) -> None:
    """Execute a command of JupyterLab that runs cells, and wait until their outputs are shown."""
    page.evaluate(COMMAND, name)
    until(page, RUN_IS_SHOWN)


def run_all(page: Any) -> dict[str, Any]:
    """Run All, without what was there before. Returns the notebook."""
    command(page, "notebook:clear-all-cell-outputs")
    command(page, "notebook:run-all-cells")
    until(page, ALL_RAN)
    until(page, RUN_IS_SHOWN)
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


def restart(page: Any) -> None:
    """Restart the kernel when it is at rest: JupyterLab complains of a request that is cut off.

    A widget is shown by then. So the page has brought back what the kernel had, and has a
    subshell for what comes.
    """
    until(page, AT_REST)
    page.evaluate(RESTART)


def in_theme(page: Any, theme: str) -> None:
    """Let the page have the theme, "light" or "dark"."""
    page.evaluate(THEME, theme == "light")
    until(page, HAS_THEME, arg=theme == "light")


def resize(page: Any, width: int, height: int) -> None:
    """Let the window have this size, and the notebook alone in it."""
    size = {"width": width, "height": height}
    page.set_viewport_size(size)
    page.evaluate(SIDE_PANELS_AWAY)
    until(page, FITS, arg=size)
    until_drawn(page)
