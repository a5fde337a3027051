"""What the board says: `words.toml`, by part and key; and its pages, with their words in them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from helpers.language import spoken
from helpers.words import Words

_WORDS = Words(Path(__file__).with_name("words.toml"))
REFUSED = _WORDS.part("refused")
PAGES = Path(__file__).with_name("pages")

_MARK = re.compile(r"\{\{([^{}]+)\}\}")


def page(name: str) -> str:
    """The HTML of a page. Its words stand there as `{{key}}`; those of its script as JSON.

    A `<` in the JSON is written in another way: so nothing in it can end the script.
    """
    words = _WORDS.part("page")
    text = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    script = json.dumps(_WORDS.part("script").all_forms()).replace("<", "\\u003c")
    data = f'<script type="application/json" id="words">{script}</script>\n'
    made = text.replace('lang="en"', f'lang="{spoken()}"').replace("<main", f"{data}<main", 1)
    return _MARK.sub(lambda mark: words[mark[1]], made)
