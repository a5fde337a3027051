"""What every view promises: words first, other forms beside them, and only what was asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import echo_server

import helpers
from helpers import (
    LiveServer,
    exercises,
    kernel_view,
    panel,
    predict,
    progress,
    progress_bar,
    recall,
    recording,
    timeline,
)
from helpers.live.registry import stop_all
from helpers.view import HTML, SVG, TEXT, View
from helpers.widgets import showing


def not_written_yet(listener: socket.socket) -> None: ...


VIEWS = {
    "timeline": timeline,
    "kernel_view": lambda: kernel_view(("127.0.0.1", 1)),
    "where": lambda: LiveServer(echo_server).where,
    "predict": lambda: predict("recv-exactly-five"),
    "recall": lambda: recall("06"),
    "progress": progress,
    "progress_bar": lambda: progress_bar(3, "steps"),
    "check": lambda: exercises.greet.check(not_written_yet),
    "solution": lambda: exercises.greet.solution(),
    "panel": lambda: panel(LiveServer(echo_server).start().settle()),
}
"""Everything that a learner's cell can show."""


class Sign(View):
    """A view with all three forms."""

    def text(self) -> str:
        return "STOP\nhere"

    def html(self) -> str:
        return "<b>STOP</b>"

    def svg(self) -> str:
        return "<svg/>"


@pytest.fixture(autouse=True)
def _recorded() -> Iterator[None]:
    with recording():
        yield
        stop_all()


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_shows_itself_in_words_and_has_a_name_of_one_line(name: str) -> None:
    view = VIEWS[name]()
    assert isinstance(view, View)
    bundle = view._repr_mimebundle_()
    assert bundle[TEXT] == view.text() == str(view) == repr(view)
    assert bundle.get(HTML, "") == view.html()
    assert bundle.get(SVG, "") == view.svg()
    assert view.summary.strip()
    assert "\n" not in view.summary
    if name == "panel":
        view.close()


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_gives_the_forms_that_were_asked_for_and_no_other(name: str) -> None:
    view = VIEWS[name]()
    assert set(view._repr_mimebundle_(include=[TEXT, "image/png"])) == {TEXT}
    assert TEXT not in view._repr_mimebundle_(exclude=[TEXT])
    if name == "panel":
        view.close()


def test_what_is_excluded_is_left_out_even_if_it_is_included_too() -> None:
    sign = Sign()
    assert sign._repr_mimebundle_() == {TEXT: "STOP\nhere", HTML: "<b>STOP</b>", SVG: "<svg/>"}
    assert sign._repr_mimebundle_([TEXT, SVG], [SVG]) == {TEXT: "STOP\nhere"}
    assert sign._repr_mimebundle_(include=[]) == {}
    assert sign.summary == "STOP"


class Drawing(View):
    """A view that gives a picture and words, and no HTML."""

    def text(self) -> str:
        return "<a>\nb"

    def svg(self) -> str:
        return '<svg xmlns="http://www.w3.org/2000/svg"/>'


def test_a_picture_never_comes_without_its_words() -> None:
    page = Drawing()._repr_mimebundle_()[HTML]
    assert 'alt="&lt;a&gt;"' in page
    assert "&lt;a&gt;\nb</pre>" in page
    assert "%3Csvg xmlns=" in page


def test_only_a_live_page_gets_a_widget_and_can_leave_it_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert set(progress()._repr_mimebundle_()) == {TEXT, HTML}
    monkeypatch.setattr(showing, "is_notebook", lambda: True)
    assert set(progress()._repr_mimebundle_()) == {TEXT, HTML, showing.WIDGET_VIEW}
    assert set(progress()._repr_mimebundle_(exclude=[showing.WIDGET_VIEW])) == {TEXT, HTML}


def test_nobody_else_makes_a_mime_bundle() -> None:
    folder = Path(helpers.__file__).parent
    makers = [path for path in folder.rglob("*.py") if "def _repr_" in path.read_text("utf-8")]
    assert makers == [folder / "view.py"]
