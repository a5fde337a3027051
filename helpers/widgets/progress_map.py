"""The map of the course, with what this learner has done in a live page."""

from __future__ import annotations

from helpers.course import map, progress_store
from helpers.course.lessons import LESSONS
from helpers.course.saying import MAP
from helpers.widgets.page_card import PageCard
from helpers.widgets.showing import LiveView


class CourseMap(LiveView):
    """The lessons and what there is to do in each. Shown again, it is read again."""

    @property
    def summary(self) -> str:
        """What the table is of."""
        return MAP["title"]

    def text(self) -> str:
        """A table, the same for every learner."""
        return map.as_text(LESSONS)

    def html(self) -> str:
        """The same table, with a link to each lesson."""
        return map.as_html(LESSONS)

    def widget(self) -> PageCard:
        """The table with what this learner has done."""
        return PageCard(value=self.page())

    def page(self) -> str:
        """What the live page shows: it differs from learner to learner."""
        found = progress_store.load()
        folder = "" if found.problem else str(progress_store.data_folder())
        return map.as_page(LESSONS, found, folder)
