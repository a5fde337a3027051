"""A kernel's ports are its own from the moment they are picked.

    python -m pytest -p tools.kernels ...    for the kernels of nbval and of the tests
    python -m tools.kernels ...              for those of a JupyterLab: options as for `jupyter lab`

jupyter_client picks the ports of a kernel: it binds five sockets, notes their ports and closes
them. The kernel binds those ports when it has started, a second or more later, and until then the
system may give one of them to anybody (https://github.com/jupyter/jupyter_client/issues/487).

The tests of this course start listeners by the thousand, most of them of echo servers. One that
gets a port of a kernel for an instant is enough. ZeroMQ's client connects to it, receives what it
has sent, takes its peer for a socket of a wrong kind, and never connects there again
(https://github.com/zeromq/libzmq/issues/4196): "Kernel didn't respond in 60 seconds". Or the
kernel finds its port in use, and ends.

So the sockets that have picked the ports stay bound until the kernel has ended. They do not
listen. With SO_REUSEADDR, which ZeroMQ sets as well, the kernel can bind and listen where they
are bound. The system never picks such a port for `bind()` with port 0 or for `connect()`.

This is so on Linux only. macOS refuses a second bind() without SO_REUSEPORT (in_pcbbind() in its
source), which ZeroMQ does not set, and Windows' SO_REUSEADDR means something else. There ports are
picked as ever.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from typing import Any

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

NAME = "ports-held"
PORTS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")


class PortsHeld(LocalProvisioner):
    """Starts a kernel as a child of this process, on ports that nobody else can get."""

    held: tuple[socket.socket, ...] = ()

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        manager = self.parent
        if manager is not None and manager.transport == "tcp" and not self.held:
            manager.cache_ports = False  # the provisioner would pick other ports
            self.held = tuple(hold(manager.ip) for _ in PORTS)
            for name, each in zip(PORTS, self.held, strict=True):
                setattr(manager, name, each.getsockname()[1])
        return await super().pre_launch(**kwargs)

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart=restart)
        if not restart:
            for each in self.held:
                each.close()
            self.held = ()


def hold(host: str) -> socket.socket:
    """A socket with a port of its own at `host`, on which others may listen if they name it."""
    held = socket.socket()
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((host, 0))
    except BaseException:
        held.close()
        raise
    return held


@contextmanager
def held_port(host: str) -> Iterator[int]:
    """A port that nobody else gets inside the block; who names it can listen there.

    Elsewhere than on Linux it is only a port that was free: nobody could bind it while it is held.
    """
    with hold(host) as held:
        port = int(held.getsockname()[1])
        if sys.platform != "linux":
            held.close()
        yield port


def hold_ports() -> None:
    """From now on `PortsHeld` starts the kernels of this process (on Linux)."""
    if sys.platform != "linux":
        return
    factory = KernelProvisionerFactory.instance()
    entry = EntryPoint(NAME, f"tools.kernels:{PortsHeld.__name__}", factory.GROUP_NAME)
    factory.provisioners[NAME] = entry
    factory.default_provisioner_name = NAME


def pytest_configure() -> None:
    """What pytest calls in a plugin before it starts anything."""
    hold_ports()


if __name__ == "__main__":
    from jupyterlab.labapp import main

    hold_ports()
    main()
