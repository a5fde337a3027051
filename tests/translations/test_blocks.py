"""tools/translations/blocks.py: what of a Markdown text is translated, and what is kept."""

import nbformat
import pytest

from tools.notebooks import NOTEBOOKS
from tools.translations.blocks import pieces, render

WHOLE = """\
# A title
Text below it, without an empty line.

A paragraph
of two lines, with `code`.

- one item,
  on two lines
- another

  with a paragraph

      # a drawing in it
      and more words here
1. a number

| head | of a table |
|---|---:|
| a row | 1 |

> **Other systems.** A note
> of two lines.
>
> - an item in it

```python
print("kept")
```

```
a drawing ──► translated

still the same one
```

    x = "python is kept"

    a drawing, and no Python

<details>
<summary>Answer</summary>

Hidden.

</details>

`code` [](06_recv.ipynb)

---

[ref]: https://example.org/words
"""

MESSAGES = [
    "A title",
    "Text below it, without an empty line.",
    "A paragraph\nof two lines, with `code`.",
    "one item,\non two lines",
    "another",
    "with a paragraph",
    "# a drawing in it\nand more words here",
    "a number",
    "| head | of a table |",
    "| a row | 1 |",
    "**Other systems.** A note\nof two lines.",
    "an item in it",
    "a drawing ──► translated\n\nstill the same one",
    'x = "python is kept"\n\na drawing, and no Python',
    "<summary>Answer</summary>",
    "Hidden.",
]


def test_what_has_words_is_a_message() -> None:
    assert [part.text for part in pieces(WHOLE) if part.is_message] == MESSAGES


def test_marks_of_the_structure_are_no_part_of_a_message() -> None:
    changed = render(pieces(WHOLE), lambda part: "x\ny" if "\n" in part.text else "x")
    assert changed.splitlines()[:11] == [
        *("# x", "x", "", "x", "y", "", "- x", "  y", "- x", "", "  x")
    ]
    assert "> x\n> y\n>\n> - x\n" in changed
    assert '```python\nprint("kept")\n```' in changed


@pytest.mark.parametrize(
    "source",
    [
        WHOLE,
        "",
        "\n",
        "   \n",
        "```\nno end",
        "> ",
        ">no space\n>  two",
        "- a\nlazy\n   three",
        "\tA tab",
        "* \n*",
        "| a\n\n\n|",
        "trailing  \nspaces  ",
        "1) a\n   1. b\n      > c",
        "#hash\n####### seven",
        "> ```\n> x y\n>\n> ```",
    ],
)
def test_the_pieces_of_any_text_give_it_again(source: str) -> None:
    assert render(pieces(source), lambda part: part.text) == source


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_text_of_a_lesson_is_too_odd_to_be_taken_apart(path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            parts = pieces(cell.source)
            assert render(parts, lambda part: part.text) == cell.source
            assert len(parts) > 1 or "\n\n" not in cell.source
