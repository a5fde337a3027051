"""What a learner reads has one meaning: docs/writing.md says which phrases have two."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BANNED = tomllib.loads(Path(__file__).with_name("banned_phrases.toml").read_text(encoding="utf-8"))[
    "banned"
]
CATALOGUES = sorted(
    [
        *ROOT.glob("helpers/**/*.toml"),
        ROOT / "book" / "words.toml",
    ]
)


def texts_in(value: object) -> Iterator[str]:
    """Each text of a catalogue, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


def texts() -> Iterator[tuple[str, str]]:
    """Where a text stands, and the text, of all that a learner reads."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            yield f"{path.name}, {cell['id']}", "".join(cell["source"])
    for path in CATALOGUES:
        for text in texts_in(tomllib.loads(path.read_text(encoding="utf-8"))):
            yield str(path.relative_to(ROOT)), text


@pytest.mark.parametrize("banned", BANNED, ids=lambda banned: banned["write"])
def test_no_text_has_a_phrase_with_two_meanings(banned: dict[str, str]) -> None:
    found = [
        f"{where}: ...{text[max(0, match.start() - 30) : match.end() + 30]!r}"
        for where, text in texts()
        for match in re.finditer(banned["phrase"], text, re.IGNORECASE)
    ]
    assert not found, f"write {banned['write']!r} in place of it:\n" + "\n".join(found)


def test_each_phrase_would_be_found() -> None:
    seen = (
        "It works all the same. Mend it; it was broken off. It leaves the bytes behind them. It "
        "goes on behind the yield. Of no more use. Do not build on it. What came before is told. "
        "All is as it should be. A port that does not exist. None is lost. Exactly as fast as. "
        "At once."
    )
    for banned in BANNED:
        assert re.search(banned["phrase"], seen, re.IGNORECASE), banned["phrase"]


def test_the_page_for_writers_names_each_word_to_write() -> None:
    page = (ROOT / "docs" / "writing.md").read_text(encoding="utf-8")
    for banned in BANNED:
        first = re.split("[,:]", banned["write"])[0]
        assert first in page or first == "begin a new ladder", first
