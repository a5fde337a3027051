"""A language in which every word of the course stands in ⟦ ⟧: what stands outside was forgotten."""

from __future__ import annotations

import json
from pathlib import Path

from helpers import language
from tools.translations import words

CODE = "toy"


def marked(text: str) -> str:
    """The text as this language says it."""
    return f"⟦{text}⟧"


def write_into(folder: Path) -> None:
    """Make the language, where `language.FOLDER` is now."""
    said: dict[str, dict[str, language.Translation]] = {}
    for path in words.files():
        for each in words.messages(path):
            name, _, key = each.context.partition(": ")
            forms = [marked(each.english), marked(each.plural)]
            said.setdefault(name, {})[key] = forms if each.plural else forms[0]
    made = {"plural": "n != 1", "readings": {}, "words": said}
    (folder / f"{CODE}.json").write_text(json.dumps(made), encoding="utf-8")
