"""The engine of the exercises: it runs the learner's function among the peers, and judges.

Rules of this file:

- It judges what a function did, never how it is written. A run becomes facts (`stage.py`), and
  the facts are compared with those that the scenario expects.
- A mistake is known by its behaviour, too: if the function fails a scenario, the programs of
  the folder that first fail there are run in it as well. The one that did just the same
  has the learner's mistake.
- A check ends within `LIMIT` seconds, whatever the function does.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from helpers.course import activity, progress_store
from helpers.course.activity import Checked
from helpers.exercises.blocks import Message
from helpers.exercises.call_log import CallLog
from helpers.exercises.common import by_what_is_left, common_mistake
from helpers.exercises.deadline import Deadline
from helpers.exercises.evidence import quoted
from helpers.exercises.folder import Folder, Mistake, load
from helpers.exercises.report import Report
from helpers.exercises.run import LOOPS, NEVER_RESTS, STILL_RUNS
from helpers.exercises.scenario import Facts, Scenario
from helpers.exercises.stage import THREAD_ERROR, Stage
from helpers.exercises.swallowed import watched_errors
from helpers.exercises.threads import STOP_TIME
from helpers.exercises.values import close_what_it_keeps
from helpers.exercises.wording import check_words, english_name
from helpers.ladder.timeline import Timeline
from helpers.particles import filled
from helpers.record.record import record
from helpers.sockets.install import recording

LIMIT = 5.0
"""Seconds that one check takes at most. Chosen: who waits longer believes that nothing happens.

On Linux that is time of the program's own: see `fair_time.py`."""

NAMING_TIME = 0.8
"""Seconds of them that are kept for finding out which mistake it is. Measured: most programs with
a known mistake take less than a tenth of a second in the scenario that finds it."""

ENDING_TIME = STOP_TIME
"""Seconds of them that are kept for ending what is still under way then."""


_OF_THE_PEER = (OSError, EOFError, UnicodeError, AssertionError)
"""Errors that speak of what the peer has done: whoever raises one has judged it, and wrongly. So
has who asserts something of it."""


def _is_wrong_already(scenario: Scenario, stage: Stage) -> bool:
    """Whether something else than how it ended was seen, and is not as it should be."""
    seen = [key for key in scenario.expected if key != "ended" and key in stage.facts]
    return any(stage.facts[key] != scenario.expected[key] for key in seen)


class Exercise:
    """One exercise: `check(function)`, `hint()`, `solution()`."""

    def __init__(self, folder: Folder, scenarios: tuple[Scenario, ...]) -> None:
        self.name = folder.name
        self.folder = folder
        self.scenarios = scenarios
        self.hints_given = 0
        self._attempted = False
        self._failed: Report | None = None
        self._known: dict[tuple[str, str], Facts] = {}
        """What a known mistake's program does in a scenario."""

    def check(self, function: Callable[..., Any]) -> Report:
        """Run the function among peers that misbehave, and say what it did.

        Raises TypeError for something that is not a function.
        """
        self._refuse(function)
        found = self._check(function)
        mistake = english_name(self.folder, found.mistake)
        activity.tell(Checked(self.name, found.outcome, found.scenario, mistake))
        return found

    def _check(self, function: Callable[..., Any]) -> Report:
        time_left = Deadline(time.monotonic() + LIMIT)
        with (
            nullcontext() if record.enabled else recording(),
            record.isolated(CallLog(record.lock)),
        ):
            for index, scenario in enumerate(self.scenarios):
                if not scenario.runs_here:
                    continue
                stage = self.play(scenario, function, time_left.moment(NAMING_TIME))
                if stage.run.untouched and index == 0:
                    return Report(self.name, self.folder.words, "not attempted", help=self)
                self._attempted = True
                if not scenario.accepts(stage.facts):
                    time_left = time_left.sooner(ENDING_TIME)
                    self._failed = None
                    if stage.children.forks:
                        return self._report(scenario, stage, None)
                    again = stage.run.ended.startswith(("returned", "raised"))
                    if again and not stage.run.computes:
                        self._failed = self._fails_again(index, function, stage.facts, time_left)
                    if self._failed is None:
                        mistake = common_mistake(scenario, stage)
                        mistake = mistake or self._hidden_error(
                            scenario, function, stage, time_left
                        )
                        mistake = mistake or self._recognise(index, function, stage, time_left)
                        mistake = mistake or by_what_is_left(scenario, stage)
                        self._failed = self._report(scenario, stage, mistake)
                    return self._failed
        tried = tuple(each.name for each in self.scenarios if each.runs_here)
        left_out = tuple(each.name for each in self.scenarios if not each.runs_here)
        outcome = "correct" if tried else "cannot check"
        if tried:
            progress_store.exercise_passed(self.name)
        return Report(
            self.name, self.folder.words, outcome, tried=tried, left_out=left_out, help=self
        )

    @staticmethod
    def play(scenario: Scenario, function: Callable[..., Any], deadline: float) -> Stage:
        """One run of the function in one scenario, until `deadline` (monotonic) at most."""
        stage = Stage(function, deadline)
        with stage:
            scenario.play(stage)
        return stage

    def _refuse(self, function: Any) -> None:
        say = check_words()["refused"]
        if not callable(function):
            given = f"{function!r:.60}"
            raise TypeError(filled(say["no function"], name=self.name, given=given))
        if inspect.iscoroutinefunction(function) is not self._is_async:
            raise TypeError(filled(say["plain" if self._is_async else "async"], name=self.name))

    @functools.cached_property
    def _is_async(self) -> bool:
        """Whether the learner writes an `async def`, as the starter has it."""
        return inspect.iscoroutinefunction(
            load(self.folder.program("starter"), self.name, "starter")
        )

    def _fails_again(
        self, index: int, function: Callable[..., Any], failed: Facts, deadline: Deadline
    ) -> Report | None:
        """The first scenario, if more goes wrong when the function is called for it once more.

        What went well the first time, and now does not, says that something is kept from one call
        to the next. Of a server nobody can say so: its threads may do other things each time.
        """
        first = self.scenarios[0]
        has_its_own = any("second_call" in each.expected for each in self.scenarios)
        if first.expected.get("ended") != "returned" or has_its_own:
            return None
        stage = self.play(first, function, deadline.moment())
        before, now = (failed if not index else first.expected), stage.facts
        worse = any(
            before.get(key) == right != now.get(key) for key, right in first.expected.items()
        )
        if not worse or first.accepts(now) or stage.out_of_time or stage.run.ended in NEVER_RESTS:
            return None  # of a loop without end only the time tells, and the machine may be busy
        says = check_words()["kept"]
        known = Mistake(says["name"], first.name, says["says"], says["next"])
        return self._report(first, stage, known)

    def _hidden_error(
        self, scenario: Scenario, function: Callable[..., Any], failed: Stage, deadline: Deadline
    ) -> Mistake | None:
        """The mistake to catch an error of one's own, if that is what the function does."""
        never_rests = failed.out_of_time or failed.run.ended in NEVER_RESTS or failed.run.computes
        if never_rests or failed.seconds > deadline.left():
            return None
        with watched_errors() as errors:
            stage = self.play(scenario, function, deadline.moment())
            caught = errors.hidden((stage.run.error, stage.run.thread_error))
        if caught is None:
            return None
        says = check_words()["swallowed"]
        text = filled(says["says"], line=caught.line, error=caught.text)
        return Mistake(says["name"], scenario.name, text, filled(says["next"], line=caught.line))

    def _recognise(
        self, index: int, function: Callable[..., Any], stage: Stage, deadline: Deadline
    ) -> Mistake | None:
        """The known mistake that did the same, or None."""
        first = self.scenarios[index]
        known = self.folder.words.mistakes
        left = [
            key
            for key, mistake in known.items()
            if mistake.scenario == first.name
            and mistake.slip in ("", stage.run.slip)
            and quoted(mistake.claims, stage.claimable) is not None
            and any(facts == stage.facts for facts in self._facts(key, first, deadline))
        ]
        left = [key for key in left if known[key].slip] or left  # where it stands says most
        for scenario in self.scenarios[index + 1 :]:
            if not scenario.runs_here:
                continue
            if len(left) < 2 or deadline.left() <= 0 or stage.run.computes:
                break
            facts = self.play(scenario, function, deadline.moment()).facts
            alike = [key for key in left if facts in self._facts(key, scenario, deadline)]
            left = alike or left
        return known[left[0]] if left else None

    def _facts(self, mistake: str, scenario: Scenario, deadline: Deadline) -> Iterator[Facts]:
        """What the programs with a known mistake do in a scenario."""
        for code in self.folder.mistakes[mistake]:
            key = (code, scenario.name)
            if key not in self._known:
                if deadline.left() <= 0:
                    return
                program = load(code, self.name, mistake)
                stage = self.play(scenario, program, deadline.moment())
                close_what_it_keeps(program)
                if stage.out_of_time or stage.run.ended == STILL_RUNS:
                    return  # it was cut off: on a busy machine that says nothing of it
                if deadline.left() <= 0:  # not kept: it had too little time
                    yield stage.facts
                    return
                self._known[key] = stage.facts
            yield self._known[key]

    def _report(self, scenario: Scenario, stage: Stage, mistake: Mistake | None) -> Report:
        ended = str(stage.facts.get("ended", ""))
        wanted = str(scenario.expected.get("ended"))
        fails = ended not in (wanted, "returned")
        fails = fails and not isinstance(stage.run.error, _OF_THE_PEER)
        fails = fails and ended not in LOOPS
        fails = fails and not (ended.startswith("waits_in") and _is_wrong_already(scenario, stage))
        fails = fails and not (wanted.startswith("raised") and ended.startswith("raised"))
        fails = (
            stage.out_of_time
            or bool(stage.children.forks)
            or (fails and THREAD_ERROR not in stage.facts)
        )
        return Report(
            self.name,
            self.folder.words,
            "incorrect" if mistake or not fails else "cannot check",
            scenario=scenario.name,
            expected=scenario.expected,
            facts=stage.facts,
            known=mistake,
            quoted=quoted(mistake.claims, stage.claimable) or () if mistake else (),
            where=stage.run.where,
            error=stage.run.error,
            still_running=stage.run.still_running,
            out_of_time=stage.out_of_time,
            forks=bool(stage.children.forks),
            events=stage.events,
            calls=stage.calls,
            lines=stage.lines,
            help=self,
        )

    def hint(self) -> Message:
        """The next hint. After the last one, the last one again."""
        hints = self.folder.words.hints
        self.hints_given = number = min(self.hints_given + 1, len(hints))
        title = check_words()["report"]["hint"]
        return Message(
            filled(title, name=self.name, number=number, count=len(hints)), hints[number - 1]
        )

    def solution(self, show: bool = False) -> Message:
        """A solution with its reason, and another way. It opens after your first attempt.

        `solution(show=True)` opens it at once.
        """
        say = check_words()["report"]
        title = filled(say["solution"], name=self.name)
        if not (self._attempted or show):
            return Message(title, filled(say["try first"], name=self.name))
        words = self.folder.words
        return Message(
            title,
            words.solution.why,
            self.folder.program("solution"),
            words.other_way.why,
            self.folder.program("other_way"),
        )

    def timeline(self) -> Timeline | Message:
        """The calls of the run in which the last check failed, as a ladder."""
        if self._failed is None:
            return Message(self.name, check_words()["report"]["no timeline"])
        return self._failed.timeline

    def __repr__(self) -> str:
        return f"<exercise {self.folder.words.signature}>"


def exercise_in(folder: Folder) -> Exercise:
    """The exercise in this folder. Its `exercise.py` has the tuple SCENARIOS."""
    name = f"helpers.exercises.catalogue.{folder.name}.exercise"
    spec = importlib.util.spec_from_file_location(name, folder.path / "exercise.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Exercise(folder, module.SCENARIOS)
