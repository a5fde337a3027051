"""What a panel tells the learner: `words.toml`, by part and key."""

from __future__ import annotations

from pathlib import Path

from helpers.words import Words

WORDS = Words(Path(__file__).with_name("words.toml"))
REFUSED, VIEW = WORDS.part("refused"), WORDS.part("view")
STATE, SAID = WORDS.part("state"), WORDS.part("said")
