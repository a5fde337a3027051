"""A ladder stays as it is, byte for byte: text and picture are compared with those in `golden/`.

A change that is meant is seen in the files, in a text editor and in a browser, and kept with them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from scenes import Scene, crowd, echo

from helpers.ladder.timeline import Timeline

GOLDEN = Path(__file__).parent / "golden"
SCENES = {"two_lanes": echo(), "graph": crowd(["anna", "ben"])}


@pytest.mark.parametrize(("name", "scene"), SCENES.items())
def test_a_ladder_stays_as_it_is(name: str, scene: Scene) -> None:
    shown = Timeline(scene.events)
    assert shown.text() + "\n" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert shown.svg() == (GOLDEN / f"{name}.svg").read_text(encoding="utf-8")
