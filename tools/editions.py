"""All editions of the web book in one folder, as published: `python -m tools.editions SITE`.

The newest stands at the top, from the files as they are. Each tag `v*` that has a book stands in a
folder of its name, and stays as it is: an instructor gives a class the address of one edition, and
nothing moves during the term.

An edition is built by its own tools from its own files, and with the packages of today.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOOK = "tools/book/__main__.py"
"""What a tag has if it has a book."""


def git(*command: str, root: Path) -> str:
    return subprocess.check_output(["git", *command], cwd=root, encoding="utf-8").strip()


def editions(root: Path = ROOT) -> list[str]:
    """The tags that have a book, the newest version first."""
    tags = git("tag", "--list", "v*", "--sort=-version:refname", root=root).splitlines()
    return [tag for tag in tags if git("ls-tree", "--name-only", tag, BOOK, root=root)]


def build(folder: Path, site: Path, ref: str) -> None:
    """Build the book of a folder. Raises CalledProcessError."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "SOCKET_COURSE_REF": ref}
    command = [sys.executable, "-m", "tools.book", "--site", str(site)]
    subprocess.run(command, cwd=folder, env=environment, check=True)


def publish(site: Path, root: Path = ROOT) -> list[str]:
    """Build all editions into the folder. The tags among them."""
    found = editions(root)
    with tempfile.TemporaryDirectory() as scratch:
        build(root, site, "main")
        for tag in found:
            clone = Path(scratch) / tag
            git("worktree", "add", "--detach", str(clone), tag, root=root)
            try:
                build(clone, Path(scratch) / f"{tag}-site", tag)
                shutil.rmtree(site / tag, ignore_errors=True)
                shutil.move(Path(scratch) / f"{tag}-site", site / tag)
            finally:
                git("worktree", "remove", "--force", str(clone), root=root)
    return found


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    print("editions:", ", ".join(["main", *publish(Path(arguments[0]).resolve())]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
