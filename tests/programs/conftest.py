"""What every test of the programs has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from running import Address, Server


@pytest.fixture(scope="module", autouse=True)
def _plain_text() -> Iterator[None]:
    """A tester who likes colors (FORCE_COLOR) gets them in no message that is compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        yield


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    """The address of one server that serves many tests. It must still be well at the end."""
    with Server() as server:
        yield server.address
