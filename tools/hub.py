"""A class on a real JupyterHub, from login to outputs: `make hub`.

    python -m tools.hub [--learners 16] [--lesson 06]

It starts JupyterHub with `deploy/jupyterhub_config.py` and its real proxy, logs the learners in
over HTTP, lets each of them run a lesson over the websocket at the same time, and compares every
output with the stored one. It says what a learner takes of the memory, and what one learner reaches
of another. In the end one learner's vote must have reached the class board.

JupyterHub comes from the extra `hub`, the proxy from npm: `configurable-http-proxy`, on the PATH or
in `.venv/hub`, where `make hub` puts it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import nbformat
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest, HTTPResponse
from tornado.websocket import websocket_connect

from helpers.course.lessons import LESSONS
from tools import hub_neighbours as neighbours
from tools.kernels import held_port
from tools.masks import Masks, read_masks

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "deploy" / "jupyterhub_config.py"
PASSWORD = "a password for the class"
TEACHER = "teacher"
TEACHER_PASSWORD = "a password for the teacher, with more characters"
START_TIME = 60.0
"""Seconds for the hub to answer. Measured: five on two idle cores."""

LESSON_TIME = 300.0
"""Seconds for a lesson in each of many kernels. Measured: 14 with 16 learners on two cores."""


class Failed(Exception):
    """The hub does not do what it should. The text says what."""


class Browser:
    """One learner: keeps cookies and follows redirects, as a browser does."""

    def __init__(self, address: str, name: str) -> None:
        self.address = address
        self.path = urlsplit(address).path
        self.name = name
        self.cookies: dict[str, str] = {}
        self._http = AsyncHTTPClient()

    async def ask(self, path: str, body: bytes | None = None, **headers: str) -> HTTPResponse:
        """One request and all redirects behind it."""
        url, method = urljoin(self.address, path), "GET" if body is None else "POST"
        for _ in range(20):
            request = HTTPRequest(
                url, method, {"Cookie": self.cookie, **headers}, body,
                follow_redirects=False, request_timeout=120,
            )  # fmt: skip
            response = await self._http.fetch(request, raise_error=False)
            for line in response.headers.get_list("Set-Cookie"):
                for key, morsel in SimpleCookie(line).items():
                    self.cookies[key] = morsel.value
            if response.code not in (301, 302, 303, 307):
                return response
            url, method, body = urljoin(url, response.headers["Location"]), "GET", None
        raise Failed(f"{self.name}: too many redirects at {url}")

    @property
    def cookie(self) -> str:
        """What it sends back to the hub."""
        return "; ".join(f"{key}={value}" for key, value in self.cookies.items())

    async def log_in(self, password: str = PASSWORD) -> None:
        """Send the form of the login page."""
        await self.ask("hub/login")
        form = {"username": self.name, "password": password, "_xsrf": self.cookies["_xsrf"]}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        await self.ask(
            f"hub/login?next={quote(self.path)}hub/about", urlencode(form).encode(), **kind
        )

    async def start(self) -> None:
        """Log in, and wait until the server is up."""
        await self.log_in()
        await self.ask(f"hub/spawn/{self.name}")
        until = time.monotonic() + LESSON_TIME
        while time.monotonic() < until:
            with suppress(HTTPError, OSError):  # it has just begun to listen
                await self.ask(f"user/{self.name}/lab")  # this one leads through the hub's OAuth
                response = await self.ask(f"user/{self.name}/api/status")
                if response.code == 200 and b"kernels" in response.body:
                    return
            await asyncio.sleep(0.5)
        raise Failed(f"{self.name}: no server")

    async def run(self, notebook: Any, folder: str) -> list[list[dict[str, Any]]]:
        """Run each code cell in a kernel of its own. The outputs of each."""
        xsrf = self.cookies.get("_xsrf", "")
        told = json.dumps({"name": "python3", "path": folder}).encode()
        made = await self.ask(f"user/{self.name}/api/kernels?_xsrf={xsrf}", told,
                              **{"Content-Type": "application/json"})  # fmt: skip
        if made.code != 201:
            raise Failed(f"{self.name}: no kernel ({made.code} {made.body[:200]!r})")
        number = json.loads(made.body)["id"]
        address = f"{self.address}user/{self.name}/api/kernels/{number}/channels"
        request = HTTPRequest(address.replace("http", "ws", 1), headers={"Cookie": self.cookie})
        channel = await websocket_connect(request)
        try:
            return [
                await _run_cell(channel, cell)
                for cell in notebook.cells
                if cell.cell_type == "code"
            ]
        finally:
            channel.close()


async def _run_cell(channel: Any, cell: Any) -> list[dict[str, Any]]:
    """What one cell gives, as the kernel tells it."""
    asked = uuid.uuid4().hex
    header = {"msg_id": asked, "msg_type": "execute_request", "username": "", "session": asked,
              "date": "", "version": "5.3"}  # fmt: skip
    content = {"code": cell.source, "silent": False, "store_history": True,
               "user_expressions": {}, "allow_stdin": False, "stop_on_error": False}  # fmt: skip
    message = {"header": header, "parent_header": {}, "metadata": {"cellId": cell.id},
               "content": content, "buffers": [], "channel": "shell"}  # fmt: skip
    await channel.write_message(json.dumps(message))
    outputs: list[dict[str, Any]] = []
    while True:
        text = await asyncio.wait_for(channel.read_message(), LESSON_TIME)
        if text is None:
            raise Failed("the kernel's channel was closed")
        if isinstance(text, bytes):  # what a widget sends, with buffers
            continue
        told = json.loads(text)
        if told["parent_header"].get("msg_id") != asked:
            continue
        kind, content = told["msg_type"], told["content"]
        if kind in ("stream", "execute_result", "display_data", "error"):
            outputs.append({"output_type": kind, **content})
        if kind == "status" and content["execution_state"] == "idle":
            return outputs


def texts(outputs: Sequence[Any], masks: Masks) -> str:
    """What a cell gave as text, with what varies from run to run masked."""
    parts = []
    for output in outputs:
        if output["output_type"] == "stream":
            parts.append("".join(output["text"]))
        elif output["output_type"] == "error":
            parts.append(f"{output['ename']}: {output['evalue']}")
        else:
            parts.append("".join(output["data"].get("text/plain", "")))
    return masks.mask("\n".join(part.rstrip("\n") for part in parts))


def differences(notebook: Any, runs: Sequence[Sequence[Any]]) -> list[str]:
    """The cells whose output was another one than the stored one, for any learner."""
    masks = read_masks()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = []
    for number, run in enumerate(runs):
        for cell, outputs in zip(cells, run, strict=True):
            if "nbval-ignore-output" in cell.metadata.get("tags", []):
                continue
            stored, given = texts(cell.outputs, masks), texts(outputs, masks)
            if stored != given:
                found.append(f"learner {number}, {cell.id}:\n{stored}\n---\n{given}")
    return found


VOTE = """
from helpers import classroom
from helpers.classroom import membership
from helpers.course import activity
classroom.join()
activity.tell(activity.Vote({question!r}, 0))
print("sent:", membership._member.sender.is_done(60))
"""


async def play(address: str, count: int, lesson: str, hub: int) -> list[str]:
    """Log in, run, compare. What went wrong, if anything; figures are printed.

    `hub` is the hub's process id.
    """
    file = next(each.file for each in LESSONS if each.number == lesson)
    notebook = nbformat.read(ROOT / "notebooks" / file, as_version=4)
    learners = [Browser(address, f"learner{number:02}") for number in range(count)]
    began = time.monotonic()
    await asyncio.gather(*(each.start() for each in learners))
    print(f"{count} servers are up after {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    wrong = await _wrong_settings(learners[0])
    runs = await asyncio.gather(*(each.run(notebook, "my_lessons") for each in learners))
    print(f"lesson {lesson} has run for all after {time.monotonic() - began:.0f} s")
    found = neighbours.servers(hub)
    print(*neighbours.memory(hub, found), sep="\n")
    wrong += differences(notebook, runs)
    if (ports := await said_by(learners[0], neighbours.LISTENS)) != "[]":
        wrong.append(f"a kernel can be reached at {ports}")
    doors = {each.learner: port for each in found for port in each.ports}
    knocks = neighbours.knocking(doors, f"{learners[0].path}user/{{name}}/api/contents")
    wrong += neighbours.let_in(await said_by(learners[0], knocks), doors)
    print(f"the kernel of one learner has knocked at {len(doors)} servers")
    said = await said_by(learners[0], VOTE.format(question="first-accept"))
    if "sent: True" not in said:
        wrong.append(f"the board did not get a vote:\n{said}")
    return wrong + await _wrong_doors(address, learners[-1])


async def said_by(learner: Browser, source: str) -> str:
    """What a cell prints in a new kernel of this learner."""
    cell = nbformat.v4.new_code_cell(source)
    (outputs,) = await learner.run(nbformat.v4.new_notebook(cells=[cell]), "my_lessons")
    return texts(outputs, read_masks())


async def _wrong_settings(learner: Browser) -> list[str]:
    """What JupyterLab asks a learner that it should not ask."""
    plugin = "@jupyterlab/apputils-extension:notification"
    page = await learner.ask(f"user/{learner.name}/lab/api/settings/{plugin}")
    news = json.loads(page.body)["schema"]["properties"]["fetchNews"]["default"]
    return [] if news == "false" else [f"JupyterLab asks for news: {news}"]


async def _wrong_doors(address: str, learner: Browser) -> list[str]:
    """Who gets the teacher's page and should not, or does not and should."""
    wrong = []
    teacher = Browser(address, TEACHER)
    await teacher.log_in(TEACHER_PASSWORD)
    for who, right in ((learner, 403), (teacher, 200)):
        page = await who.ask("services/board/teacher")
        if page.code != right or (b"do not project it" in page.body) != (right == 200):
            wrong.append(f"the teacher's page gives {who.name} {page.code}, and not {right}")
    return wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 if every output was the stored one."""
    parser = argparse.ArgumentParser(prog="python -m tools.hub")
    parser.add_argument("--learners", type=int, default=16)
    parser.add_argument("--lesson", default="06")
    given = parser.parse_args(arguments)
    own = Path(sys.executable).parent, Path(sys.prefix, "hub", "node_modules", ".bin")
    path = os.pathsep.join([*map(str, own), os.environ["PATH"]])
    programs = ("jupyterhub", "configurable-http-proxy")
    if missing := [each for each in programs if shutil.which(each, path=path) is None]:
        print(f"missing: {', '.join(missing)}. Run `make hub`.", file=sys.stderr)
        return 2
    wrong = _with_hub(path, given.learners, given.lesson)
    print(f"{len(wrong)} differences")
    return int(bool(wrong))


def _with_hub(path: str, count: int, lesson: str) -> list[str]:
    """What goes wrong on a hub of its own. If anything does, its log is printed."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as homes,
        held_port("127.0.0.1") as port,
        held_port("127.0.0.1") as board,
        open(Path(homes, "hub.log"), "w+") as log,
    ):
        address = f"http://127.0.0.1:{port}/class/"
        hub = subprocess.Popen(
            ["jupyterhub", "-f", str(_config(Path(homes)))],
            env=os.environ
            | {
                "PATH": path,
                "HUB_ADDRESS": address,
                "BOARD_PORT": str(board),
                "CLASS_HOMES": homes,
                "CLASS_PASSWORD": PASSWORD,
                "TEACHERS": TEACHER,
                "TEACHER_PASSWORD": TEACHER_PASSWORD,
            },
            cwd=homes,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            asyncio.run(_until_up(address, hub))
            wrong = asyncio.run(play(address, count, lesson, hub.pid))
        except (Failed, OSError) as error:
            wrong = [str(error)]
        finally:
            _end(hub)
        if wrong:
            log.seek(0)
            print("\n\n".join(wrong), log.read()[-5000:], sep="\n", file=sys.stderr)
    return wrong


def _end(hub: subprocess.Popen[bytes]) -> None:
    """End the hub, and what it has started."""
    hub.terminate()  # it ends the proxy, the servers and the board
    with suppress(subprocess.TimeoutExpired):
        hub.wait(60)
    with suppress(ProcessLookupError):
        os.killpg(hub.pid, signal.SIGKILL)
    hub.wait()


def _config(folder: Path) -> Path:
    """The class's configuration, with ports of its own: another hub may run on this machine."""
    with held_port("127.0.0.1") as hub, held_port("127.0.0.1") as proxy:
        ports = f"""\
load_subconfig({str(CONFIG)!r})
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
"""
    path = folder / "config.py"
    path.write_text(ports, encoding="utf-8")
    return path


async def _until_up(address: str, hub: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_TIME
    while time.monotonic() < until and hub.poll() is None:
        with suppress(OSError):  # it does not listen yet
            response = await AsyncHTTPClient().fetch(f"{address}hub/health", raise_error=False)
            if response.code == 200:
                return
        await asyncio.sleep(0.2)
    raise Failed("the hub did not start")


if __name__ == "__main__":
    sys.exit(main())
