"""Where a link of a lesson leads in the book."""

from __future__ import annotations

import pytest

from tools.book.links import in_html, in_markdown
from tools.book.settings import Repository

PAGES = {
    "README.md": "index.md",
    "notebooks/06_recv.ipynb": "06_recv.ipynb",
    "docs/teaching.md": "teaching.md",
    "programs/echo_server.py": "programs.md#echo_serverpy",
}
NOWHERE = Repository()
GITHUB = Repository("https://github.com/somebody/course", "v1.0")
LESSON = "notebooks/05_accept.ipynb"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("see [06](06_recv.ipynb)", "see [06](06_recv.ipynb)"),
        ("[a](./06_recv.ipynb#cell-waits)", "[a](06_recv.ipynb#cell-waits)"),
        ("[README](../README.md)", "[README](index.md)"),
        ("[it](../programs/echo_server.py)", "[it](programs.md#echo_serverpy)"),
        ("[the `with`](../docs/teaching.md#x)", "[the `with`](teaching.md#x)"),
        ("[a [b] c](../docs/teaching.md)", "[a [b] c](teaching.md)"),
        (
            "[`recv()`](https://docs.python.org/3/#recv)",
            "[`recv()`](https://docs.python.org/3/#recv)",
        ),
        ("[here](#below)", "[here](#below)"),
        ("[mail](mailto:a@example.org)", "[mail](mailto:a@example.org)"),
        ("`[a](b.py)` is code", "`[a](b.py)` is code"),
        ("``a ` [a](b.py)`` is code", "``a ` [a](b.py)`` is code"),
        ("```\n[a](b.py)\n```\n[a](b.py)", "```\n[a](b.py)\n```\na"),
        ("    [a](b.py)\n\n[a](b.py)", "    [a](b.py)\n\na"),
        ("a list[int](x) of one", "a listint of one"),
    ],
)
def test_a_link_in_a_text(text: str, becomes: str) -> None:
    assert in_markdown(text, LESSON, PAGES, NOWHERE) == becomes


def test_a_link_that_needs_the_repository_is_left_out_without_one_and_its_words_stay() -> None:
    text = "[`view`](../helpers/view.py) shows it"
    there = "https://github.com/somebody/course/tree/v1.0/helpers/view.py"
    assert in_markdown(text, LESSON, PAGES, NOWHERE) == "`view` shows it"
    assert in_markdown(text, LESSON, PAGES, GITHUB) == f"[`view`]({there}) shows it"


@pytest.mark.parametrize(
    ("html", "becomes"),
    [
        ('<a href="06_recv.ipynb">06</a>', '<a href="06_recv.html">06</a>'),
        (
            '<a href="06_recv.ipynb#cell-x" title="t">06</a>',
            '<a href="06_recv.html#cell-x" title="t">06</a>',
        ),
        ('<a href="99_gone.ipynb"><b>99</b></a>', "<b>99</b>"),
        ('<a href="https://a.example/b.ipynb">b</a>', '<a href="https://a.example/b.ipynb">b</a>'),
        (
            '<a href="../programs/echo_server.py">it</a>',
            '<a href="programs.html#echo_serverpy">it</a>',
        ),
    ],
)
def test_a_link_in_an_output(html: str, becomes: str) -> None:
    assert in_html(html, LESSON, PAGES, NOWHERE) == becomes


def test_the_ways_to_run_a_lesson_lead_to_the_edition() -> None:
    assert GITHUB.codespaces() == ("https://codespaces.new/somebody/course/tree/v1.0?quickstart=1")
    assert GITHUB.binder(LESSON) == (
        "https://mybinder.org/v2/gh/somebody/course/v1.0"
        "?urlpath=lab%2Ftree%2Fnotebooks%2F05_accept.ipynb"
    )
    assert GITHUB.clone() == "git clone --branch v1.0 https://github.com/somebody/course"
    assert Repository(GITHUB.address).clone() == "git clone https://github.com/somebody/course"
