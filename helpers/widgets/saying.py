"""What the cards and the bars tell the learner: `words.toml`, by key."""

from __future__ import annotations

from pathlib import Path

from helpers.words import Words

WORDS = Words(Path(__file__).with_name("words.toml"))
