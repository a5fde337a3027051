"""The words of one part of the helpers: a TOML file in English, said in the language of now.

    SAY = Words(Path(__file__).with_name("words.toml"))

    SAY("next", lesson=link)           the text of the key `next`, with `{lesson}` filled in
    SAY.counted("bytes", 5)            the form for so many; `{count}` is filled in, too
    SAY.part("page")                   the words of one table: its keys without `page.`

Rules of this file:

- A key in a table is asked for as `table.key`.
- A text that counts has two forms in its file: `bytes = { one = "{count} byte", other = "{count}
  bytes" }`. Another language has as many as its grammar needs.
- Only `{...}` of the text is filled in. What it is filled with may come from anywhere, and stays as
  it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from helpers import language
from helpers.particles import filled
from helpers.toml_file import Forms, texts_of


class Words:
    """All texts of the TOML file at `path`. It is read when the first of them is said."""

    def __init__(self, path: Path, table: str = "") -> None:
        self._path = path
        self._before = f"{table}." if table else ""
        self._read: dict[str, dict[str, str | Forms]] = {}
        """What was read so far, by language."""

    def __getitem__(self, key: str) -> str:
        """The text of a key, as it stands there. Raises KeyError."""
        text = self._texts()[self._before + key]
        if not isinstance(text, str):
            raise KeyError(key)
        return text

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of a key, with its placeholders filled in. Raises KeyError."""
        return filled(self[key], **values)

    def counted(self, key: str, count: int, /, **values: Any) -> str:
        """The text for so many things. `{count}` is the number: `5,000,000`."""
        forms = self._texts()[self._before + key]
        if isinstance(forms, str):
            raise KeyError(key)
        return filled(forms.form(count), **({"count": f"{count:,}"} | values))

    def _texts(self) -> dict[str, str | Forms]:
        code = language.spoken()
        if code not in self._read:
            self._read[code] = texts_of(self._path)
        return self._read[code]

    def part(self, table: str) -> Words:
        """The words of one table."""
        return Words(self._path, self._before + table)

    def all(self) -> dict[str, str]:
        """Each text by its key, without those that count: a script fills in what is missing."""
        return {key: text for key, text in self.all_forms().items() if isinstance(text, str)}

    def all_forms(self) -> dict[str, str | tuple[str, ...]]:
        """The same with those that count: each is a tuple of its forms."""
        return {
            key.removeprefix(self._before): text if isinstance(text, str) else text.texts
            for key, text in self._texts().items()
            if key.startswith(self._before)
        }


HELPERS = Words(Path(__file__).with_suffix(".toml"))
"""The words of the modules beside the packages."""
