"""A small part of `tools.suites`: tests of CPython's own that build on sockets pass, recorded."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.suites import ALL, KNOWN, Suite, SuiteRun, differences

DAILY = [
    "test_socketserver",
    "test_smtplib",
    "test_epoll",
    "test_httplib",
    "test_httpservers",
    "test_asynchat",
    "test_wsgiref",
    "test_ssl.TestPreHandshakeClose",
    "test_ssl.SSLErrorTests",
    "test_ssl.SimpleBackgroundTests.test_bio_handshake",
    "test_ssl.SimpleBackgroundTests.test_connect",
    "test_ssl.SimpleBackgroundTests.test_connect_cadata",
    "test_ssl.SimpleBackgroundTests.test_non_blocking_handshake",
    "test_ssl.SimpleBackgroundTests.test_non_blocking_connect_ex",
    "test_ssl.ThreadedTests.test_asyncore_server",
    "test_ssl.ThreadedTests.test_do_handshake_enotconn",
    "test_ssl.ThreadedTests.test_handshake_timeout",
    "test_ssl.ThreadedTests.test_nonblocking_send",
    "test_ssl.ThreadedTests.test_read_write_after_close_raises_valuerror",
    "test_ssl.ThreadedTests.test_recv_send",
    "test_ssl.ThreadedTests.test_recv_zero",
    "test_ssl.ThreadedTests.test_rude_shutdown",
    "test_ssl.ThreadedTests.test_sendfile",
    "test_ssl.ThreadedTests.test_server_accept",
    "test_ssl.ThreadedTests.test_starttls",
    "test_ssl.ThreadedTests.test_wrong_cert_tls13",
]
"""Quick ones: together they take half as long as the rest of one of these modules."""


@pytest.mark.posix_only
def test_cpython_s_tests_of_what_builds_on_sockets_pass(tmp_path: Path) -> None:
    names = [f"test.{each}" for each in DAILY if exists(each)]
    if not names:
        pytest.skip("this Python has none of its own tests (Debian: libpython3-testsuite)")
    tests = SuiteRun(sys.executable, "unittest", names, tmp_path)
    recorded = tests.outcomes("before")
    assert len(recorded) > len(names)
    failed = [test for test, outcome in recorded.items() if outcome not in ("passed", "skipped")]
    if failed:  # as it may plain
        plain = tests.outcomes("plain", [] if ALL in failed else failed)
        assert differences(plain, {test: recorded[test] for test in failed}) == {}


def exists(name: str) -> bool:
    module, _, test = name.partition(".")
    spec = find_spec("test") and find_spec(f"test.{module}")
    if not spec or not spec.origin:
        return False
    source = Path(spec.origin)
    return not test or f"{test.rpartition('.')[2]}(" in source.read_text(encoding="utf-8")


def test_a_difference_is_told_with_both_outcomes() -> None:
    known = next(iter(KNOWN))
    plain = {"same": "passed", "worse": "passed", "gone": "skipped", known: "passed"}
    recorded = {"same": "passed", "worse": "failed", "new": "passed", known: "failed"}
    assert differences(plain, recorded) == {
        "gone": ("skipped", "not run"),
        "new": ("not run", "passed"),
        "worse": ("passed", "failed"),
    }


A_TEST = """
import os, socket, unittest
class Test(unittest.TestCase):
    def test(self): {body}
"""


@pytest.mark.posix_only
@pytest.mark.parametrize(
    ("body", "plain", "recorded"),
    [
        ("self.assertEqual(1, 1)", "passed", "passed"),
        ("self.assertEqual(1, 2)", "failed", "failed"),
        ("self.assertFalse(hasattr(socket.socket.recv, '__code__'))", "passed", "failed"),
        ("self.skipTest('')", "skipped", "skipped"),
        ("os._exit(3)", "died with exit code 3", "died with exit code 3"),
    ],
)
def test_a_suite_is_judged_by_its_outcomes(
    tmp_path: Path, body: str, plain: str, recorded: str
) -> None:
    (tmp_path / "some_test.py").write_text(A_TEST.format(body=body), encoding="utf-8")
    tests = SuiteRun(sys.executable, "unittest", ["some_test"], tmp_path)
    assert list(tests.outcomes("plain").values()) == [plain]
    assert list(tests.outcomes("before").values()) == [recorded]


@pytest.mark.posix_only
def test_a_suite_that_cannot_be_imported_is_no_suite_without_a_difference(tmp_path: Path) -> None:
    tests = SuiteRun(sys.executable, "unittest", ["missing_test"], tmp_path)
    assert tests.compared() == (0, {ALL: ("no test passed", "not run")})


@pytest.mark.weekly
def test_a_project_is_judged_as_well(tmp_path: Path) -> None:
    body = "self.assertFalse(hasattr(socket.socket.recv, '__code__'))"
    (tmp_path / "some_test.py").write_text(A_TEST.format(body=body), encoding="utf-8")
    tests = SuiteRun(sys.executable, "pytest", ["some_test.py"], tmp_path)
    assert tests.compared() == (1, {"some_test.py::Test::test": ("passed", "failed")})


def test_each_project_is_there_once() -> None:
    from tools.suites import PROJECTS

    assert len({suite.name for suite in PROJECTS}) == len(PROJECTS)
    assert all(isinstance(suite, Suite) and suite.files for suite in PROJECTS)
