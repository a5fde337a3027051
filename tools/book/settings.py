"""Where the course is published: one setting, in `pyproject.toml`. And the words of the book.

    [tool.socket-course]
    repository = "https://github.com/OWNER/NAME"

While it is empty, the book has no link that needs it. `SOCKET_COURSE_REPOSITORY` and
`SOCKET_COURSE_REF` in the environment go before it. A workflow sets them: the book of a fork leads
to the fork, and the book of an edition to that edition.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers import language
from helpers.toml_file import translated

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Repository:
    """The repository on GitHub, at one branch or tag. It is false while there is none."""

    address: str = ""
    """Such as `https://github.com/OWNER/NAME`, without a slash at its end."""
    ref: str = "main"

    def __bool__(self) -> bool:
        return bool(self.address)

    @property
    def name(self) -> str:
        """`OWNER/NAME`."""
        return self.address.removeprefix("https://github.com/")

    def source(self, path: str) -> str:
        """The page of a file or a folder."""
        return f"{self.address}/tree/{quote(self.ref)}/{quote(path)}".rstrip("/")

    def codespaces(self) -> str:
        """Opens the course in a Codespace (https://docs.github.com/en/codespaces)."""
        return f"https://codespaces.new/{self.name}/tree/{quote(self.ref)}?quickstart=1"

    def binder(self, path: str) -> str:
        """Opens one file in Binder (https://mybinder.readthedocs.io)."""
        where = quote(f"lab/tree/{path}", safe="")
        return f"https://mybinder.org/v2/gh/{self.name}/{quote(self.ref, safe='')}?urlpath={where}"

    def clone(self) -> str:
        """The command that fetches the course, at this branch or tag."""
        branch = "" if self.ref == "main" else f"--branch {self.ref} "
        return f"git clone {branch}{self.address}"


@language.cached
def words(part: str) -> dict[str, Any]:
    """The words of a part of `book/words.toml`, in the language that is spoken now."""
    path = ROOT / "book" / "words.toml"
    catalogue = translated(tomllib.loads(path.read_text(encoding="utf-8")), path)
    found: dict[str, Any] = catalogue[part]
    return found


def repository() -> Repository:
    """The repository that the setting names. Raises ValueError if it is not one on GitHub."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    address = os.environ.get("SOCKET_COURSE_REPOSITORY")
    if address is None:
        address = settings["tool"]["socket-course"]["repository"]
    if address and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        raise ValueError(f"not the address of a repository on GitHub: {address!r}")
    return Repository(address, os.environ.get("SOCKET_COURSE_REF") or "main")
