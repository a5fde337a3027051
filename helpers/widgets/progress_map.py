"""The map of the course, with what this learner has done in a live page."""

from __future__ import annotations

from typing import Any

import ipywidgets

from helpers.course import map, progress_store
from helpers.course.lessons import LESSONS
from helpers.widgets.showing import is_notebook, view_of


class CourseMap:
    """The lessons and what there is to do in each. Shown again, it is read again."""

    def __repr__(self) -> str:
        return map.as_text(LESSONS)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = {"text/plain": repr(self), "text/html": map.as_html(LESSONS)}
        if is_notebook():
            bundle |= view_of(ipywidgets.HTML(self.page()))
        return bundle

    def page(self) -> str:
        """What the live page shows: it differs from learner to learner."""
        found = progress_store.load()
        place = "" if found.problem else str(progress_store.place())
        return map.as_page(LESSONS, found, place)
