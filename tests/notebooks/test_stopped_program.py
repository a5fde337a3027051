"""The programs that lesson 14 stops end with its notebook: none is left on the machine."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "14_time_limits.ipynb"
SOON = 10.0
"""Seconds in which a program must have ended. Chosen: it takes some thousandths."""


def source(cell_id: str) -> str:
    """The code of a cell of the lesson."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["id"] == cell_id)


def run(client: BlockingKernelClient, code: str) -> str:
    """Run code in the kernel. What it printed."""
    printed = []

    def keep(message: dict[str, dict[str, str]]) -> None:
        printed.append(message["content"].get("text", ""))

    reply = client.execute_interactive(code, timeout=30, output_hook=keep)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(printed)


def ended(descriptor: int) -> bool:
    """Whether the process of a descriptor has ended (man 2 pidfd_open)."""
    return bool(select.select([descriptor], [], [], SOON)[0])


@pytest.mark.skipif(sys.platform != "linux", reason="pidfd_open is of Linux")
@pytest.mark.parametrize("is_stopped", [True, False])
def test_the_program_ends_with_the_kernel(loop_of_jupyter: None, is_stopped: bool) -> None:
    manager: KernelManager
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        for cell in ("load", "read-exactly", "program", "start-code", "stop-code", "echo-works"):
            run(client, source(cell))
        if is_stopped:
            run(client, "stop(process)")
        program = os.pidfd_open(int(run(client, "print(process.pid)")))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    try:
        assert ended(program)
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(program, signal.SIGKILL)
        os.close(program)
