"""A real browser for the tests: one JupyterLab and one headless Chromium for all of them.

To start the two and to load JupyterLab's page takes longer than most tests. So that is done once,
and each test opens its notebooks in that page. Behind it they are closed, their kernels shut down,
and the page is as it was.

They end with the last test of this folder: as long as Playwright runs, its event loop does, and no
other test of the same worker could run one.

The browser is Debian's `chromium`, or the one that the variable CHROMIUM names, or Playwright's
own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lab import in_theme, until_restored
from pages import new_page

from helpers.desk import lab as desk_lab
from helpers.desk.copies import Desk
from tools.kernels import held_port

ROOT = Path(__file__).resolve().parents[2]
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT = {"width": 1280, "height": 1000}
PUT_AWAY = """async () => {
    const { serviceManager, shell } = window.jupyterapp;
    [...shell.widgets('main')].forEach(each => each.dispose());
    await serviceManager.sessions.shutdownAll();
    shell.expandLeft();
}"""


@pytest.fixture(scope="package")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course, with the learner's lessons: what is saved there, nobody keeps."""
    root = tmp_path_factory.mktemp("course")
    for folder in (*ROOT.glob("notebooks*"), ROOT / "programs", ROOT / "helpers"):
        shutil.copytree(folder, root / folder.name)
    Desk(root).prepare()
    return root


@pytest.fixture(scope="package")
def lab(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab over a copy of the course, as the learner's desk has it. Its address."""
    private = tmp_path_factory.mktemp("jupyter")
    environment = os.environ | desk_lab.environment(Desk(course))
    environment |= {
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "IPYTHONDIR": str(private / "ipython"),
    }
    with held_port("127.0.0.1") as port, (private / "log").open("w") as log:
        options = [
            *("--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0"),
            *("--IdentityProvider.token=", f"--ServerApp.root_dir={course}"),
            "--LabApp.expose_app_in_browser=True",
        ]
        server = subprocess.Popen(
            [sys.executable, "-m", "tools.kernels", *options],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until_up(server, address, private / "log")
            yield address
        finally:
            server.terminate()  # it ends its kernels
            with suppress(subprocess.TimeoutExpired):
                server.wait(20)
            server.kill()  # once in a while its last wait is for a thread of anyio that never ends
            server.wait()


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as running:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        try:
            chromium = running.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


def is_ours(said: Any) -> bool:
    """Whether a message in the console is an error about a widget, and so about our outputs."""
    return said.type == "error" and "widget" in said.text.lower()


@dataclass
class Tab:
    """The page with JupyterLab, and what it has complained of."""

    page: Any
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self.listen)

    def listen(self, said: Any) -> None:
        if is_ours(said):
            self.complaints.append(said.text)


@pytest.fixture(scope="package")
def tab(browser: Any, lab: str) -> Iterator[Tab]:
    made = Tab(new_page(browser, viewport=VIEWPORT))
    made.page.goto(f"{lab}/lab?reset")
    yield made
    made.page.context.close()


@pytest.fixture
def page(tab: Tab, lab: str) -> Iterator[Any]:
    """JupyterLab with nothing open. Fails the test if something complains to the console.

    A page that a test has loaded again opens the notebook of its address once more, at some time
    after it is restored. In the next test that notebook would stand there, without its kernel. So
    such a page is left.
    """
    until_restored(tab.page)
    tab.complaints.clear()
    tab.page.evaluate("() => { window.loadedBefore = true; }")
    yield tab.page
    complaints = tab.complaints.copy()
    tab.page.set_viewport_size(VIEWPORT)
    in_theme(tab.page, "light")
    tab.page.evaluate(PUT_AWAY)
    if not tab.page.evaluate("() => window.loadedBefore"):
        tab.page.goto(f"{lab}/lab?reset")
    assert complaints == []


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
