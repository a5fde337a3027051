"""The operators: each makes one mistake that people make with sockets, at one place of a program.

Rules of this file:

- An operator looks at one node of the syntax tree, and gives other nodes for its place.
- What it needs of its own stands in `PRELUDE`, at the end of the mutant: so the line numbers of
  the program stay.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence

PRELUDE = """
import threading as _threading

_lock, _kept = _threading.Lock(), {}


def _patiently(call, *given):
    sock = call.__self__
    if hasattr(sock, "settimeout") and sock.gettimeout() is None:
        sock.settimeout(0.5)
    try:
        return call(*given)
    except TimeoutError:
        return b""


def _carelessly(call, *given):
    try:
        return call(*given)
    except Exception:
        return b""
"""

Place = ast.AST | Sequence[ast.AST]
"""What may stand in the place of a node: another one, or several statements."""

Made = Iterator[Place]

READS = {"recv", "read", "readline", "read1"}
SENDS = {"send", "sendall", "write"}
SETTLES = {"close", "shutdown", "listen", "bind", "settimeout", "setblocking", "start", "join"}


def _method(node: ast.AST, names: set[str]) -> ast.Call | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node if node.func.attr in names else None
    return None


def _expression(code: str, **parts: ast.expr) -> ast.expr:
    """An expression, with other expressions in place of some names."""
    tree = ast.parse(code, mode="eval").body

    class Fill(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return copy.deepcopy(parts[node.id]) if node.id in parts else node

    filled = Fill().visit(tree)
    assert isinstance(filled, ast.expr)
    return filled


def _read(node: ast.AST) -> ast.expr | None:
    """What was read, by a call or by one that is awaited."""
    call = node.value if isinstance(node, ast.Await) else node
    return node if _method(call, READS) and isinstance(node, ast.expr) else None


def strip(node: ast.AST) -> Made:
    """What was read loses bytes that look like padding."""
    if call := _read(node):
        for change in ("strip()", "rstrip(b'\\0')", "rstrip(b'\\n')", "replace(b'\\r\\n', b'\\n')"):
            yield _expression(f"IT.{change}", IT=call)


def decode(node: ast.AST) -> Made:
    """What was read is text for a moment."""
    if call := _read(node):
        yield _expression("IT.decode(errors='replace').encode()", IT=call)
        yield _expression("IT.decode('ascii', 'ignore').encode()", IT=call)


def limit(node: ast.AST) -> Made:
    """A loop goes round so many times, and not more."""
    for times in (2, 100):
        if isinstance(node, ast.While):
            body = [ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], []), *node.body]
            yield ast.For(ast.Name("_"), _expression(f"range({times})"), body, [])


def timeout(node: ast.AST) -> Made:
    """A pause is taken for the end."""
    if call := _method(node, {"recv"}):
        yield ast.Call(ast.Name("_patiently"), [call.func, *call.args], [])


def catch(node: ast.AST) -> Made:
    """An error is caught that says something, or fewer errors than there are."""
    if call := _method(node, READS | SENDS):
        yield ast.Call(ast.Name("_carelessly"), [call.func, *call.args], [])
    if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name):
        for name in ("ConnectionResetError", "BrokenPipeError", "BlockingIOError", "Exception"):
            if name != node.type.id:
                yield ast.ExceptHandler(ast.Name(name), node.name, node.body)
    if isinstance(node, ast.Try) and node.handlers and not node.finalbody:
        yield [*node.body, *node.orelse]


def size(node: ast.AST) -> Made:
    """A size of somebody's own."""
    if call := _method(node, SENDS):
        for most in (1024, 65536):
            part = _expression(f"IT[:{most}]", IT=call.args[0])
            yield ast.Call(call.func, [part, *call.args[1:]], call.keywords)
    if call := _method(node, READS):
        for given in ("64, 256", "1 << 20, 256"):  # socket.MSG_WAITALL on Linux
            if isinstance(call.func, ast.Attribute) and call.func.attr == "recv":
                yield ast.Call(call.func, [_expression(one) for one in given.split(", ")], [])


def early(node: ast.AST) -> Made:
    """A loop is left, or the function, before it is done."""
    if isinstance(node, ast.While | ast.For):
        for last in (ast.Break(), ast.Return()):
            changed = copy.deepcopy(node)
            changed.body.append(last)
            yield changed
    if isinstance(node, ast.Raise):
        yield ast.Return()


def missing(node: ast.AST) -> Made:
    """A call, a with, or a condition is not there."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()
    if isinstance(node, ast.If):
        yield ast.Pass()
    if isinstance(node, ast.With):
        ahead: list[ast.stmt] = [
            ast.Assign([item.optional_vars], item.context_expr)
            for item in node.items
            if item.optional_vars is not None
        ]
        yield [*ahead, *node.body]


def order(node: ast.AST) -> Made:
    """Two statements have changed places."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and not isinstance(node, ast.Module):
        for place in range(len(body) - 1):
            one, other = body[place : place + 2]
            if not (isinstance(one, ast.Import | ast.Return) or _are_independent(one, other)):
                changed = copy.deepcopy(node)
                own = changed.body  # type: ignore[attr-defined]
                own[place], own[place + 1] = own[place + 1], own[place]
                yield changed


_EMPTY = frozenset({"bytearray", "bytes", "dict", "list", "set"})


def _are_independent(one: ast.stmt, other: ast.stmt) -> bool:
    """Whether the order does not matter: one only makes a name that the other does not use."""
    for quiet, loud in ((one, other), (other, one)):
        if _only_makes_a_name(quiet) and not _names(quiet) & _names(loud):
            return True
    return False


def _only_makes_a_name(node: ast.stmt) -> bool:
    """A function, or an assignment of a constant or of something empty: no call can tell when."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return not node.decorator_list
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if not isinstance(node, ast.Assign):
        return False
    value = node.value
    if isinstance(value, ast.Call):
        named = isinstance(value.func, ast.Name) and value.func.id in _EMPTY
        return named and all(isinstance(each, ast.Constant) for each in value.args)
    parts = [*ast.iter_child_nodes(value)]
    quiet = ast.Constant, ast.expr_context
    return isinstance(value, ast.Constant | ast.List | ast.Dict | ast.Tuple) and all(
        isinstance(each, quiet) for each in parts
    )


def _names(node: ast.AST) -> set[str]:
    """The names and attributes in it, `self` aside: what it makes, and what it uses."""
    found = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - {"self", *_EMPTY}
    found |= {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    return found | {getattr(each, "name", None) or "" for each in ast.walk(node)} - {""}


def kept(node: ast.AST) -> Made:
    """What one call needs is kept for the next one."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        makes = isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.Call)
        if makes:
            name = node.targets[0].id
            value = _expression(f"_kept.setdefault({name!r}, IT)", IT=node.value)
            yield ast.Assign(node.targets, value)


def threads(node: ast.AST) -> Made:
    """A thread is made, started, or left alone in another way."""
    call = _method(node, {"Thread"})
    if call is not None:
        words = {each.arg: each.value for each in call.keywords}
        if isinstance(words.get("args"), ast.Tuple):
            args = words["args"].elts  # type: ignore[attr-defined]
            target = ast.Call(words["target"], args, [])
            rest = [each for each in call.keywords if each.arg not in ("target", "args")]
            yield ast.Call(call.func, [], [ast.keyword("target", target), *rest])
            if len(args) == 1:
                alone = [each for each in call.keywords if each.arg != "args"]
                yield ast.Call(call.func, [], [*alone, ast.keyword("args", args[0])])
    if isinstance(node, ast.Expr) and (start := _method(node.value, {"start"})):
        assert isinstance(start.func, ast.Attribute)
        yield ast.Expr(_expression("IT.run()", IT=start.func.value))
        for name in _given(start):
            yield [node, ast.Expr(_expression(f"{name}.close()"))]


def _given(start: ast.Call) -> Iterator[str]:
    for each in ast.walk(start):
        if isinstance(each, ast.keyword) and each.arg == "args":
            yield from (name.id for name in ast.walk(each.value) if isinstance(name, ast.Name))


def lock(node: ast.AST) -> Made:
    """One lock for all is held while one of them sends, or reads."""
    if isinstance(node, ast.Expr) and _method(node.value, SENDS):
        yield ast.With([ast.withitem(ast.Name("_lock"))], [node])


def number(node: ast.AST) -> Made:
    """A number of somebody's own, in place of what was given."""
    if call := _method(node, {"listen", "recv", "bind"}):
        for place, given in enumerate(call.args):
            for code in ("5", "max(5, IT)", "min(5, IT)", "IT or 128", "IT + 1"):
                if isinstance(given, ast.Name):
                    changed = copy.deepcopy(call)
                    changed.args[place] = _expression(code, IT=given)
                    yield changed
    if isinstance(node, ast.Constant) and node.value == 0 and type(node.value) is int:
        yield ast.Constant(49151)
    if isinstance(node, ast.Constant) and node.value == "127.0.0.1":
        yield from (ast.Constant(host) for host in ("", "0.0.0.0", "localhost"))


def send(node: ast.AST) -> Made:
    """send() is trusted to take all."""
    if call := _method(node, {"sendall"}):
        yield _expression("IT.send(DATA)", IT=call.func.value, DATA=call.args[0])  # type: ignore[attr-defined]


def returns(node: ast.AST) -> Made:
    """What was to be returned is printed, or forgotten."""
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Expr(_expression("print(IT)", IT=node.value))
        yield ast.Return(_expression("[IT]", IT=node.value))
    if isinstance(node, ast.Raise) and node.exc is not None:
        yield ast.Return(node.exc)


def given(node: ast.AST) -> Made:
    """What belongs to the caller is closed, or left changed."""
    if isinstance(node, ast.FunctionDef) and node.args.args:
        name = node.args.args[0].arg
        if name in ("sock", "listener"):
            for change in ("close()", "settimeout(5)", "setblocking(False)", "shutdown(1)"):
                changed = copy.deepcopy(node)
                last: list[ast.stmt] = [ast.Expr(_expression(f"{name}.{change}"))]
                changed.body = [ast.Try(changed.body, [], [], last)]
                yield changed


def empty(node: ast.AST) -> Made:
    """The end is looked for in another way: where nothing came, it goes on or gives up."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _expression("IT is None", IT=node.operand)
        yield _expression("len(IT) < 2", IT=node.operand)
    if isinstance(node, ast.NamedExpr):
        yield _expression("len(IT) > 1", IT=node)


OPERATORS: dict[str, Callable[[ast.AST], Made]] = {
    each.__name__: each
    for each in (
        *(strip, decode, limit, timeout, catch, size, early, missing, order, kept, threads),
        *(lock, number, send, returns, given, empty),
    )
}
