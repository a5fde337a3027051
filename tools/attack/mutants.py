"""The mutants of one program: each has one mistake, at one place."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tools.attack.operators import OPERATORS, PRELUDE, Place

LONG = 90
"""Characters of a title that say what stood there, and what stands there now."""


class Mutant(NamedTuple):
    """A program with one mistake."""

    operator: str
    line: int
    before: str
    after: str
    code: str

    def title(self, program: str) -> str:
        """What `survivors.toml` calls it; it stays the same if lines are added elsewhere."""
        return f"{program}, {self.operator}: {self.before} -> {self.after}"


def mutants(code: str, only: Iterable[str] = OPERATORS) -> Iterator[Mutant]:
    """All mutants of a program, by the places in it and the operators in their order."""
    tree = _without_docstrings(ast.parse(code))
    seen = {ast.unparse(tree)}
    awaited = {each.value for each in ast.walk(tree) if isinstance(each, ast.Await)}
    for place, node in enumerate(ast.walk(tree)):
        for name in () if node in awaited else only:
            for made in OPERATORS[name](copy.deepcopy(node)):
                changed = _put(tree, place, made)
                if changed in seen or not _compiles(changed):
                    continue
                seen.add(changed)
                line = getattr(node, "lineno", 0)
                yield Mutant(name, line, *_short(node, made), f"{changed}\n{PRELUDE}")


def _put(tree: ast.Module, place: int, made: Place) -> str:
    """The program with something else in the place of its node with this number."""
    changed = copy.deepcopy(tree)
    old = list(ast.walk(changed))[place]

    class Put(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return made if node is old else super().visit(node)

    return _source(Put().visit(changed))


def _source(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _compiles(code: str) -> bool:
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _short(before: Place, after: Place) -> tuple[str, str]:
    """What stood there and what stands there now, in one line each: from where they differ."""
    one, other = _line(before), _line(after)
    pairs = zip(one, other, strict=False)
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    start = one.rfind(" ", 0, same) + 1 if same > LONG // 3 else 0
    return _cut(one, start), _cut(other, start)


def _cut(line: str, start: int) -> str:
    """A long line without its middle."""
    line = f"... {line[start:]}" if start else line
    return line if len(line) <= LONG else f"{line[: LONG // 2]} ... {line[-LONG // 2 :]}"


def _line(place: Place) -> str:
    nodes = [place] if isinstance(place, ast.AST) else place
    return " ".join("; ".join(_source(each) for each in nodes).split())
