"""Every test of the soak says how to repeat it, and tells how much it has done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from soak.plan import Soak


@pytest.fixture
def soak(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Iterator[Soak]:
    made = Soak()
    # pytest shows it with a failure.
    print(
        f"Repeat: SOAK_SEED={made.seed} SOAK_SIZE={made.size} "
        f"python -m pytest '{request.node.nodeid}'"
    )
    yield made
    record_property("done", made.done)
