"""tools/kernels.py: nobody else gets the ports of a kernel that is starting."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from jupyter_client import KernelManager

from tools.kernels import PORTS, PortsHeld

pytestmark = [pytest.mark.linux_only, pytest.mark.usefixtures("loop_of_jupyter")]


@pytest.fixture
def manager() -> Iterator[KernelManager]:
    """Its ports are picked, and its kernel is not started."""
    made = KernelManager(kernel_name="python3")
    made.pre_start_kernel()
    yield made
    made.cleanup_resources()


def ports(manager: KernelManager) -> list[int]:
    return [getattr(manager, name) for name in PORTS]


def test_nobody_else_gets_a_port_before_the_kernel_listens(manager: KernelManager) -> None:
    assert len({*ports(manager)}) == len(PORTS)
    for port in ports(manager):
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind((manager.ip, port))


def test_the_kernel_itself_can_listen_there(manager: KernelManager) -> None:
    for port in ports(manager):
        with socket.socket() as kernel:
            kernel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            kernel.bind((manager.ip, port))
            kernel.listen()


def test_a_restarted_kernel_keeps_its_ports_and_they_stay_held(manager: KernelManager) -> None:
    before = ports(manager)
    manager.cleanup_resources(restart=True)
    manager.pre_start_kernel()
    assert ports(manager) == before
    test_nobody_else_gets_a_port_before_the_kernel_listens(manager)


def test_the_ports_of_a_kernel_that_has_ended_are_free() -> None:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    try:
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.stop_channels()
        assert isinstance(manager.provisioner, PortsHeld)
        held = manager.provisioner.held
    finally:
        manager.shutdown_kernel(now=True)
    assert [each.fileno() for each in held] == [-1] * len(PORTS)
    for port in ports(manager):
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # some wait in TIME_WAIT
            other.bind((manager.ip, port))
            other.listen()
