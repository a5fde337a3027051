"""Files of the learner that have the name of a module: `socket.py`, `helpers.py`.

    python -P -m helpers.shadowing FOLDER ...    one sentence for each such file

Python looks for a module in the folder of the program that it runs, before it looks anywhere
else. So in a folder with a `socket.py`, no program can import Python's own `socket`
(https://docs.python.org/3/library/sys_path_init.html).

Rules of this file:

- What is asked is what `import` would ask: is there such a module without this folder, too?
- A notebook's kernel looks in its folder behind Python's own modules (`init_path` of IPython),
  but before what is installed. And it looks there first while it starts: a `types.py` ends it
  before any code of ours can run. So `make lab` looks before it starts anything.
- It must work where much else does not, so it imports little.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.machinery import FrozenImporter, PathFinder, all_suffixes


def shadowed(folder: str | None = None) -> Iterator[str]:
    """One sentence for each module in `folder` that hides another one.

    Without a folder: the one of the running program (`sys.path[0]`), or the current one.
    """
    try:
        folder = os.path.abspath(sys.path[0] if folder is None else folder)
        found = [each.partition(".") for each in os.listdir(folder)]
    except OSError:  # a folder that is gone, or an archive
        return
    names = {name for name, dot, rest in found if not dot or dot + rest in all_suffixes()}
    elsewhere = [each for each in sys.path if os.path.abspath(each) != folder]
    for name in sorted(filter(str.isidentifier, names)):
        # A module that is frozen into Python is found before any file, such as abc.
        if FrozenImporter.find_spec(name):
            continue
        mine, other = (_file_of(name, path) for path in ([folder], elsewhere))
        if mine and other and mine != other:
            of = "Python's own" if name in sys.stdlib_module_names else "the installed"
            yield (
                f"{mine} has the name of {of} module `{name}`. What runs in its folder may "
                f"import it in place of the other one. Give it another name."
            )


def _file_of(name: str, path: list[str]) -> str | None:
    """The file that `import` would load. None for a folder of data: it hides nothing."""
    found = PathFinder.find_spec(name, path)
    return os.path.abspath(found.origin) if found and found.origin else None


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        for sentence in shadowed(folder):
            print(sentence)
