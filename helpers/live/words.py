"""What a live server says to the learner: `words.toml`, by part and key."""

from __future__ import annotations

from pathlib import Path

from helpers.words import Words

_WORDS = Words(Path(__file__).with_name("words.toml"))
REASON, THREADS, WHERE = _WORDS.part("reason"), _WORDS.part("threads"), _WORDS.part("where")
TASKS, TASK = _WORDS.part("tasks"), _WORDS.part("task")
WORKERS, WORKER = _WORDS.part("workers"), _WORDS.part("worker")
REFUSED, LATE = _WORDS.part("refused"), _WORDS.part("late")
HOLDS, PLAIN = _WORDS.part("holds"), _WORDS.part("plain")
