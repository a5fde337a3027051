"""The words that every check uses: `check.toml`."""

from __future__ import annotations

import functools
from pathlib import Path

from helpers.toml_file import read_toml


@functools.cache
def check_words() -> dict[str, dict[str, str]]:
    """The words that every check uses. Raises BadFile."""
    return read_toml(Path(__file__).parent / "check.toml", dict[str, dict[str, str]])
