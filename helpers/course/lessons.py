"""The lessons of the course, and what there is to do in each of them: declared here, once.

The predictions are not repeated here: they are those of the lesson's file in `predictions/`.
Nor are the exercises: each says its lesson in its own `words.toml`.
A test compares all of it with the notebooks.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpers.course import questions
from helpers.course.saying import TITLES
from helpers.exercises import discovery


@dataclass(frozen=True)
class Lesson:
    """One notebook of the course."""

    number: str
    title: str
    minutes: int
    """To read and run it, without its exercises: as `tools/minutes.py` computes them."""
    file: str
    deeper: bool = False
    """The others do not need it: a learner in a hurry may leave it out."""

    @property
    def said_title(self) -> str:
        """The title in the language that is spoken now."""
        return TITLES.all().get(self.number, self.title)

    @property
    def exercises(self) -> tuple[str, ...]:
        """The names of its exercises: each says its lesson in its folder."""
        return discovery.of_lesson(self.number)

    @property
    def exercise_minutes(self) -> int:
        """The minutes for its exercises, or 0."""
        return sum(discovery.folders()[name].words.minutes for name in self.exercises)

    @property
    def minutes_text(self) -> str:
        """As a map has them: `"35 + 8"`, or `"25"` for a lesson without exercises."""
        return " + ".join(str(each) for each in (self.minutes, self.exercise_minutes) if each)

    @property
    def predictions(self) -> tuple[str, ...]:
        """The names of its predictions, in order."""
        if self.number not in questions.lessons():
            return ()
        return tuple(each.name for each in questions.of_lesson(self.number).predictions)


LESSONS = (
    Lesson("00", "Start here", 30, "00_start_here.ipynb"),
    Lesson("01", "socket(): make a socket", 35, "01_socket.ipynb"),
    Lesson("02", "bind(): take an address", 35, "02_bind.ipynb"),
    Lesson("03", "listen(): open for clients", 30, "03_listen.ipynb"),
    Lesson("04", "connect(): reach a server", 25, "04_connect.ipynb"),
    Lesson("05", "accept(): meet the client", 40, "05_accept.ipynb"),
    Lesson("06", "recv(): read the stream", 50, "06_recv.ipynb"),
    Lesson("07", "Text and lines: find the boundaries", 30, "07_text_and_lines.ipynb"),
    Lesson("08", "sendall(): write it all", 45, "08_sendall.ipynb"),
    Lesson("09", "send(): when not all fits", 25, "09_send.ipynb", deeper=True),
    Lesson("10", "close(): end it well", 45, "10_close.ipynb"),
    Lesson("11", "Resets and TIME_WAIT: ends that surprise", 35, "11_resets.ipynb", deeper=True),
    Lesson("12", "The echo programs", 55, "12_the_echo_programs.ipynb"),
    Lesson("13", "Messages: put boundaries into the stream", 50, "13_messages.ipynb"),
    Lesson("14", "Time limits, and peers that vanish", 50, "14_time_limits.ipynb"),
    Lesson("15", "Names and IPv6: more than one address", 40, "15_names_and_ipv6.ipynb"),
    Lesson("16", "UDP: single messages", 55, "16_udp.ipynb"),
    Lesson("17", "Threads: many clients at the same time", 55, "17_threads.ipynb"),
    Lesson("18", "Many clients in one thread: selectors", 50, "18_selectors.ipynb"),
    Lesson("19", "asyncio: the loop from the library", 55, "19_asyncio.ipynb"),
    Lesson("20", "TLS: nobody else reads or changes it", 55, "20_tls.ipynb"),
)
