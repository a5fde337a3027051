"""How a function came to wait where it stands: in join(), in run(), behind target=."""

from __future__ import annotations

import pytest
from judged import get

from helpers import recording
from helpers.exercises.folder import load
from helpers.exercises.stage import Stage

HANDLE = """
import threading
from threading import Thread

def handle(conn):
    with conn:
        while data := conn.recv(1024):
            conn.sendall(data)

class Client(Thread):
    def __init__(self, conn):
        super().__init__()
        self.conn = conn
    def run(self):
        handle(self.conn)

class Runner:
    def __init__(self, conn):
        self.conn = conn
    def run(self):
        handle(self.conn)
    join = run

def echo_server(listener):
    while True:
        conn, address = listener.accept()
        {line}
"""

SLIPS = {
    "Thread(target=handle(conn)).start()": "target",
    "threading.Thread(daemon=True, target=handle( conn )).start()": "target",
    "thread = Thread(args=(), target=handle(conn)); thread.start()": "target",
    "Thread(target=lambda: handle(conn)).run()": "run",
    "Thread(target=handle, args=[conn]).run()": "run",
    "Client(conn).run()": "run",
    "client = Client(conn); client.start(); client.join()": "join",
    "t = Thread(target=handle, args=(conn,)); t.start(); t.join(3600)": "join",
    "handle(conn)": "",
    "Runner(conn).run()": "",
    "Runner(conn).join()": "",
    "dict(function=handle(conn))": "",
}


@pytest.mark.parametrize("line", SLIPS)
def test_a_slip_is_known_by_where_the_function_stands(line: str) -> None:
    function = load(HANDLE.format(line=line), "echo_server", "wrong")
    with recording():
        exercise = get("echo_server")
        stage: Stage = exercise.play(exercise.scenarios[1], function, float("inf"))
        assert stage.run.slip == SLIPS[line]
        report = exercise.check(function)
    names = {"target": "target is called", "run": "run() is called", "join": "joins", "": "one cli"}
    assert names[SLIPS[line]] in report.mistake
