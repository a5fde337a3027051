"""The learner's function, taken out of a notebook, with what it needs and nothing else.

Rules of this file:

- Nothing of the notebook runs here. It is read as text (`ast`).
- The cell is found by its id: `exercise-read-exactly`. In a notebook that lost its ids, the
  function is found by its name; lessons have functions of such names, too, so that counts less.
- Imports, functions, classes and constants come with it, as far as its names lead to them. All
  else stays behind: a cell that starts a server would start it here, too.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

CELL_ID = "exercise-"
"""What the id of the cell of an exercise begins with."""

HARMLESS_MODULES = frozenset(
    {"codecs", "collections", "contextlib", "dataclasses", "enum", "functools", "itertools"}
    | {"json", "logging", "operator", "queue", "re", "string", "struct", "threading", "typing"}
)
"""A value that is made by a call to one of them is a constant: `threading.Lock()`."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Unreadable(Exception):
    """The file is not a notebook. The text says how."""


@dataclass(frozen=True)
class Answer:
    """One learner's answer to one exercise."""

    exercise: str
    code: str = ""
    """A program that defines the function. Empty if the cell is not Python."""
    error: str = ""
    """Why there is no program: `SyntaxError: '(' was never closed (line 3)`."""
    by_id: bool = True


@dataclass(frozen=True)
class _Statement:
    """A statement at the top of a cell that may come with the answer."""

    cell: int
    node: ast.stmt
    text: str
    binds: frozenset[str]


@dataclass
class _Notebook:
    statements: list[_Statement] = field(default_factory=list)
    cells: dict[str, int] = field(default_factory=dict)
    """The exercises whose cells it has, and which cells they are."""
    broken: dict[int, str] = field(default_factory=dict)
    """The cells that are not Python, and why."""


def answers_in(content: bytes, exercises: Collection[str]) -> list[Answer]:
    """The answers in a notebook, in the order of `exercises`. Raises Unreadable."""
    notebook = _read(content, exercises)
    return [found for name in exercises if (found := _answer(notebook, name)) is not None]


def _read(content: bytes, exercises: Collection[str]) -> _Notebook:
    try:
        document = nbformat.reads(content.decode("utf-8-sig"), as_version=4)
        cells = [cell for cell in document.cells if cell.cell_type == "code"]
        sources = [(str(cell.get("id", "")), str(cell.source)) for cell in cells]
    except RecursionError as error:
        raise Unreadable("not a notebook: too deeply nested") from error
    except Exception as error:  # nbformat raises what it meets: KeyError, AttributeError ...
        raise Unreadable(f"not a notebook: {error!s:.200}") from error
    ids = {CELL_ID + name.replace("_", "-"): name for name in exercises}
    notebook = _Notebook()
    modules: dict[str, str] = {}
    to_python = TransformerManager()  # type: ignore[no-untyped-call]
    for number, (cell_id, source) in enumerate(sources):
        if cell_id in ids:
            notebook.cells[ids[cell_id]] = number
        try:
            python: str = to_python.transform_cell(source)
            tree = ast.parse(python)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            notebook.broken[number] = _syntax_error(error)
            continue
        for node in tree.body:
            modules |= _imported(node)
            if _comes_along(node, modules):
                text = _text(python, node)
                notebook.statements.append(_Statement(number, node, text, _bound(node)))
    return notebook


def _answer(notebook: _Notebook, name: str) -> Answer | None:
    """The answer to this exercise; None if there is neither its cell nor its function."""
    cell = notebook.cells.get(name)
    if cell is None and notebook.cells:
        return None
    written = [each for each in notebook.statements if name in each.binds]
    if cell in notebook.broken and not any(each.cell == cell for each in written):
        return Answer(name, error=notebook.broken[cell])
    if not written:
        return None if cell is None else Answer(name, error=f"NameError: no {name} in its cell")
    in_cell = [each for each in written if each.cell == cell]
    elsewhere = [each for each in written if not _is_empty(each.node)]
    chosen = in_cell[-1] if in_cell and not _is_empty(in_cell[-1].node) else None
    chosen = chosen or (elsewhere or written)[-1]
    code = "\n\n".join(each.text for each in _with_needs(notebook, chosen)) + "\n"
    return Answer(name, code, by_id=cell is not None)


def _with_needs(notebook: _Notebook, chosen: _Statement) -> list[_Statement]:
    """The statement and those that its names lead to, in the order of the notebook.

    Of several that give a name, the nearest above it counts, and otherwise the first below.
    """
    kept = {id(chosen): chosen}
    kept |= {id(each): each for each in notebook.statements if _is_for_all(each.node)}
    open_names = [*_used(chosen.node)]
    known = {*dir(builtins)} - {name for each in notebook.statements for name in each.binds}
    while open_names:
        name = open_names.pop()
        if name in known:
            continue
        known.add(name)
        givers = [each for each in notebook.statements if name in each.binds]
        above = [each for each in givers if each.cell <= chosen.cell]
        for each in above[-1:] or givers[:1]:
            if id(each) not in kept and not (chosen.binds & each.binds):
                kept[id(each)] = each
                open_names += _used(each.node)
    return [each for each in notebook.statements if id(each) in kept]


def _comes_along(node: ast.stmt, modules: dict[str, str]) -> bool:
    """Whether it only gives a name: an import, a function, a class, a constant."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.ClassDef() | ast.Pass():
            return True
        case ast.Assign(targets=targets, value=value):
            named = all(isinstance(each, ast.Name | ast.Tuple) for each in targets)
            return named and _is_constant(value, modules)
        case ast.AnnAssign(target=ast.Name(), value=ast.expr() as value):
            return _is_constant(value, modules)
        case ast.Try(body=body, handlers=handlers, orelse=other, finalbody=last):
            inside = [*body, *other, *last, *(each for one in handlers for each in one.body)]
            return all(_comes_along(each, modules) for each in inside)
        case ast.If(test=test, body=body, orelse=other):
            inside = [*body, *other]
            return _is_constant(test, modules) and all(_comes_along(e, modules) for e in inside)
    return False


def _is_constant(value: ast.expr, modules: dict[str, str]) -> bool:
    """Whether nothing happens when it is computed, and it does not wait."""
    if isinstance(value, ast.Lambda):
        return True
    for node in ast.iter_child_nodes(value):
        if isinstance(node, ast.expr) and not _is_constant(node, modules):
            return False
    if isinstance(value, ast.Call):
        root = value.func
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Constant):
            return True
        return isinstance(root, ast.Name) and _is_harmless(root.id, modules)
    return not isinstance(value, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)


def _is_harmless(name: str, modules: dict[str, str]) -> bool:
    if name in modules:
        return modules[name] in HARMLESS_MODULES
    return name in {"bytearray", "bytes", "dict", "frozenset", "int", "len", "list", "object"} | {
        "range", "set", "str", "tuple"
    }  # fmt: skip


def _imported(node: ast.stmt) -> dict[str, str]:
    """The names that an import gives, and the module at the top of each."""
    if isinstance(node, ast.Import):
        return {
            each.asname or each.name.partition(".")[0]: each.name.partition(".")[0]
            for each in node.names
        }
    if isinstance(node, ast.ImportFrom):
        top = (node.module or "").partition(".")[0]
        return {each.asname or each.name: top for each in node.names}
    return {}


def _bound(node: ast.stmt) -> frozenset[str]:
    """The names that a statement gives at the top of a program."""
    return frozenset(_binds(node))


def _binds(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from _imported(node)
    elif isinstance(node, Function | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif not isinstance(node, ast.Lambda | ast.comprehension):
        for each in ast.iter_child_nodes(node):
            yield from _binds(each)


def _used(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _is_for_all(node: ast.stmt) -> bool:
    """Whether it counts for the whole program: `from helpers import *`."""
    return isinstance(node, ast.ImportFrom) and (
        node.module == "__future__" or any(each.name == "*" for each in node.names)
    )


def _is_empty(node: ast.stmt) -> bool:
    """Whether it is still the function as it stood in the lesson."""
    return isinstance(node, Function) and all(
        isinstance(each, ast.Pass)
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in node.body
    )


def _text(source: str, node: ast.stmt) -> str:
    """The statement as it was written, with its decorators."""
    if not isinstance(node, Function | ast.ClassDef):
        return ast.unparse(node)  # it may share its line with one that stays behind
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return "\n".join(source.split("\n")[first - 1 : node.end_lineno])


def _syntax_error(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"
    return f"{type(error).__name__}: {error}"
