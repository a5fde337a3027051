"""The web book for the tests: built as `make book` does it, served on this machine, looked at."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from pages import new_page

ROOT = Path(__file__).resolve().parents[1]


def built(folder: Path, *lessons: str) -> Path:
    """The site of the book with these lessons, or with all."""
    pytest.importorskip("sphinx", reason="what `make book` needs is not installed")
    site = folder / "book"
    result = subprocess.run(
        [sys.executable, "-m", "tools.book", *lessons, "--site", str(site)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=300,
    )
    assert result.returncode == 0, result.stdout
    return site


@contextmanager
def served(site: Path) -> Iterator[str]:
    """The address at which the site is served, as a plain server of files does it.

    It is a process of its own. Threads and sockets of a browser's connections would come and go in
    this one, in the middle of some test that looks for leaks.
    """
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--directory", str(site)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    ) as server:
        assert server.stdout is not None
        try:
            said = server.stdout.readline()  # Serving HTTP on 127.0.0.1 port 40213 (http://...
            yield f"http://127.0.0.1:{said.split()[5]}"
        finally:
            server.terminate()


@dataclass
class Visitor:
    """A browser's page, what it has complained of, and whom it has asked."""

    page: Any
    address: str
    complaints: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("request", lambda request: self.asked.add(request.url.split("/")[2]))

    def visit(self, path: str) -> None:
        self.page.goto(f"{self.address}/{path}")


@contextmanager
def visiting(browser: Any, address: str, **options: Any) -> Iterator[Visitor]:
    """A new visitor. It ends with an error if a page has complained or asked another host."""
    page = new_page(browser, **options)
    try:
        visitor = Visitor(page, address)
        yield visitor
        assert visitor.complaints == []
        assert visitor.asked <= {address.removeprefix("http://")}
    finally:
        page.context.close()


class _Places(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id" and value:
                self.places.add(value)
            elif name in ("href", "src") and value is not None:
                self.links.append(value)


def broken(site: Path) -> list[str]:
    """Each link inside the site that leads to no file, or to no place in it."""
    pages = {}
    for path in site.glob("*.html"):
        pages[path.name] = _Places()
        pages[path.name].feed(path.read_text(encoding="utf-8"))
    found = []
    for name, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:|//", link):
                continue
            path, _, place = link.partition("#")
            path = unquote(path.partition("?")[0]) or name
            target = pages.get(path)
            if not (site / path).is_file() or (place and target and place not in target.places):
                found.append(f"{name}: {link}")
    return found
