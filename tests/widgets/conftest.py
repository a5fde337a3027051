"""What the tests of the panel leave running is stopped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers.live.registry import stop_all


@pytest.fixture
def stopped_behind(recorded: None) -> Iterator[None]:
    yield
    stop_all()
