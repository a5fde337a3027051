"""What a learner reads of the class: `words.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.language import cached
from helpers.toml_file import read_toml


@dataclass(frozen=True, slots=True)
class Join:
    """What `join()` says."""

    no_address: str
    what_is_sent: str
    nobody: str
    joined: str
    away: str
    untrusted: str
    refused: str
    no_disk: str
    resumed: str


@dataclass(frozen=True, slots=True)
class Leave:
    """What `leave()` says."""

    nothing: str
    left: str
    not_deleted: str


@dataclass(frozen=True, slots=True)
class Words:
    """All of them."""

    join: Join
    leave: Leave


@cached
def words() -> Words:
    """The texts. Raises BadFile."""
    return read_toml(Path(__file__).with_name("words.toml"), Words)
