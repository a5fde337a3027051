"""What a learner reads stands in files of words, and never in the program: so it can be translated.

A text of four words in a row is a sentence, or a part of one.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from helpers.toml_file import texts_in
from helpers.words import Words

HELPERS = Path(__file__).resolve().parents[2] / "helpers"

_SENTENCE = re.compile(r"(?:[A-Za-z'`]{2,}[,.:;]?[ \n]+){3,}[A-Za-z'`]{2,}")
_CODE = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE)\b|<[^>]*>|[\w-]+: ?[\w-]+;")

KEYS = {
    part
    for path in HELPERS.glob("**/*.toml")
    for key, _ in texts_in(tomllib.loads(path.read_text(encoding="utf-8")))
    for part in key.split(".")
}
"""What may be asked for in files of words."""

NOT_FOR_LEARNERS = {
    "classroom/board": "the teacher's: the board and its command",
    "grade": "the teacher's",
    "exercises/folder.py": "for authors: a file of theirs that is wrong",
    "course/questions.py": "for authors: the same",
    "toml_file.py": "for authors: the same",
    "course/lessons.py": "titles, which the words have once more: a test compares them",
    "classroom/post.py": "what the words say in another way",
    "classroom/sender.py": "the same",
    "shadowing.py": "it comes before any import: a file beside the notebook may hide `tomllib`",
    "desk/__main__.py": "how the command is called",
    "exercises/common.py": "what Python says, to know it again",
    "exercises/catalogue": "bytes that peers send, and names of scenarios",
    "kernel/socket.py": "a value; the table says it in the language of now",
    "sockets/connecting.py": "an error of the system, where an exercise refuses a listener",
}
"""Modules with sentences, and why they may have them."""


def sentences(path: Path) -> Iterator[str]:
    """The literals of a module that are no docstrings and have a sentence in them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))  # a docstring, of a name too
        if isinstance(node, ast.JoinedStr):
            passed |= {id(each) for each in node.values}
            parts = (each.value if isinstance(each, ast.Constant) else "x" for each in node.values)
            yield from _found(node, "".join(map(str, parts)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in passed and node.value not in KEYS:
            yield from _found(node, str(node.value))


def _found(node: ast.expr, text: str) -> Iterator[str]:
    if _SENTENCE.search(_CODE.sub(" ", text)) and not _CODE.match(text):
        yield f"line {node.lineno}: {text!r:.100}"


def test_no_sentence_stands_in_the_program() -> None:
    found = []
    for path in sorted(HELPERS.rglob("*.py")):
        name = path.relative_to(HELPERS).as_posix()
        if not name.startswith(tuple(NOT_FOR_LEARNERS)):
            found += [f"helpers/{name}, {each}" for each in sentences(path)]
    assert not found, "move it to a file of words (helpers/words.py):\n" + "\n".join(found)


def test_a_sentence_would_be_found(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        '"""A docstring of several words."""\n'
        'KEY = "no answer yet"\nSTYLE = "color: red; margin: 0"\n'
        'SAID = "The server is not there any more."\n'
        'TOLD = f"{KEY} is still running after {SAID} seconds"\n'
    )
    assert len([*sentences(path)]) == 2


def test_each_module_that_may_have_sentences_has_some() -> None:
    for name in NOT_FOR_LEARNERS:
        whole = HELPERS / name
        paths = whole.rglob("*.py") if whole.is_dir() else [whole]
        assert any(each for path in paths for each in sentences(path)), name


def asked(path: Path) -> Iterator[tuple[str, str, int]]:
    """Each name that is asked for words with a literal key: the name, the key, the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Subscript):
            where, key = node.value, node.slice
        elif isinstance(node, ast.Call) and node.args:
            where, key = node.func, node.args[0]
            counts = isinstance(where, ast.Attribute) and where.attr == "counted"
            where = where.value if counts else where  # type: ignore[attr-defined]
        else:
            continue
        for each in (key.body, key.orelse) if isinstance(key, ast.IfExp) else (key,):
            if isinstance(where, ast.Name) and isinstance(each, ast.Constant):
                yield where.id, str(each.value), node.lineno


def test_each_key_that_the_program_asks_for_is_there() -> None:
    checked, missing = 0, []
    for path in sorted(HELPERS.rglob("*.py")):
        if not {"catalogue", "__main__.py", "hub.py"} & set(path.parts):
            found = [*asked(path)]
            name = ".".join(path.relative_to(HELPERS.parent).with_suffix("").parts)
            module = import_module(name) if found else None
            for variable, key, line in found:
                said = getattr(module, variable, None)
                if isinstance(said, Words):
                    checked += 1
                    missing += [] if key in said.all_forms() else [f"{name}, line {line}: {key}"]
    assert not missing
    assert checked > 200
