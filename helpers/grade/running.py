"""Answers, each checked in a process of its own, several at the same time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.grade.answer import Answer

SECONDS = 15
"""How long one answer may take. A check ends within five seconds, whatever the answer does; the
rest is for a machine that has much else to do."""

LARGEST_RESULT = 2**20
"""Bytes that are read of what a process has written."""

OUTCOMES = ("correct", "incorrect", "cannot check", "not attempted", "not handed in")


@dataclass(frozen=True)
class Grade:
    """What one learner's answer to one exercise came to."""

    learner: str
    exercise: str
    outcome: str = "not handed in"
    """One of `OUTCOMES`."""
    scenario: str = ""
    mistake: str = ""
    """The name of the known mistake, or `""`."""
    error: str = ""
    report: str = ""
    """What the learner would have read, as text."""
    file: str = ""


@dataclass(frozen=True)
class Task:
    """An answer that waits for its process."""

    learner: str
    file: str
    answer: Answer


def graded(tasks: Iterable[Task], jobs: int, seconds: int = SECONDS) -> Iterator[Grade]:
    """The grade of each task, in their order; `jobs` processes at the same time."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda task: grade(task, seconds), tasks)


def grade(task: Task, seconds: int = SECONDS) -> Grade:
    """Check one answer in a process of its own. It is killed after `seconds`, with its children."""
    found = Grade(task.learner, task.answer.exercise, "cannot check", file=task.file)
    if task.answer.error:
        return replace(found, error=task.answer.error)
    asked = {
        "exercise": task.answer.exercise,
        "code": task.answer.code,
        "file": task.file,
        "seconds": seconds,
    }
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        open(Path(folder, "result"), "w+b") as result,
    ):
        ended = _run(json.dumps(asked).encode(), result.fileno(), folder, seconds)
        result.seek(0)
        written = result.read(LARGEST_RESULT)
    if ended is None:
        return replace(found, error=f"ended after {seconds} seconds")
    try:
        told = json.loads(written)
        texts = {key: str(told.get(key, "")) for key in ("scenario", "mistake", "error", "report")}
        outcome = told["outcome"] if told["outcome"] in OUTCOMES else "cannot check"
        return replace(found, outcome=outcome, **texts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return replace(found, error=f"it ended the whole process ({_how(ended)})")


def _run(asked: bytes, result: int, folder: str, seconds: int) -> int | None:
    """The exit code of the process; None if its time was up."""
    package = str(Path(__file__).resolve().parents[2])
    # Few arenas: glibc reserves 64 MiB of addresses for each, and addresses are bounded.
    environment = {
        **os.environ,
        "PYTHONPATH": package,
        "SOCKET_COURSE_DATA": folder,
        "MALLOC_ARENA_MAX": "2",
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "helpers.grade.child"],
        stdin=subprocess.PIPE,
        stdout=result,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        start_new_session=True,
    )
    try:
        process.communicate(asked, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and what it has started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):  # all of them are gone
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _how(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
