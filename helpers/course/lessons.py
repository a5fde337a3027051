"""The lessons of the course, and what there is to do in each of them: declared here, once.

The predictions are not repeated here: they are those of the lesson's file in `predictions/`.
A test compares all of it with the notebooks.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.course import questions


@dataclass(frozen=True)
class Lesson:
    """One notebook of the course."""

    number: str
    title: str
    minutes: int
    file: str
    exercises: tuple[str, ...] = ()

    @property
    def predictions(self) -> tuple[str, ...]:
        """The names of its predictions, in order."""
        if self.number not in questions.lessons():
            return ()
        return tuple(each.name for each in questions.of_lesson(self.number).predictions)


LESSONS = (
    Lesson("00", "Start here", 10, "00_start_here.ipynb"),
    Lesson("01", "socket(): make a socket", 20, "01_socket.ipynb", ("open_two",)),
    Lesson("02", "bind(): take an address", 25, "02_bind.ipynb", ("free_listener",)),
    Lesson("03", "listen(): open for clients", 25, "03_listen.ipynb", ("open_listener",)),
    Lesson("04", "accept(): meet the client", 25, "04_accept.ipynb", ("greet",)),
    Lesson(
        "05",
        "recv(): read the stream",
        35,
        "05_recv.ipynb",
        ("read_exactly", "read_lines", "read_text"),
    ),
    Lesson("06", "sendall(): write it all", 30, "06_sendall.ipynb", ("send_all", "send_file")),
    Lesson("07", "close(): end it well", 25, "07_close.ipynb", ("ask",)),
    Lesson("08", "The echo programs", 40, "08_the_echo_programs.ipynb", ("echo_server",)),
)
