"""What somebody does who has installed the wheel. `test_wheel.py` runs it, and reads its output.

It takes the folder of the clone. No module may come from there.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

CLONE = Path(sys.argv[1])
sys.path[:] = [each for each in sys.path if Path(each) != CLONE]  # as if it were not installed

from helpers import exercises, predict, recording, timeline  # noqa: E402


def read_exactly(conn: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = conn.recv(count - len(received))
        if not piece:
            raise EOFError
        received += piece
    return received


print(exercises.read_exactly.check(read_exactly))
print(exercises.read_exactly.check(lambda conn, count: conn.recv(count)))

with recording():
    near, far = socket.socketpair()
    with near, far:
        near.sendall(b"hello")
        far.recv(5)
    print(timeline())

question = predict("recv-before-a-send")
print(question)
print("The card's JavaScript:", question.widget().get_state()["_esm"])

files = {getattr(module, "__file__", None) for module in sys.modules.values()}
for file in map(Path, filter(None, files - {__file__})):
    assert file.is_relative_to(sys.prefix) or not file.is_relative_to(CLONE), file
