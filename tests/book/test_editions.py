"""Editions of the book: a folder for each tag that has one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.editions import BOOK, editions, publish

BUILDER = """\
import os, pathlib, sys
site = pathlib.Path(sys.argv[sys.argv.index("--site") + 1])
site.mkdir(parents=True, exist_ok=True)
(site / "index.html").write_text(f"{os.environ['SOCKET_COURSE_REF']}: %s")
"""
"""Stands for the book's own tool: how a book is built is tested elsewhere."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a tag from before the book, and two editions."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    made = tmp_path / "repository"
    made.mkdir()

    def commit(tag: str, text: str | None) -> None:
        if text is not None:
            (made / BOOK).parent.mkdir(parents=True, exist_ok=True)
            (made / BOOK).write_text(BUILDER % text)
            for package in ("tools", "tools/book"):
                (made / package / "__init__.py").touch()
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        for command in (
            ["add", "--all"],
            [*author, "commit", "-q", "--allow-empty", "--message", tag],
            ["tag", tag],
        ):
            subprocess.run(["git", *command], cwd=made, check=True)

    subprocess.run(["git", "init", "-q", "."], cwd=made, check=True)
    commit("v0.1", None)
    commit("v0.9", "ninth")
    commit("v0.10", "tenth")
    (made / BOOK).write_text(BUILDER % "of today")
    return made


def test_each_tag_that_has_a_book_is_an_edition_the_newest_first(root: Path) -> None:
    assert editions(root) == ["v0.10", "v0.9"]


def test_the_newest_stands_at_the_top_and_each_edition_as_it_was(
    root: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    for _ in range(2):  # and again, over what is there
        assert publish(site, root) == ["v0.10", "v0.9"]
        texts = {path.parent.name: path.read_text() for path in site.rglob("index.html")}
        assert texts == {
            "site": "main: of today",
            "v0.10": "v0.10: tenth",
            "v0.9": "v0.9: ninth",
        }
    listed = subprocess.check_output(["git", "worktree", "list"], cwd=root, encoding="utf-8")
    assert len(listed.splitlines()) == 1
