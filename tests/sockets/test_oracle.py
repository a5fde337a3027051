"""CPython's own tests of `socket` pass with the recording class in place.

They are the judge of "behaves exactly as a plain socket". What must differ is listed here by
name, with the reason.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORACLE = Path(__file__).with_name("oracle.py")

CLASSES = [
    "BasicTCPTest",
    "BasicTCPTest2",
    "NonBlockingTCPTests",
    "TCPTimeoutTest",
    "TCPCloserTest",
    "FileObjectClassTestCase",
    "UnbufferedFileObjectClassTestCase",
    "LineBufferedFileObjectClassTestCase",
    "SmallBufferedFileObjectClassTestCase",
    "NetworkConnectionNoServer",
    "NetworkConnectionAttributesTest",
    "NetworkConnectionBehaviourTest",
    "ContextManagersTest",
    "CreateServerTest",
    "CreateServerFunctionalTest",
    "SendfileUsingSendTest",
    "SendfileUsingSendfileTest",
    "BufferIOTest",
    "BasicUDPTest",
    "UDPTimeoutTest",
    "BasicSocketPairTest",
    "TestUnixDomain",
    "GeneralModuleTests",
    "TestExceptions",
    "InheritanceTest",
    "InterruptedRecvTimeoutTest",
    "InterruptedSendTimeoutTest",
]

WITHOUT_POLL = [
    "BasicTCPTest",
    "NonBlockingTCPTests",
    "TCPTimeoutTest",
    "FileObjectClassTestCase",
    "NetworkConnectionNoServer",
    "SendfileUsingSendTest",
    "BufferIOTest",
    "BasicUDPTest",
]
"""The classes that also run on the recorder's way for Windows, one by one."""

AS_ON_MACOS = ["NonBlockingTCPTests", "SendfileUsingSendTest", "BasicTCPTest"]
"""The classes that also run on its way for macOS."""

LIMIT = 60
"""Seconds for one class."""

OUTCOME = re.compile(r"^(?:ERROR|FAIL): (\w+) \([\w.]*?(\w+)(?:\.\1)?\)", re.MULTILINE)


def run(folder: Path, *arguments: str) -> str:
    """What the oracle says of this class. Its tests make files in the folder."""
    result = subprocess.run(
        [sys.executable, str(ORACLE), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=LIMIT,
    )
    return result.stdout


RUNS = [
    *((name,) for name in CLASSES),
    *(("--as-on-windows", name) for name in WITHOUT_POLL),
    ("--as-on-macos", *AS_ON_MACOS),
]
"""What the oracle is called with, one process each."""

BESIDE = 6
"""So many of them run beside each other: nearly all of their time they wait for a time limit."""


@pytest.mark.posix_only
def test_cpython_s_own_tests_pass(tmp_path: Path) -> None:
    """Of one class alone, `python tests/sockets/oracle.py CLASS` tells."""
    if importlib.util.find_spec("test.test_socket") is None:
        pytest.skip(
            "this Python has no test.test_socket (Debian: apt install libpython3-testsuite)"
        )
    with ThreadPoolExecutor(BESIDE) as pool:
        for said in pool.map(lambda arguments: run(tmp_path, *arguments), RUNS):
            judge(said)


def judge(said: str) -> None:
    """The classes pass."""
    ran = re.search(r"^Ran (\d+) tests? in", said, re.MULTILINE)
    recorded = re.search(r"^(\d+) calls recorded$", said, re.MULTILINE)
    assert ran, said
    assert recorded, said
    assert int(ran[1]) > 0
    assert int(recorded[1]) >= 3 * int(ran[1]) / 2, "the recorder was not in place"
    failed = {f"{case}.{test}" for test, case in OUTCOME.findall(said)}
    assert failed == set(), said
