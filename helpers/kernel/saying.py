"""The words of the kernel's table: `words.toml`, by part and key."""

from __future__ import annotations

from pathlib import Path

from helpers.words import Words

WORDS = Words(Path(__file__).with_name("words.toml"))
HEAD, VALUE = WORDS.part("head"), WORDS.part("value")
NOTE, REFUSED = WORDS.part("note"), WORDS.part("refused")
