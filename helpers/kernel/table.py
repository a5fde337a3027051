"""The rows of a kernel view as a table: in text and in HTML.

Rules of this file:

- Pure: rows and notes in, one string out. The same rows give the same string, and the text's
  layout does not depend on how many digits a port has: ports differ from run to run.
- The text takes at most `WIDTH` columns of a terminal, whatever the names and paths are.
- The HTML is a plain table: no colours, styles or scripts, so the page's own theme holds.
- A column in which no row has anything to say is left out.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final, NamedTuple

from helpers.kernel.saying import HEAD, VALUE, WORDS
from helpers.kernel.socket import NOT_AVAILABLE, Count, KernelSocket
from helpers.text import columns, cut_middle, pad
from helpers.view import scrolling_html

WIDTH: Final = 80
"""The most columns of a terminal that the text takes."""

_ADDRESSES: Final = ("local", "remote")
_AMOUNTS: Final = ("to_read", "unacknowledged", "queue", "dropped")
_KEY_WIDTHS: Final = {"name": 20, "local": 26}  # so all the amounts fit beside it
_GAP: Final = "  "


class _Column(NamedTuple):
    key: str
    cells: tuple[str, ...]
    width: int = 0
    """How many columns of a terminal it takes in the text."""

    @property
    def head(self) -> str:
        """What stands above it."""
        return HEAD[self.key]


def _filled(rows: Sequence[KernelSocket]) -> list[_Column]:
    """The table's columns, without those in which no row has anything to say."""
    table = [
        _Column("name", tuple(row.name or "-" for row in rows)),
        _Column("kind", tuple(_known(row.kind) for row in rows)),
        _Column("state", tuple(_known(row.state) for row in rows)),
        _Column("local", tuple(row.local for row in rows)),
        _Column("remote", tuple(row.remote for row in rows)),
        _Column("to_read", tuple(_count_text(row.to_read) for row in rows)),
        _Column("unacknowledged", tuple(_count_text(row.unacknowledged) for row in rows)),
        _Column("queue", tuple(map(_queue_text, rows))),
        _Column("dropped", tuple(_count_text(row.dropped) for row in rows)),
    ]
    return [column for column in table if set(column.cells) != {"-"}]


def _known(value: str | None) -> str:
    """A state or a kind, in the language of now where it is a word."""
    if value == NOT_AVAILABLE:
        return WORDS["not available"]
    return VALUE.all().get(value, value) if value else "-"


def _count_text(count: Count) -> str:
    return "-" if count is None else _known(str(count))


def _queue_text(row: KernelSocket) -> str:
    if isinstance(row.queue_used, int) and isinstance(row.queue_limit, int):
        return WORDS("limit", used=row.queue_used, limit=row.queue_limit)
    return _count_text(row.queue_used)


# Text


def as_text(rows: Sequence[KernelSocket], notes: Sequence[str]) -> str:
    """The table, then the notes.

    A listener, a client and what accept() made need 114 columns. So a table that is too wide
    for `WIDTH` comes in two: addresses in the first, amounts in the second.
    """
    if not rows:
        return "\n".join(notes)
    filled = _filled(rows)
    key, *others = map(_fitted, sorted(filled, key=lambda column: column.key != _key(filled)))
    key = key._replace(width=min(key.width, _KEY_WIDTHS.get(key.key, WIDTH)))
    parts = [[key, *others]]
    if _width(parts[0]) > WIDTH:
        amounts = [column for column in others if column.key in _AMOUNTS]
        parts = [_narrowed([key, *(column for column in others if column not in amounts)])]
        parts += [[key, *amounts]] if amounts else []
    texts = ["\n".join(_lines(part)) for part in parts]
    if any(WORDS["not available"] in column.cells for column in filled):
        texts.append(f"{WORDS['mark']}: {WORDS['not available']}")
    return "\n\n".join([*texts, *notes])


def _key(table: list[_Column]) -> str:
    """The column that tells the rows apart comes first: the name, or else the local address."""
    return "name" if table[0].key == "name" else "local"


def _fitted(column: _Column) -> _Column:
    """The column with short cells, and as wide as it needs to be."""
    missing = WORDS["not available"]
    cells = tuple(WORDS["mark"] if cell == missing else cell for cell in column.cells)
    widths = [columns(cell) for cell in (column.head, *cells)]
    if column.key in _ADDRESSES:
        # As wide as with a port of five digits: the layout is the same in every run.
        widths += [columns(cell.rpartition(":")[0]) + 6 for cell in cells if ":" in cell]
    return _Column(column.key, cells, max(widths))


def _width(table: Sequence[_Column]) -> int:
    return sum(column.width for column in table) + len(_GAP) * (len(table) - 1)


def _narrowed(table: list[_Column]) -> list[_Column]:
    """The columns; while they are too wide, the wider address gives way."""
    places = [place for place, column in enumerate(table) if column.key in _ADDRESSES]
    while _width(table) > WIDTH:
        widest = max(places, key=lambda place: table[place].width)
        table[widest] = table[widest]._replace(width=table[widest].width - 1)
    return table


def _lines(table: Sequence[_Column]) -> list[str]:
    padded = [
        [pad(cut_middle(cell, column.width), column.width) for cell in (column.head, *column.cells)]
        for column in table
    ]
    return [_GAP.join(cells).rstrip() for cells in zip(*padded, strict=True)]


# HTML


def as_html(rows: Sequence[KernelSocket], notes: Sequence[str]) -> str:
    """The table, then the notes, each in a paragraph."""
    paragraphs = [f"<p>{html.escape(note)}</p>" for note in notes]
    if not rows:
        return "\n".join(paragraphs)
    filled = _filled(rows)
    heads = "".join(f'<th scope="col">{html.escape(column.head)}</th>' for column in filled)
    body = [
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
        for cells in zip(*(column.cells for column in filled), strict=True)
    ]
    table = [
        "<table>",
        f"<caption>{html.escape(WORDS['caption'])}</caption>",
        f"<thead><tr>{heads}</tr></thead>",
        "<tbody>",
        *body,
        "</tbody>",
        "</table>",
    ]
    return "\n".join([scrolling_html("\n".join(table), WORDS["caption"]), *paragraphs])
