"""A learner of the tests: with data of its own, and gone from the board behind each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.classroom import membership


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SOCKET_COURSE_DATA", str(tmp_path / "learner"))
    yield
    member = membership._member
    membership.leave_quietly()
    if member is not None:
        member.sender.join()
