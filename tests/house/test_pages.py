"""What the pages name is there: files, folders, targets of the Makefile, modules and functions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.book.gather import slug

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page
    for folder in (".", "docs", "docs/teaching", "deploy", "helpers", "bench")
    for page in (ROOT / folder).glob("*.md")
)


@pytest.fixture(params=PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_each_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    inside = [link for link in links if not link.startswith("https://")]
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_each_place_in_a_page_that_a_link_names_is_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]*\.md|)#([^)]+)\)", page.read_text(encoding="utf-8"))
    missing = []
    for file, place in links:
        text = (page.parent / file if file else page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
        if place not in map(slug, headings):
            missing.append(f"{file}#{place}")
    assert missing == []


def test_each_path_that_a_page_names_is_there(page: Path) -> None:
    """`helpers/record/wire.py`, `tests/`, `helpers/exercises/lesson_*.py`."""
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    spans = re.findall(r"`([\w.*]+/[\w./*-]*)`", page.read_text(encoding="utf-8"))
    named = [span for span in spans if span.partition("/")[0] in folders]
    missing = [path for path in named if not any(ROOT.glob(path.rstrip("/")))]
    assert missing == []


def test_each_target_that_a_page_names_is_in_the_makefile(page: Path) -> None:
    named = re.findall(r"(?:`|^    )make (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(named) <= set(targets)
