"""`import helpers` is quick, and every public name is there when it is asked for."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import helpers


def test_import_helpers_loads_nothing_else() -> None:
    program = "import sys, helpers; print(*(each for each in sys.modules if 'helpers.' in each))"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (shown.stdout.strip(), shown.stderr) == ("", "")


def test_every_public_name_is_there() -> None:
    assert set(helpers._MODULE_OF) == set(helpers.__all__)
    assert all(callable(getattr(helpers, name)) for name in helpers.__all__)
    assert set(helpers.__all__) <= set(dir(helpers))


def test_no_module_has_the_name_of_a_public_function() -> None:
    modules = {module.name for module in pkgutil.iter_modules(helpers.__path__)}
    assert not modules & set(helpers.__all__)


def test_an_unknown_name_is_an_error_as_in_any_module() -> None:
    with pytest.raises(AttributeError, match="module 'helpers' has no attribute 'timelin'"):
        _ = helpers.timelin
