"""The three stills of README, made of a real run in JupyterLab: `python -m tools.stills`.

A learner's desk is made in a copy of the course, and the first lesson is run as a learner runs it:
cell by cell, with the keyboard. What is photographed is one prediction: the question with a choice,
the cell that was predicted, and the ladder of what happened.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.kernels import held_port

ROOT = Path(__file__).resolve().parent.parent
STILLS = ROOT / "docs" / "stills"
WIDTH = 1000
"""Pixels of the browser's window. A page of GitHub shows a picture at most so wide."""
CELLS = {"predict": "ask-close-client", "run": "close-client", "look": "ladder"}
"""Each still, and the cell of lesson 00 that is on it."""
OPENED = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel != null"
ALONE = """async () => {
    const { commands, shell } = window.jupyterapp;
    shell.collapseLeft();
    await commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' });
}"""
AT = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.id"
GO_TO_FIRST = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = 0;
    content.mode = 'command';
    content.node.focus();
}"""
IDLE = "() => window.jupyterapp.shell.currentWidget.sessionContext.kernelDisplayStatus === 'idle'"


@contextmanager
def desk() -> Iterator[str]:
    """The address of JupyterLab, on the desk of a learner who begins."""
    with tempfile.TemporaryDirectory() as folder, held_port("127.0.0.1") as port:
        course = Path(folder) / "course"
        for part in ("helpers", "notebooks", "programs"):
            shutil.copytree(ROOT / part, course / part)
        options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
        options += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
        command = [sys.executable, "-m", "helpers.desk", *options]
        private = {"SOCKET_COURSE_DATA": folder, "PYTHONPATH": str(course)}
        with (Path(folder) / "log").open("wb") as log:
            server = subprocess.Popen(
                command, cwd=course, stdout=log, stderr=log, env={**os.environ, **private}
            )
            try:
                address = f"http://127.0.0.1:{port}/"  # it leads to the lesson
                wait_for(server, address)
                yield address
            finally:
                server.terminate()
                server.wait()


def wait_for(server: subprocess.Popen[bytes], address: str) -> None:
    """Wait until the page is served. Raises RuntimeError if the server ends before."""
    while server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=10).close()
            return
        except OSError:
            try:
                server.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    raise RuntimeError("JupyterLab has not started")


def photograph(page: Any, folder: Path) -> None:
    """Run the lesson up to the last of the cells, and photograph each of them."""
    page.wait_for_function(OPENED, timeout=60_000)
    page.evaluate(ALONE)
    page.evaluate(GO_TO_FIRST)
    names = {cell: name for name, cell in CELLS.items()}
    while names:
        at = page.evaluate(AT)
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(f"at => ({AT})() !== at", arg=at)
        page.wait_for_function(IDLE)
        if at not in names:
            continue
        name = names.pop(at)
        if name == "predict":
            page.locator(".socket-question").wait_for()
            page.keyboard.press("2")
            page.get_by_text("Now run the next cell.").wait_for()
        shown = page.locator(".jp-Cell", has=page.locator(f"#{mark(page, at)}"))
        shown.scroll_into_view_if_needed()
        shown.screenshot(path=str(folder / f"{name}.png"), animations="disabled")


def mark(page: Any, cell: str) -> str:
    """Give the cell's element an id, by which it can be found. The id."""
    return str(
        page.evaluate(
            """cell => {
                const { widgets } = window.jupyterapp.shell.currentWidget.content;
                const { node } = widgets.find(each => each.model.id === cell);
                node.querySelector('.jp-Cell-inputWrapper').id = `still-${cell}`;
                return `still-${cell}`;
            }""",
            cell,
        )
    )


def main() -> int:
    from playwright.sync_api import sync_playwright

    STILLS.mkdir(exist_ok=True)
    with desk() as address, sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 1400})
        page.goto(address)
        photograph(page, STILLS)
        browser.close()
    for name in CELLS:
        size = (STILLS / f"{name}.png").stat().st_size
        print(f"docs/stills/{name}.png: {size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
