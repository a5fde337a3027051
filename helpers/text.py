r"""Text from outside, made harmless to show, and measured in columns of a terminal.

Bytes off the wire, names and error messages are hostile input: a terminal escape could
recolour or clear a screen, a right-to-left mark could turn a line around, a NUL is forbidden
in XML. Rules of this file:

- A character that str.isprintable() does not call printable is written as Python would write
  it in a string: `\x1b`, `\u202e`. That is every control, format, private, unassigned and
  separating character but the space. So the result is one line, and XML 1.0 allows all of it.
- A byte of a path that is not UTF-8 is written as `\xff`. Python keeps it as a surrogate
  (os.fsdecode(), PEP 383).
- HTML and SVG have marks of their own, `<` and `&`. A view escapes those where it writes them.

Two functions, because of the backslash:

- `visible` leaves it alone. It is for text that has been Python source or a repr, and for what
  programs print: there `\n` already stands for one character, and `\\n` would say another.
- `distinct` doubles it. It is for names, paths and addresses, where a backslash is a character
  of its own: a file called `\x1b`, four characters, must not look like the escape.
"""

from __future__ import annotations

import codecs
import re
import textwrap
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from helpers.words import HELPERS, Words

COUNTS = Words(Path(__file__).with_name("counts.toml"))


def visible(text: str) -> str:
    r"""The text in one line, each character that is not printable written as `\x1b`.

    A backslash stays one: for source, reprs and messages.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def distinct(text: str) -> str:
    r"""As `visible`, with the backslash doubled: for names, paths and addresses.

    So no two texts look the same, but for a byte that is not UTF-8 and the unprintable
    character of the same number (`\x80`).
    """
    return visible(text.replace("\\", r"\\"))


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless_in_csv(value: object) -> object:
    """The value as a cell of a table, so that no spreadsheet takes it for a formula.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value


def counted(number: int, what: str) -> str:
    """`1 byte`, `5 bytes`, `5,000,000 bytes`: `what` is a key of `counts.toml`."""
    return COUNTS.counted(what, number)


_PLACE_IN_C = re.compile(r" ?\(?\b_ssl\.c:[0-9]+\)?(: )?")


def error_text(error: BaseException) -> str:
    """An error as the last line of a traceback says it. Its own __str__ may fail.

    But for the line of Python's own source that an error of TLS names: each version has another.
    """
    try:
        text = str(error)
    except Exception:
        text = HELPERS["error.no message"]
    text = _PLACE_IN_C.sub("", text)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _escape(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


# Columns


def columns(text: str) -> int:
    """How many columns of a terminal a printable text takes.

    East Asian wide characters take two, combining ones none (Unicode Standard Annex 11).
    """
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # its tables take a while to load, and most texts need none

    return wcswidth(text)


def graphemes(text: str) -> Iterable[str]:
    """The characters as a reader sees them, each with what combines with it (UAX 29)."""
    if text.isascii():
        return text
    from wcwidth import iter_graphemes

    return iter_graphemes(text)


def pad(text: str, width: int) -> str:
    """The text, with spaces behind it up to this many columns."""
    return text + " " * (width - columns(text))


def cut(text: str, width: int) -> str:
    """The text, or as much of its start as fits before `...`. `width` is at least 3."""
    if columns(text) <= width:
        return text
    return f"{''.join(_fitting(graphemes(text), width - len('...')))}..."


def cut_middle(text: str, width: int) -> str:
    """The text, or its start and end with `...` between: an address ends with its port.

    `width` is at least 3.
    """
    if columns(text) <= width:
        return text
    room = width - len("...")
    characters = list(graphemes(text))
    end = _fitting(reversed(characters), room // 2)
    return f"{''.join(_fitting(characters, room - room // 2))}...{''.join(reversed(end))}"


def _fitting(characters: Iterable[str], width: int) -> list[str]:
    """As many of the first characters as fit."""
    used = 0
    fitting = []
    for each in characters:
        used += columns(each)
        if used > width:
            break
        fitting.append(each)
    return fitting


def centred(text: str, width: int, fill: str = " ") -> str:
    """The text in the middle of this many columns."""
    room = max(0, width - columns(text))
    return fill * (room // 2) + text + fill * (room - room // 2)


def wrapped(
    text: str, width: int, indent: str = "", later: str = "", hyphens: bool = False
) -> list[str]:
    """The text in lines of at most this many columns, broken between words where that is possible.

    `indent` stands before the first line, `later` before the others. No word is broken, but with
    `hyphens` after a hyphen of its own.
    """
    if text.isascii():
        wrap = textwrap.wrap
    else:
        from wcwidth import wrap
    return wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=hyphens,
    )


LINE = 72
"""Columns of a line of a long message. JupyterLab breaks a longer one inside a word."""


def at_words(message: str) -> str:
    """The message with its long lines broken between words, and indented where they go on."""
    lines = []
    for line in message.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        lines += wrapped(line.strip(), LINE, indent, f"{indent}    " if indent else "") or [line]
    return "\n".join(lines)


# Bytes as characters

HALF = "½"
"""Stands for the part of a character that came before."""


class Utf8:
    """The pieces of one stream of bytes, as the characters that they are in UTF-8.

    A character that is cut between two pieces is shown in the later one, with `HALF` before it.
    """

    def __init__(self, kept: int | None = None) -> None:
        """`kept`: so many of the last pieces are shown. None: all of them."""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._pieces: deque[str] = deque(maxlen=kept)
        self.is_text = True
        """Whether all of it was UTF-8, and known."""

    def feed(self, data: bytes | None) -> str:
        """The characters that are whole with these bytes. None: more than is known."""
        if data is None:
            self.is_text = False
        if not self.is_text or not data:
            return ""
        begun = bool(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(data)
        except UnicodeDecodeError:
            self.is_text = False
            return ""
        shown = f"{HALF if begun or not text else ''}{visible(text)}"
        self._pieces.append(shown)
        return shown

    @property
    def teaches(self) -> bool:
        """Whether it says more than the bytes as Python prints them: it is text, and not ASCII."""
        said = "".join(self._pieces).replace(HALF, "")
        return self.is_text and not said.isascii()

    @property
    def shown(self) -> str:
        """All pieces; at the end `HALF` if the rest of a character is still to come."""
        rest = HALF if self._decoder.getstate()[0] and self._pieces[-1] != HALF else ""
        return " | ".join(self._pieces) + rest
