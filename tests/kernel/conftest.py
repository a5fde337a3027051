"""What the tests of kernel_view() look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from rooms import Room

from helpers.kernel import psutil as kernel_elsewhere
from helpers.kernel import view as kernel


@pytest.fixture
def room() -> Iterator[Room]:
    with ExitStack() as stack:
        yield Room(stack)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the way that systems other than Linux take."""
    monkeypatch.setattr(kernel, "system", kernel_elsewhere)
