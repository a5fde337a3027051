"""Each lesson in a real browser: JupyterLab, headless Chromium, Run All.

The browser is Debian's `chromium`, or the one that the variable CHROMIUM names, or Playwright's
own. What is asserted is what JupyterLab holds and shows, never pixels.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
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
DARK = """() => window.jupyterapp.commands.execute(
    "apputils:change-theme", {theme: "JupyterLab Dark"}
)"""
TO_TOP = "() => { document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0; }"


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab over a copy of the course. The address of its page."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("notebooks", "programs", "helpers"):
        shutil.copytree(ROOT / folder, root / folder)
    private = tmp_path_factory.mktemp("jupyter")
    settings = private / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    port = free_port()
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "IPYTHONDIR": str(private / "ipython"),
    }
    command = [
        sys.executable,
        *("-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"),
        *(
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={root}",
        ),
        "--LabApp.expose_app_in_browser=True",
    ]
    with (private / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(server, address, private / "log")
        yield address
    finally:
        server.terminate()
        server.wait(20)


def wait_until_up(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until the page is served."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/status", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            try:
                server.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    with playwright.sync_playwright() as running:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        try:
            chromium = running.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A new page. Fails the test if something on it complains to the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def open_lesson(page: Any, lab: str, name: str) -> None:
    """Open a lesson in a workspace of its own."""
    page.goto(f"{lab}/lab/workspaces/{Path(name).stem}/tree/notebooks/{name}?reset")
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", timeout=60_000)
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel != null",
        timeout=60_000,
    )


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


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_run_all_in_jupyterlab_gives_no_error_but_those_that_teach(
    page: Any, lab: str, lesson: Path
) -> None:
    open_lesson(page, lab, lesson.name)
    notebook = run_all(page)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["id"] for cell in cells if not cell["execution_count"]] == []
    assert failed(notebook) == tagged(notebook)


def test_the_first_lesson_shows_the_arrow_and_the_ladder_in_both_themes(
    page: Any, lab: str
) -> None:
    open_lesson(page, lab, "00_start_here.ipynb")
    run_all(page)
    for change in ("() => undefined", DARK):
        page.evaluate(change)
        page.evaluate(TO_TOP)
        page.wait_for_selector(".jp-RenderedHTMLCommon pre >> text=--->")
        ladder = page.wait_for_selector(".jp-RenderedSVG img")
        assert ladder.evaluate("image => image.complete && image.naturalWidth > 600")
        assert ladder.evaluate("image => image.clientWidth <= image.parentElement.clientWidth")


def test_a_lesson_run_all_twice_in_one_kernel_is_as_good_as_once(page: Any, lab: str) -> None:
    open_lesson(page, lab, "00_start_here.ipynb")
    run_all(page)
    notebook = run_all(page)
    assert failed(notebook) == tagged(notebook)
