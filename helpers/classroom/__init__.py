"""A class that learns together: `classroom.join("http://ADDRESS", code="...", name="...")`.

After `join`, each choice for a prediction and the outcome of each check goes to the teacher's
board (`helpers.classroom.board`). Nothing is sent without it, and `leave()` ends it. A cell never
waits for the board, and never fails because of it: what is to be sent is kept on disk
(`outbox.py`), and sent by a thread of its own (`sender.py`).
"""

from __future__ import annotations

from helpers.classroom.membership import join, leave, resume

__all__ = ["join", "leave", "resume"]
