"""The words of a ladder: `words.toml`, by part and key."""

from __future__ import annotations

from pathlib import Path

from helpers.words import Words

WORDS = Words(Path(__file__).with_name("words.toml"))
LADDER, LANE, ARROW = WORDS.part("ladder"), WORDS.part("lane"), WORDS.part("arrow")
CALL, PURPOSE, NOTE = WORDS.part("call"), WORDS.part("purpose"), WORDS.part("note")
