"""The attack: mistakes that people make with sockets, made on purpose in the right programs."""

from __future__ import annotations

import pytest
from judged import NAMES, folder, get, solution

from tools.attack import __main__ as tool
from tools.attack.mutants import mutants
from tools.attack.operators import OPERATORS

QUICK = ["strip", "send", "returns"]
"""Operators whose mutants are killed soon, or survive at once."""


def titles(name: str) -> set[str]:
    """The mutants of the solution and the other way."""
    return {
        mutant.title(program)
        for program, code in tool.programs(folder(name), ways=False)
        for mutant in mutants(code)
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_survivor_with_a_reason_is_a_mutant(name: str) -> None:
    reasons = tool.explained(folder(name))
    assert not {*reasons} - titles(name)
    assert all(why.endswith(".") for why in reasons.values())


@pytest.mark.parametrize("name", NAMES)
def test_who_survives_a_quick_attack_has_a_reason(name: str) -> None:
    reasons = tool.explained(folder(name))
    found = [title for title, _, killer in tool.attack(get(name), False, QUICK) if not killer]
    assert not {*found} - {*reasons}


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
