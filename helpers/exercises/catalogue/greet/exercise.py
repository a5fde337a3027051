"""greet: three clients, and each gets its own port."""

from __future__ import annotations

import re
import socket

from helpers.exercises import returned
from helpers.exercises.scenario import Scenario
from helpers.exercises.stage import Stage
from helpers.exercises.values import socket_state

_CLIENTS = (1, 2, 3)
_OWN = b"<own_port>"
_GREETING = b"your port is " + _OWN + b"\n"


def _one_after_another(stage: Stage) -> None:
    """Each client comes when the one before it has read its greeting, and the end, and has gone.

    The last one is late.
    """
    listener = stage.listen()
    ports = {listener.getsockname()[1]: b"<port_of_listener>"}
    stage.start(listener)
    for number in _CLIENTS:
        if number == _CLIENTS[-1]:
            stage.let_time_pass()
        try:
            client = stage.connect(stage.address, f"client {number}")
        except ConnectionRefusedError:
            stage.fact(f"client_{number}.received", "refused")
            break
        except ConnectionResetError:  # so soon that it met connect() itself
            stage.fact(f"client_{number}.received", b"")
            stage.fact(f"client_{number}.saw", "reset")
            continue
        _enter(ports, client, number)
        ending = _hear(stage, client, number, ports)
        stage.fact(f"client_{number}.saw", ending)
        if not stage.facts[f"client_{number}.received"] and ending == "nothing_more":
            break  # it waits, and so does the function: the line where it stands says most
        stage.close(client)
    _finish(stage, listener)


def _two_listeners(stage: Stage) -> None:
    """Three clients are in the queue of each. What the last three get is looked at."""
    for start in (stage.start, stage.run.start_again):
        listener = stage.listen()
        ports = {listener.getsockname()[1]: b"<port_of_listener>"}
        clients = [_arrives(stage, ports, number) for number in _CLIENTS]
        if start(listener) is False:
            break  # the first call has not ended well
        for number, client in zip(_CLIENTS, clients, strict=True):
            stage.fact(f"client_{number}.saw", _hear(stage, client, number, ports))
    received = [stage.facts.get(f"client_{number}.received") for number in _CLIENTS]
    all_greeted = received == [_GREETING] * len(_CLIENTS)
    stage.fact("second_call", "three_greetings" if all_greeted else "fewer_greetings")
    _finish(stage, listener)


def _arrives(stage: Stage, ports: dict[int, bytes], number: int) -> socket.socket:
    client = stage.connect(stage.address, f"client {number}")
    _enter(ports, client, number)
    return client


def _enter(ports: dict[int, bytes], client: socket.socket, number: int) -> None:
    ports[client.getsockname()[1]] = f"<port_of_client_{number}>".encode()


def _hear(stage: Stage, client: socket.socket, number: int, ports: dict[int, bytes]) -> str:
    """What a client receives, with placeholders for the ports. Gives what came then."""
    words = {**ports, client.getsockname()[1]: _OWN}

    def word(found: re.Match[bytes]) -> bytes:
        return words.get(int(found[0]), b"<another_number>")

    came, ending = stage.read(client)
    stage.fact(f"client_{number}.received", re.sub(rb"[0-9]{4,}", word, came))
    return ending


def _finish(stage: Stage, listener: socket.socket) -> None:
    stage.finish()
    stage.facts.pop("returned", None)  # nobody looks at it
    returned.tell_failure(stage)
    stage.fact("listener", socket_state(listener, listening=True))


_GREETED = {
    "ended": "returned",
    **{f"client_{number}.received": _GREETING for number in _CLIENTS},
    **{f"client_{number}.saw": "end" for number in _CLIENTS},
    "listener": "open",
}

SCENARIOS = (
    Scenario("one after another", _one_after_another, _GREETED),
    Scenario("two listeners", _two_listeners, {**_GREETED, "second_call": "three_greetings"}),
)
