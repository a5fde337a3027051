"""What the learners of a hub on one machine take, and what one of them reaches of another.

Linux only: it reads the system's account of each process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

import psutil

MIB = 2**20
ROOM = 16 * 1024
"""MiB of the machine that a teacher asks about."""

HEADROOM = 0.25
"""Of the memory stays free, for the system and for who takes more. TLJH's documentation advises
20 to 40 percent."""


@dataclass(frozen=True)
class Server:
    """The server of one learner, and the kernels that it has started."""

    process: psutil.Process
    kernels: Sequence[psutil.Process]

    @property
    def learner(self) -> str:
        """Whose server it is."""
        return str(self.process.environ()["JUPYTERHUB_USER"])

    @property
    def ports(self) -> list[int]:
        """The ports at which it listens."""
        return _ports(self.process)


def servers(hub: int) -> list[Server]:
    """The servers that a hub has started, by its process id."""
    found = psutil.Process(hub).children(recursive=True)
    return [
        Server(each, [k for k in each.children(recursive=True) if "ipykernel" in _line(k)])
        for each in found
        if "jupyterhub-singleuser" in _line(each)
    ]


def memory(hub: int, found: Sequence[Server]) -> list[str]:
    """What the hub and its learners take, in words. Each learner has one lesson open."""
    server = mean([_pss(each.process) for each in found])
    kernel = mean([_pss(kernel) for each in found for kernel in each.kernels])
    those = {each.process for each in found} | {kernel for each in found for kernel in each.kernels}
    every = [psutil.Process(hub), *psutil.Process(hub).children(recursive=True)]
    house = sum(_pss(each) for each in every if each not in those)
    room = ROOM * (1 - HEADROOM) - house

    def fit(lessons: int) -> str:
        takes = server + lessons * kernel
        return f"{lessons} open: {takes:.0f} MiB a learner, so 16 GiB hold {room / takes:.0f}"

    return [
        f"a server takes {server:.0f} MiB, a kernel {kernel:.0f} MiB, and the hub {house:.0f} MiB",
        f"lessons {fit(1)}; {fit(5)}, with {HEADROOM:.0%} left free",
    ]


LISTENS = """
import psutil
pipe = get_ipython().kernel.iopub_thread._pipe_port
connections = psutil.Process().net_connections("tcp")
listening = {each.laddr.port for each in connections if each.status == "LISTEN"}
print(sorted(listening - {pipe}))
"""
"""A cell of a new kernel: the ports at which the kernel itself can be reached.

One port is left out: ipykernel opens it for what forked processes print. It takes nothing but that,
and only with a secret that these processes inherit (`ipykernel/iostream.py`).
"""


def knocking(doors: Mapping[str, int], path: str) -> str:
    """A cell that asks the server of each learner for its files, at its own port, without a token.

    `path` has a place for the learner: `/user/{name}/api/contents`. It prints a JSON object: the
    HTTP status for each, or the name of the error.
    """
    return f"""
import http.client, json
answers = {{}}
for name, port in {dict(doors)!r}.items():
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        asked.request("GET", {path!r}.format(name=name))
        answers[name] = asked.getresponse().status
    except OSError as error:
        answers[name] = type(error).__name__
    finally:
        asked.close()
print(json.dumps(answers))
"""


def let_in(answers: str, doors: Mapping[str, int]) -> list[str]:
    """The servers that gave a stranger their files, or gave no answer at all."""
    given = json.loads(answers)
    assert set(given) == set(doors)
    return [f"{name} answers a stranger with {status}" for name, status in given.items()
            if status not in (302, 403)]  # fmt: skip


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended
        return ""


def _pss(process: psutil.Process) -> float:
    """MiB of memory, with its share of what it shares. 0 for one that has ended."""
    try:
        return float(process.memory_full_info().pss) / MIB
    except psutil.Error:
        return 0.0


def _ports(process: psutil.Process) -> list[int]:
    connections = process.net_connections(kind="tcp")
    return sorted({each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN})
