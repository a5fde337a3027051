"""An error looks as it does with a plain socket: without the frames of this package."""

from __future__ import annotations

import os
from types import TracebackType

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep
"""The folder of this package: the frames of its files are not shown."""


def without_own_frames(error: BaseException, trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the frames of this package.

    The tracebacks of the error, of those that led to it and of those in its group are changed in
    the same way.
    """
    changed: set[int] = set()
    errors: list[BaseException | None] = [error]
    while errors:
        each = errors.pop()
        if each is None or id(each) in changed:  # an error may be its own context
            continue
        changed.add(id(each))
        each.__traceback__ = _learners_frames(each.__traceback__)
        errors += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            errors += each.exceptions
    return _learners_frames(trace)


def _learners_frames(trace: TracebackType | None) -> TracebackType | None:
    kept = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_OWN):
            kept.append(trace)
        trace = trace.tb_next
    for each, rest in zip(kept, [*kept[1:], None][: len(kept)], strict=True):
        each.tb_next = rest
    return kept[0] if kept else None
