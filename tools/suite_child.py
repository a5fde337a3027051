"""Runs tests that nobody here wrote, plain or recorded, and says how each went.

    python suite_child.py WHEN RESULT KIND NAME ...

WHEN is `plain`, `before` (sockets are recorded before the tests are imported) or `after` (they are
imported first). RESULT is the file that gets the outcomes, as JSON. KIND is `unittest` or `pytest`,
and what follows goes to it. `SUITE_PATH` has the folders in which the helpers are, and what they
need: they come last, so that the suite gets what it has brought.

A script, not a module: it runs in the environment of a suite.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import unittest
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds that a recorded wait has, as in the oracle of `test.test_socket`: more than any test."""

_ORDER = ("passed", "xfailed", "skipped", "failed")
"""A test has several results: the last of these that occurs is its outcome."""

outcomes: dict[str, str] = {}


def note(test: str, outcome: str) -> None:
    """A test, or a part of it, went so."""
    before = outcomes.get(test, _ORDER[0])
    outcomes[test] = max(before, outcome, key=_ORDER.index)


def record_sockets() -> None:
    """From now on sockets are recorded."""
    from helpers.record.record import record
    from helpers.sockets.install import install

    install()
    record.waiting.patience = PATIENCE


class _Result(unittest.TextTestResult):
    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        note(test.id(), "passed")

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        note(test.id(), "failed")

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        note(test.id(), "failed")

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        note(test.id(), "failed" if err else "passed")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        note(test.id(), "skipped")


def by_unittest(names: list[str], after: bool) -> None:
    """Tests of the standard library: `test.test_smtplib`, or a class or a test in one."""
    support: Any = importlib.import_module("test.support")
    support.use_resources = ["network"]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    if after:
        record_sockets()
    runner: Any = unittest.TextTestRunner(verbosity=0)
    runner.resultclass = _Result
    runner.run(suite)


class _Plugin:
    def __init__(self, after: bool) -> None:
        self._after = after

    def pytest_collection_finish(self) -> None:
        if self._after:
            record_sockets()

    def pytest_collectreport(self, report: Any) -> None:
        if not report.passed:
            note(report.nodeid, report.outcome)

    def pytest_runtest_logreport(self, report: Any) -> None:
        expected = hasattr(report, "wasxfail")
        note(report.nodeid, "xfailed" if expected else report.outcome)


def by_pytest(arguments: list[str], after: bool) -> None:
    """Any others."""
    import pytest

    pytest.main(
        ["-q", "-p", "no:cacheprovider", "-o", "addopts=", *arguments], plugins=[_Plugin(after)]
    )


def main() -> None:
    """Run, and write the result, whatever the suite does to this process afterwards."""
    when, result, kind, *arguments = sys.argv[1:]
    sys.path[0] = os.getcwd()  # and not where this script is
    sys.path.extend(os.environ["SUITE_PATH"].split(os.pathsep))
    if when == "before":
        record_sockets()
    {"unittest": by_unittest, "pytest": by_pytest}[kind](arguments, when == "after")
    Path(result).write_text(json.dumps(outcomes), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a thread that a test has left does not hold it up


if __name__ == "__main__":
    main()
