"""The ladder diagram as SVG, hostile data, and any order of any events."""

from __future__ import annotations

import html
import random
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import (
    CELL,
    CLIENT,
    SERVER,
    Scene,
    check_inert,
    crowd,
    echo,
    long_talk,
    scenes,
    svg_words,
)

from helpers.ladder import style
from helpers.ladder.build import ladder
from helpers.ladder.timeline import Timeline
from helpers.record.events import Actor, Event
from helpers.record.methods import SENDING

# Hostile data

HOSTILE = [
    "<script>alert(1)</script>",
    "</svg>",
    "\x1b[31m",
    "\u202e",
    "\0",
    "\r\n",
    "&amp;",
    "'\"",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_and_data_are_inert(hostile: str) -> None:
    scene = Scene().connection(hostile)
    scene.send(CELL, CLIENT, hostile, hostile.encode())
    scene.call(CELL, CLIENT, hostile, "recv", hostile, outcome="failed", error=f"Error: {hostile}")
    scene.call(Actor(2, hostile, "thread"), 77, hostile, "close", note=hostile)
    check_inert(Timeline(scene.events))


@settings(max_examples=100, deadline=None)
@given(scenes(), st.integers(0, 2000))
def test_any_text_and_bytes_are_inert_and_in_their_place(
    events: tuple[Event, ...], dropped: int
) -> None:
    check_inert(Timeline(events, dropped))


@settings(max_examples=100, deadline=None)
@given(scenes())
def test_a_lane_read_downwards_is_the_order_of_its_calls(events: tuple[Event, ...]) -> None:
    check_order(events)


def test_a_receive_stays_below_each_of_its_causes() -> None:
    scene = Scene()
    first = scene.call(CELL, 1, "client", "send")
    second = scene.call(CELL, 2, "other", "listen")
    causes = ((first, "data", 0), (second, "listen", 0))
    scene.call(SERVER, 3, "conn", "recv", causes=causes)
    check_order(scene.events)


def check_order(events: tuple[Event, ...]) -> None:
    shown = ladder(events)
    rows = [call for row in shown.rows for call in row.calls]
    assert len({call.event.number for call in rows}) == len(rows)
    ends = sum(call.event.number < 0 for call in rows)  # of sends that stand twice
    assert len(rows) - ends + sum(lane.folded for lane in shown.lanes) == len(events)
    for lane in range(len(shown.lanes)):
        keys = [call.event.sort_key for call in rows if call.lane == lane]
        assert keys == sorted(keys)
    place = {call.event.number: n for n, row in enumerate(shown.rows) for call in row.calls}
    for call in rows:
        for cause in call.event.causes:
            caused = call.event.outcome != "waiting" and cause.event in place
            made = next(each for each in events if each.number == cause.event)
            sent = made.call in SENDING and cause.kind == "data"
            if caused and (made.outcome != "waiting" or sent):
                assert place[cause.event] <= place[call.event.number]


@pytest.mark.parametrize("scene", [echo(), crowd(list("abcdefgh")), long_talk(500)])
def test_order_of_input_and_numbers_of_events_and_sockets_change_nothing(scene: Scene) -> None:
    expected = Timeline(scene.events)
    for seed in range(5):
        chance = random.Random(seed)
        numbers = list(range(5000, 5000 + 10 * len(scene.made)))
        chance.shuffle(numbers)
        new = {number: numbers.pop() for number in scene.made}
        used = {event.socket for event in scene.events} | {event.made for event in scene.events}
        sockets = {number: numbers.pop() for number in used if number is not None}
        events = [
            replace(
                event,
                number=new[event.number],
                socket=sockets[event.socket],
                made=None if event.made is None else sockets[event.made],
                causes=tuple(replace(each, event=new[each.event]) for each in event.causes),
            )
            for event in scene.events
        ]
        chance.shuffle(events)
        shown = Timeline(tuple(events))
        assert shown.text() == expected.text()
        assert shown.svg() == expected.svg()


# The picture


@pytest.mark.parametrize("scene", [echo(), crowd(["anna", "ben"]), crowd(list("abcdefgh"))])
def test_the_picture_says_the_same_words_as_the_text(scene: Scene) -> None:
    shown = Timeline(scene.events)
    spoken = Counter(re.findall(r"\w\w+", shown.text()))
    assert spoken == Counter(re.findall(r"\w\w+", svg_words(shown.svg())))


def test_the_picture_has_a_title_and_one_sentence_for_those_who_hear_it() -> None:
    root = ElementTree.fromstring(Timeline(echo().events).svg())
    title, desc = root[0], root[1]
    assert root.attrib["role"] == "img"
    assert title.text == "Timeline of socket calls"
    assert desc.text == root.attrib["aria-label"] == "Two lanes, client and echo_server, 13 calls."


def test_a_port_changes_nothing_in_the_picture_but_its_own_digits() -> None:
    svg = Timeline(echo().events).svg()
    assert "40213" in svg
    moved = [
        replace(event, arguments=(("127.0.0.1", 51515),)) if event.call == "connect" else event
        for event in echo().events
    ]
    assert Timeline(tuple(moved)).svg() == svg.replace("40213", "51515")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [style.LIGHT, style.DARK])
def test_every_text_has_enough_contrast(colours: dict[str, str]) -> None:
    for text_colour in ("text", "remark", "crossed", "bad"):
        for ground in ("card", "head"):
            assert contrast(colours[text_colour], colours[ground]) >= 4.5, (text_colour, ground)
    for stroke in ("line", "wait"):
        assert contrast(colours[stroke], colours["card"]) >= 3, stroke
    for colour in colours.values():
        assert colour in Timeline(echo().events).svg()


def test_what_is_right_has_enough_contrast_and_each_colour_stands_in_one_place() -> None:
    for ground in ("card", "head"):
        assert contrast(style.GOOD, style.LIGHT[ground]) >= 4.5
        assert contrast(style.GOOD_IN_THE_DARK, style.DARK[ground]) >= 4.5
    root = Path(style.__file__).parents[2]
    files = [*root.glob("helpers/widgets/**/*.[cpj]*"), *root.glob("book/**/*.[cpj]*")]
    files = [each for each in files if each.suffix in (".css", ".py", ".js")]
    assert len(files) > 15
    colours = (style.GOOD, style.GOOD_IN_THE_DARK, style.LIGHT["bad"], style.DARK["bad"])
    text = "".join(each.read_text(encoding="utf-8") for each in files)
    assert [each for each in colours if each in text] == []


def test_the_bundle_has_text_and_picture() -> None:
    shown = Timeline(echo().events)
    assert shown._repr_mimebundle_() == {
        "text/plain": shown.text(),
        "text/html": shown.html(),
        "image/svg+xml": shown.svg(),
    }
    assert list(shown._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]
    without = shown._repr_mimebundle_(exclude=["image/svg+xml"])
    assert list(without) == ["text/plain", "text/html"]


def test_the_picture_in_a_page_has_a_name_and_the_words_below_it() -> None:
    shown = Timeline(echo().events)
    page = shown.html()
    assert 'alt="Ladder. Two lanes, client and echo_server, 13 calls."' in page
    assert html.escape(shown.text()) in page
    source = html.unescape(re.findall(r'src="([^"]*)"', page)[0])
    assert unquote(source.partition(",")[2]) == shown.svg()
