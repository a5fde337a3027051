"""The words of the map, of progress, and of who asks for a question: `words.toml`."""

from __future__ import annotations

from pathlib import Path

from helpers.words import Words

_WORDS = Words(Path(__file__).with_name("words.toml"))
MAP, PROGRESS, QUESTIONS = _WORDS.part("map"), _WORDS.part("progress"), _WORDS.part("questions")
TITLES = _WORDS.part("title")
