"""A question without a live page: as plain text, and as HTML. Pure functions.

Rules of this file:

- The text is the same in every run and for every learner. What somebody has answered is not in it.
- The HTML has the answers, each folded away in a `<details>` of its own: a reader on the web
  decides, and opens the answer to that choice. Plain text cannot fold anything, so it has no
  answer. `Asked.answer` gives it.
- No colour of its own: it takes those of the page, light or dark.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from helpers.course.marks import html, plain
from helpers.course.questions import Question
from helpers.text import wrapped
from helpers.words import Words

WORDS = Words(Path(__file__).with_suffix(".toml"))
WIDTH = 88


def as_text(question: Question, title: str) -> str:
    """The question and its choices, lettered a, b, c."""
    lines = _wrapped(f"{title}. {plain(question.text)}", "")
    for letter, choice in zip("abcdefgh", question.choices, strict=False):
        lines += _wrapped(f"  {letter}) {plain(choice.text)}", "     ")
    return "\n".join(lines)


def as_html(question: Question, title: str, again: bool = False) -> str:
    """The question, and behind each choice the answer to it, folded: what the card would say.

    A reader opens one answer, on purpose. The page of the book makes a card of it: it knows the
    question by `data-question`, and by `data-cell` the cell that gives the answer. With `again`,
    it is a question of the recall: a wrong choice does not give the right one away.
    """
    choices = "".join(
        f"<li><span>{html(choice.text)}</span><details>"
        f"<summary>{WORDS('if_you_choose', letter=letter)}</summary>"
        f"{verdict_html(question, number, again)}</details></li>"
        for number, (letter, choice) in enumerate(zip("abcdefgh", question.choices, strict=False))
    )
    cell = "" if again else f' data-cell="{escape(question.cell)}"'
    note = "" if again else f"<p><small>{WORDS['note']}</small></p>"
    return (
        f'<div class="socket-asked" data-question="{escape(question.name)}"{cell}>'
        f"<p><strong>{title}.</strong> {html(question.text)}</p>"
        f'<ol type="a" style="list-style-type:lower-alpha">{choices}</ol>{note}</div>'
    )


def answer_text(question: Question) -> str:
    """The right answer, and what each wrong one overlooks."""
    right = question.right
    lines = _wrapped(f"{ended(plain(right.text))} {plain(right.answer)}", "  ")
    for choice in question.choices:
        if not choice.right:
            why = WORDS("why_not", choice=plain(choice.text))
            lines += _wrapped(f"{why} {plain(choice.answer)}", "  ")
    return "\n".join(lines)


def ended(text: str) -> str:
    """The text with a stop at its end, so that another sentence can follow."""
    return text if text.endswith((".", "?")) else f"{text}."


def _wrapped(text: str, indent: str) -> list[str]:
    return wrapped(text, WIDTH, later=indent)


# What a learner is told in a live page


def too_late_html() -> str:
    """What to say to somebody who ran the cell first."""
    return f"<p><strong>{WORDS['before_you_chose']}</strong> {WORDS['too_late']}</p>"


def verdict_html(question: Question, chosen: int | None, may_try_again: bool = False) -> str:
    """What to say to somebody who chose this one of the choices, or none.

    A sign and the words "Right" and "Not this one" carry the verdict; the card adds a colour.
    With `may_try_again`, a wrong choice does not give the right one away.
    """
    right = question.right
    solution = f"<p><strong>{ended(html(right.text))}</strong> {html(right.answer)}</p>"
    if chosen is None:
        return f"<p>{WORDS['the_answer']}</p>{solution}"
    choice = question.choices[chosen]
    if choice.right:
        return f"<p>{_marked('right', '✓')} {html(right.answer)}</p>"
    told = f"<p>{_marked('wrong', '✗')} {html(choice.answer)}</p>"
    return told if may_try_again else f"{told}<p>{WORDS['what_is_right']}</p>{solution}"


def _marked(kind: str, sign: str) -> str:
    """The verdict in one word. Who hears it needs no name of a sign."""
    said = f'<span aria-hidden="true">{sign} </span>{WORDS[kind]}'
    return f'<strong class="socket-{kind}">{said}</strong>'


def chosen_html(question: Question, chosen: int) -> str:
    """What to say while the choice can still be changed."""
    choice = ended(html(question.choices[chosen].text))
    return f"<p>{WORDS('chosen', choice=choice)}</p>"
