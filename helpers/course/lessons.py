"""The lessons of the course, and what there is to do in each of them: declared here, once.

The predictions are not repeated here: they are those of the lesson's file in `predictions/`.
Nor are the exercises: each says its lesson in its own `words.toml`.
A test compares all of it with the notebooks.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.course import questions
from helpers.exercises import discovery


@dataclass(frozen=True)
class Lesson:
    """One notebook of the course."""

    number: str
    title: str
    minutes: int
    file: str

    @property
    def exercises(self) -> tuple[str, ...]:
        """The names of its exercises: each says its lesson in its folder."""
        return discovery.of_lesson(self.number)

    @property
    def predictions(self) -> tuple[str, ...]:
        """The names of its predictions, in order."""
        if self.number not in questions.lessons():
            return ()
        return tuple(each.name for each in questions.of_lesson(self.number).predictions)


LESSONS = (
    Lesson("00", "Start here", 10, "00_start_here.ipynb"),
    Lesson("01", "socket(): make a socket", 20, "01_socket.ipynb"),
    Lesson("02", "bind(): take an address", 25, "02_bind.ipynb"),
    Lesson("03", "listen(): open for clients", 25, "03_listen.ipynb"),
    Lesson("04", "accept(): meet the client", 25, "04_accept.ipynb"),
    Lesson("05", "recv(): read the stream", 35, "05_recv.ipynb"),
    Lesson("06", "sendall(): write it all", 30, "06_sendall.ipynb"),
    Lesson("07", "close(): end it well", 25, "07_close.ipynb"),
    Lesson("08", "The echo programs", 40, "08_the_echo_programs.ipynb"),
)
