"""Test suites that nobody here wrote, plain and recorded: no test has another outcome.

    python -m tools.suites                all of them: of the standard library, and of projects
    python -m tools.suites stdlib tornado    only these
    python -m tools.suites --list

The suite of a project comes with its source package, from the package index that pip uses. Each
suite gets an environment of its own, in a folder that is removed at the end. It runs in a process
of its own, with a time limit: first plain, then recorded. What differs runs again, and what differs
again is told. The exit code says whether there was any.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CHILD = Path(__file__).with_name("suite_child.py")
LIMIT = 900
"""Seconds for a suite, or for a file of one that did not end. The longest takes 250 plain."""

ALL = "(all)"
"""Stands for all tests of a process that did not come to its end."""

Outcomes = dict[str, str]
"""By the name of the test."""

Differences = dict[str, tuple[str, str]]
"""By the name of the test: how it went plain, and recorded."""


class Suite(NamedTuple):
    """A project's tests: what they need, and the files that are run."""

    name: str
    files: tuple[str, ...]
    """Patterns below the folder of the source package."""
    needs: tuple[str, ...] = ()
    installed: bool = False
    """The files are below the installed package instead."""
    options: tuple[str, ...] = ()
    """What pytest is given besides."""


STDLIB = (
    "test_socketserver",
    "test_smtplib",
    "test_selectors",
    "test_select",
    "test_poll",
    "test_epoll",
    "test_ftplib",
    "test_poplib",
    "test_imaplib",
    "test_httplib",
    "test_httpservers",
    "test_urllib2_localnet",
    "test_telnetlib",
    "test_xmlrpc",
    "test_docxmlrpc",
    "test_asyncore",
    "test_asynchat",
    "test_wsgiref",
    "test_robotparser",
    "test_ssl",
    "test_logging",
)
"""Modules of CPython's own tests. Some are gone in newer versions: those are left out."""

PROJECTS = (
    Suite("tornado", ("test/*_test.py",), installed=True),
    Suite(
        "aiosmtpd",
        ("tests/test_*.py",),
        ("pytest-mock", "pytest-asyncio<0.24"),
        installed=True,
    ),
    Suite("waitress", ("tests/test_*.py",)),
    Suite("websocket-client", ("tests/test_*.py",), installed=True),
    Suite("pytest-httpserver", ("tests/test_*.py",), ("requests", "httpx", "pytest-asyncio")),
    Suite(
        "trio",
        ("_tests/test_socket.py", "_tests/test_highlevel_*.py", "_tests/test_ssl.py"),
        ("trustme", "pyOpenSSL", "async_generator", "jedi"),
        installed=True,
        options=("-p", "trio._tests.pytest_plugin"),
    ),
    Suite(
        "anyio",
        ("tests/test_sockets.py", "tests/streams/test_*.py", "tests/test_from_thread.py"),
        (
            *("trio", "trustme", "pytest-mock", "psutil", "hypothesis", "truststore"),
            *("blockbuster", "pytest-timeout", "uvloop"),
        ),
    ),
    Suite("pyftpdlib", ("pyftpdlib/test/test_*.py", "tests/test_*.py"), ("psutil", "pyOpenSSL")),
    Suite(
        "urllib3",
        (
            "test/with_dummyserver/test_*.py",
            "test/test_connection*.py",
            "test/test_ssltransport.py",
        ),
        (
            *("trustme", "pyOpenSSL", "PySocks", "quart", "quart-trio", "hypercorn", "httpx"),
            *("h2", "pytest-timeout", "pytest-socket", "trio", "idna"),
        ),
        options=("-k", "not probe_blocked_per_thread"),  # for a host that never answers
    ),
)
"""Those that need no server of their own, and run on their own."""

KNOWN = {
    "test.test_ssl.SimpleBackgroundTests.test_makefile_close": (
        "It looks whether a number is free after close(). The recorder may have taken it: a thread "
        "that waits has descriptors of its own."
    ),
    "test.test_select.SelectTestCase.test_select_mutated": (
        "select() looks at a list that shrinks under it; a recorded one has a copy."
    ),
}
"""Tests that may differ, and why."""


def outcomes_of(
    python: str, kind: str, arguments: Sequence[str], when: str, folder: Path, limit: float = LIMIT
) -> Outcomes:
    """How the tests went. A process that hangs or dies has one outcome for all of them."""
    path = os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])
    with tempfile.TemporaryDirectory() as made:
        result = Path(made) / "outcomes.json"
        process = subprocess.Popen(
            [python, str(CHILD), when, str(result), kind, *arguments],
            cwd=folder,
            env={**os.environ, "SUITE_PATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            return {ALL: f"not over after {limit:g} s"}
        finally:
            _end(process)
        if not result.exists():
            return {ALL: f"died with exit code {process.returncode}"}
        found: Outcomes = json.loads(result.read_text(encoding="utf-8"))
        return found


def _end(process: subprocess.Popen[bytes]) -> None:
    """It, and what it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def differences(plain: Outcomes, recorded: Outcomes) -> Differences:
    """The tests with another outcome, each with both. What is `KNOWN` is none."""
    tests = sorted({*plain, *recorded} - set(KNOWN))
    both = {test: (plain.get(test, "not run"), recorded.get(test, "not run")) for test in tests}
    return {test: each for test, each in both.items() if each[0] != each[1]}


class SuiteRun(NamedTuple):
    """Tests that can run now."""

    python: str
    kind: Literal["unittest", "pytest"]
    names: Sequence[str]
    """Modules, or files."""
    folder: Path
    options: Sequence[str] = ()

    def outcomes(self, when: str, names: Sequence[str] = ()) -> Outcomes:
        """How they went, or those of them that are named. One that hangs does not hide others."""
        names = names or self.names
        found = self._outcomes(when, names)
        if ALL in found and len(names) > 1:
            found = {}
            for name in names:
                alone = self._outcomes(when, [name])
                found |= {name if test == ALL else test: how for test, how in alone.items()}
        return found

    def _outcomes(self, when: str, names: Sequence[str]) -> Outcomes:
        return outcomes_of(self.python, self.kind, [*self.options, *names], when, self.folder)

    def compared(self) -> tuple[int, Differences]:
        """How many tests there are, and what differs twice."""
        plain, found = self.outcomes("plain"), {}
        if "passed" not in plain.values():  # nothing could be imported, or it hangs
            return 0, {ALL: (plain.get(ALL, "no test passed"), "not run")}
        found = differences(plain, self.outcomes("before"))
        if found:
            again = self.outcomes("plain", list(found))
            found = differences(again, self.outcomes("before", list(found)))
        return len(plain), found


# Where the suites come from


def stdlib_modules() -> list[str]:
    """Those that this Python has."""
    return [f"test.{name}" for name in STDLIB if find_spec(f"test.{name}") is not None]


def fetched(suite: Suite | None, folder: Path) -> SuiteRun:
    """A project's tests, in an environment of their own; without one, those of this Python."""
    if suite is None:
        return SuiteRun(sys.executable, "unittest", stdlib_modules(), folder)
    python = str(folder / "venv" / "bin" / "python")
    _run(sys.executable, "-m", "venv", str(folder / "venv"))
    pip = (python, "-m", "pip", "--disable-pip-version-check", "-qq")
    _run(
        *pip, "download", "--no-deps", "--no-binary=:all:", "-d", str(folder / "sdist"), suite.name
    )
    (package,) = (folder / "sdist").iterdir()
    with tarfile.open(package) as archive:
        archive.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    _run(*pip, "install", str(source), "pytest", *suite.needs)
    base = source
    if suite.installed:
        (base,) = _installed(folder / "venv", suite.name.replace("-client", ""))
    files = sorted(str(path) for each in suite.files for path in base.glob(each))
    return SuiteRun(python, "pytest", files, source, suite.options)


def _installed(venv: Path, name: str) -> Iterator[Path]:
    yield from venv.glob(f"lib/*/site-packages/{name}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


# The report


def main() -> int:
    """Run the suites that the command line names. Returns 1 if a test has another outcome."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", help="stdlib, or a project; without: all")
    parser.add_argument("--list", action="store_true", help="name them, and do no more")
    chosen = parser.parse_args()
    suites = {suite.name: suite for suite in PROJECTS}
    every = ["stdlib", *suites]
    if chosen.list:
        print("\n".join(every))
        return 0
    if unknown := set(chosen.names) - set(every):
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    differ = 0
    for name in chosen.names or every:
        with tempfile.TemporaryDirectory() as made:
            try:
                differ += report(name, fetched(suites.get(name), Path(made)))
            except subprocess.CalledProcessError:
                print(f"{name}: its source package could not be installed, so it is not compared")
    print(f"{differ} tests have another outcome" if differ else "No test has another outcome.")
    return min(differ, 1)


def report(name: str, tests: SuiteRun) -> int:
    """One line for a suite, and one for each difference. Returns how many there are."""
    began = time.monotonic()
    count, found = tests.compared()
    print(f"{name}: {count} tests, {len(found)} differ ({time.monotonic() - began:.0f} s)")
    for test, (plain, recorded) in found.items():
        print(f"    {test}: plain {plain}, recorded {recorded}")
    sys.stdout.flush()
    return len(found)


if __name__ == "__main__":
    sys.exit(main())
