"""What of a notebook comes with an answer, and what stays behind."""

from __future__ import annotations

import nbformat
import pytest
from handed_in import content, notebook

from helpers import exercises
from helpers.grade.answer import Unreadable, answers_in
from tools.notebooks import NOTEBOOKS

NAMES = ["read_exactly", "send_all"]

ANSWER = "def read_exactly(sock, n):\n    return sock.recv(n)"


def program(*cells: str, **by_id: str) -> str:
    (found,) = answers_in(content(*cells, **by_id), NAMES)
    assert not found.error
    return found.code


def run(*cells: str, **by_id: str) -> dict[str, object]:
    """The names that the program gives."""
    namespace: dict[str, object] = {}
    exec(program(*cells, **by_id), namespace)
    return namespace


def test_the_cell_is_found_by_its_id() -> None:
    assert program(read_exactly=ANSWER) == ANSWER + "\n"


def test_without_ids_the_last_function_of_that_name_counts() -> None:
    assert "2" in program("def read_exactly(sock, n): return 1", "def read_exactly(a, n): return 2")


def test_by_id_counts_more_than_by_name() -> None:
    assert answers_in(content(ANSWER), NAMES)[0].by_id is False
    assert answers_in(content(read_exactly=ANSWER), NAMES)[0].by_id
    # A lesson that has other exercises, and a function of this name in its text.
    assert [each.exercise for each in answers_in(content(ANSWER, send_all="x = 1"), NAMES)] == [
        "send_all"
    ]


def test_who_wrote_elsewhere_and_left_the_cell_as_it_was_is_found() -> None:
    starter = 'def read_exactly(sock, n):\n    """Read."""\n    ...'
    made = notebook(read_exactly=starter)
    made.cells += notebook(ANSWER).cells
    (found,) = answers_in(nbformat.writes(made).encode(), NAMES)
    assert found.code == ANSWER + "\n"


def test_a_notebook_without_the_exercise_has_no_answer() -> None:
    assert answers_in(content("x = 1"), NAMES) == []


def test_a_cell_without_the_function_says_so() -> None:
    (found,) = answers_in(content(read_exactly="data = 1"), NAMES)
    assert (found.code, found.error) == ("", "NameError: no read_exactly in its cell")


@pytest.mark.parametrize(
    "needed",
    [
        "import struct",
        "import os.path as struct",
        "from socket import MSG_PEEK as struct",
        "def struct(): pass",
        "class struct: pass",
        "struct = 4 * 1024",
        "struct: int = 3",
        "struct = other = ('127.0.0.1', 0)",
        "first, struct = 1, 2",
        "import threading\nstruct = threading.Lock()",
        "from struct import Struct\nstruct = Struct('!I')",
        "struct = lambda data: data",
        "struct = [each for each in range(3)]",
        "struct = '한글'.encode()",
        "try:\n    import struct\nexcept ImportError:\n    struct = None",
        "if True:\n    import struct\nelse:\n    struct = None",
    ],
)
def test_what_its_names_lead_to_comes_along(needed: str) -> None:
    uses = "def read_exactly(sock, n):\n    return struct"
    assert run(needed, read_exactly=uses)["struct"] is not Ellipsis


def test_it_leads_from_name_to_name() -> None:
    cells = ["SIZE = 3", "def one(sock): return SIZE", "def two(sock): return one(sock)"]
    names = run(*cells, "import zlib", read_exactly="def read_exactly(s, n): return two(s)")
    assert {"SIZE", "one", "two"} <= names.keys()
    assert "zlib" not in names  # an import that is not needed may be one that is not here


def test_of_several_of_one_name_the_nearest_above_counts() -> None:
    made = notebook("SIZE = 1", "SIZE = 2", read_exactly="def read_exactly(s, n): return SIZE")
    made.cells += notebook("SIZE = 3").cells
    (found,) = answers_in(nbformat.writes(made).encode(), NAMES)
    assert "SIZE = 2" in found.code
    assert "SIZE = 3" not in found.code


@pytest.mark.parametrize(
    "left",
    [
        "server = LiveServer(read_exactly).start()",
        "read_exactly(None, 1)",
        "while True: read_exactly",
        "import os\nx = os.system('ls')",
        "x = input()",
        "print(read_exactly)",
        "with open('x') as read_exactly_file: pass",
        "%load_ext helpers",
        "!rm -rf x",
        "%%bash\nls",
        "x = await read_exactly()",
        "x = [y := 1]",
        "del x",
    ],
)
def test_all_else_stays_behind(left: str) -> None:
    uses = "def read_exactly(sock, n):\n    return x, y, server, os"
    assert program(left, read_exactly=uses).removeprefix("import os\n\n") == uses + "\n"


def test_a_statement_in_the_line_of_an_import_stays_behind() -> None:
    uses = "def read_exactly(sock, n):\n    return os"
    assert program("import os; os._exit(3)", read_exactly=uses) == f"import os\n\n{uses}\n"


def test_decorators_come_along() -> None:
    decorated = "import functools\n@functools.cache\ndef read_exactly(sock, n):\n    return 1"
    assert program(read_exactly=decorated).startswith("import functools\n\n@functools.cache\ndef")


def test_magics_beside_the_function_do_not_matter() -> None:
    assert program(read_exactly=f"%time\n!ls\n{ANSWER}\nread_exactly?") == ANSWER + "\n"


def test_a_cell_that_is_not_python_says_where() -> None:
    (found,) = answers_in(content(read_exactly="def read_exactly(sock, n):\n    return ("), NAMES)
    assert found.error.startswith("SyntaxError: ")
    assert "(line 2)" in found.error


def test_another_broken_cell_does_not_matter() -> None:
    assert program("def broken(", read_exactly=ANSWER) == ANSWER + "\n"


@pytest.mark.parametrize(
    "broken",
    [b"", b"{}", b"[1]", b"null", b"\xff\xfe", b'{"cells": 3, "nbformat": 4}', b"[" * 100_000],
)
def test_what_is_no_notebook_is_told(broken: bytes) -> None:
    with pytest.raises(Unreadable, match="not a notebook"):
        answers_in(broken, NAMES)


def test_the_course_has_a_cell_for_each_exercise() -> None:
    lessons = [path.read_bytes() for path in NOTEBOOKS.glob("*.ipynb")]
    found = [answer for lesson in lessons for answer in answers_in(lesson, exercises.__all__)]
    assert sorted(each.exercise for each in found if each.by_id) == exercises.__all__
    assert not [each.error for each in found if each.error]
