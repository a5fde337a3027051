"""What a panel tells the learner: `words.toml`, by part and key."""

from __future__ import annotations

from pathlib import Path

from helpers.toml_file import read_toml

WORDS = read_toml(Path(__file__).with_name("words.toml"), dict[str, dict[str, str]])
STATE, SAID = WORDS["state"], WORDS["said"]
