"""The attack: mistakes that people make with sockets, made on purpose in the right programs."""

from __future__ import annotations

import itertools

import pytest
from judged import NAMES, folder, get, solution

from helpers.toml_file import read_toml
from tools.attack import __main__ as tool
from tools.attack.mutants import mutants
from tools.attack.operators import OPERATORS

QUICK = ["strip", "send", "returns"]
"""Operators whose mutants are killed soon, or survive at once."""


def titles(name: str) -> set[str]:
    """The mutants of all right programs."""
    return {
        mutant.title(program)
        for program, code in tool.programs(folder(name), ways=True)
        for mutant in mutants(code)
    }


def everywhere() -> list[str]:
    """The kinds that are right in each exercise."""
    return [*itertools.chain(*read_toml(tool.EVERYWHERE, dict[str, list[str]]).values())]


def test_each_kind_that_is_right_everywhere_is_made_somewhere() -> None:
    made = set[str]().union(*map(titles, NAMES))
    assert all(any(tool.is_of(title, each) for title in made) for each in everywhere())


@pytest.mark.parametrize("name", NAMES)
def test_each_survivor_with_a_reason_is_a_mutant(name: str) -> None:
    reasons, made = tool.explained(folder(name)), titles(name)
    own = {*reasons} - {*everywhere()}
    assert not [each for each in own if not any(tool.is_of(title, each) for title in made)]
    assert all(why.endswith(".") for why in reasons.values())


@pytest.mark.parametrize("name", NAMES)
def test_who_survives_a_quick_attack_has_a_reason(name: str) -> None:
    reasons = tool.explained(folder(name))
    found = [title for title, _, killer in tool.attack(get(name), False, QUICK) if not killer]
    assert not [title for title in found if not tool.has_reason(title, reasons)]


@pytest.mark.weekly
@pytest.mark.parametrize("name", NAMES)
def test_who_survives_has_a_reason(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tools.attack", name])
    assert tool.main() == 0


def test_each_operator_makes_a_mutant() -> None:
    made = {
        mutant.operator
        for name in NAMES
        for _, code in tool.programs(folder(name), ways=False)
        for mutant in mutants(code)
    }
    assert made == {*OPERATORS}


READS = """
def read_exactly(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            raise EOFError
        data += part
    return data
"""


@pytest.mark.parametrize(
    ("operator", "line"),
    [
        ("strip", "part = sock.recv(n - len(data)).strip()"),
        ("decode", "part = sock.recv(n - len(data)).decode(errors='replace').encode()"),
        ("limit", "for _ in range(100):"),
        ("timeout", "part = _patiently(sock.recv, n - len(data))"),
        ("catch", "part = _carelessly(sock.recv, n - len(data))"),
        ("early", "        return"),
        ("returns", "    print(data)"),
        ("given", "        sock.shutdown(1)"),
        ("empty", "        if part is None:"),
    ],
)
def test_an_operator_makes_one_mistake_at_one_place(operator: str, line: str) -> None:
    codes = [mutant.code for mutant in mutants(READS, [operator])]
    assert any(line in code for code in codes), codes
    assert all(code.count("def read_exactly") == 1 for code in codes)
    assert len({*codes}) == len(codes)


def test_a_mutant_is_killed_by_the_scenario_that_refuses_it() -> None:
    exercise = get("read_exactly")
    assert tool.killed_by(exercise, solution("read_exactly")) == ""
    for mutant in mutants(READS, ["decode"]):
        assert tool.killed_by(exercise, mutant.code)
    assert tool.killed_by(exercise, "1 / 0") == "it cannot be run"


SWAPS = """
def ask(address, question):
    reply = b""
    connect(address)
    send(question)
    reply += recv()
    return reply
"""


def test_an_order_that_cannot_matter_is_no_mutant() -> None:
    befores = {mutant.code for mutant in mutants(SWAPS, ["order"])}
    firsts = sorted(code.splitlines()[1].strip() for code in befores)
    # Sent before it is connected; received before it is sent; returned before that.
    assert firsts == ["reply = b''"] * 3, befores


def test_a_kind_of_mutants_has_one_name() -> None:
    title = "solution, size: sock.recv(65536) -> sock.recv(64, 256)"
    assert tool.is_of(title, "*, size: sock.recv(*) -> sock.recv(64, 256)")
    assert not tool.is_of(title, "*, size: sock.recv(*) -> sock.recv(1 << 20, 256)")
    assert not tool.is_of(title, "other_way*")
