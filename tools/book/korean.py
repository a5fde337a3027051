"""How words of a Korean page are found: Sphinx has no splitter for Korean.

A Korean word has its particles and endings at its end: 소켓을, 소켓에서, 소켓입니다. Who looks for
소켓 is to find them all. So the index has each beginning of a word, of two syllables or more; and
a particle at the end of what is looked for is left out.
"""

from __future__ import annotations

import re

from sphinx.search import SearchLanguage

_PARTS = re.compile(r"[가-힣]+|[^\W가-힣]+")
_PARTICLES = (
    *("에서는", "에서", "에게", "으로", "까지", "부터", "처럼", "보다", "마다", "이나"),
    *("은", "는", "이", "가", "을", "를", "과", "와", "의", "에", "로", "도", "만", "나"),
)
_PARTICLE = f"(?<=[가-힣])(?:{'|'.join(_PARTICLES)})$"
"""In Python and in JavaScript."""


class Korean(SearchLanguage):
    """Words of Hangul and their beginnings, and words in other letters as they are."""

    lang = "ko"
    language_name = "Korean"
    js_splitter_code = (
        "function splitQuery(query) {\n"
        '  return query.normalize("NFC").match(/[가-힣]+|[^가-힣\\W]+/gu) ?? [];\n'
        "}\n"
    )
    js_stemmer_code = (
        "var Stemmer = function () {\n"
        "  this.stemWord = function (word) {\n"
        f"    return word.replace(/{_PARTICLE}/u, '');\n"
        "  };\n"
        "};\n"
    )

    def split(self, input: str) -> list[str]:
        """Each word, and each beginning of a Korean one."""
        return [part for word in _PARTS.findall(input) for part in _beginnings(word)]


def _beginnings(word: str) -> list[str]:
    if not "가" <= word[0] <= "힣":
        return [word]
    without = re.sub(_PARTICLE, "", word)
    return list({without, *(word[:end] for end in range(2, len(word) + 1)), word})
