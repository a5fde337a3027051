"""The ways in without `make`: Binder, a container (Codespaces), uv. What the files say is done."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tools.kernels import held_port

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = ROOT / ".devcontainer" / "devcontainer.json"
SCHEMA = "https://raw.githubusercontent.com/devcontainers/spec/main/schemas/devContainer.base.schema.json"
LESSON = "00_start_here.ipynb"
NOTEBOOKS = sorted(ROOT.glob("notebooks*"))
"""Of each language."""


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    """What the command prints. It must succeed."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def program(name: str) -> str:
    """A program that `make weekly` has installed."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def container(path: Path = CONTAINER) -> dict[str, Any]:
    """The settings of the container: JSON with comments."""
    text = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    settings: dict[str, Any] = json.loads(text)
    return settings


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A clone of the course, as somebody gets it."""
    return copied(tmp_path / "course")


def copied(folder: Path) -> Path:
    def left_out(at: str, names: list[str]) -> set[str]:
        own = (
            {".git", ".venv", "build", "dist", "my_lessons", "tests"} if at == str(ROOT) else set()
        )
        return own | set(shutil.ignore_patterns("__pycache__", ".*_cache", "*.pyc")(at, names))

    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


@pytest.mark.posix_only
def test_binder_prepares_the_lessons_and_starts_with_the_settings_of_the_course(
    course: Path,
) -> None:
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    run("./.binder/postBuild", cwd=course, PATH=beside, PYTHONPATH=str(course))
    made = [course / f"my_lessons{each.name.removeprefix('notebooks')}" for each in NOTEBOOKS]
    assert len(made) > 1
    assert all((each / LESSON).is_file() for each in made)
    asked = "import os; print(os.environ['JUPYTER_CONFIG_PATH'])"
    said = run("./.binder/start", sys.executable, "-c", asked, cwd=course, JUPYTER_CONFIG_PATH="/x")
    first, second = said.strip().split(":")
    assert (Path(first) / "labconfig" / "default_setting_overrides.json").is_file()
    assert second == "/x"


def test_binder_and_the_container_have_the_same_python_and_the_course_allows_it() -> None:
    version = (ROOT / ".binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert container()["image"].endswith(f":{version}")
    assert tuple(map(int, version.split("."))) >= (3, 11)


def test_no_port_of_a_lesson_is_forwarded_by_the_container() -> None:
    assert container()["otherPortsAttributes"] == {"onAutoForward": "ignore"}
    assert "forwardPorts" not in container()


@pytest.mark.parametrize("path", sorted(CONTAINER.parent.glob("*/*.json")), ids=str)
def test_a_container_for_another_language_differs_in_nothing_else(path: Path) -> None:
    language, settings, english = path.parent.name, container(path), container()
    assert (ROOT / f"notebooks_{language}" / LESSON).is_file()
    english["name"] = settings["name"]
    english["postCreateCommand"] += f" --course={language}"
    opened = english["customizations"]["codespaces"]["openFiles"]
    opened[0] = opened[0].replace("my_lessons", f"my_lessons_{language}")
    assert settings == english


def without_internet() -> list[str]:
    """The commands for a class without internet, as the page for teachers has them."""
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    section = page.split("\n## A class without internet\n")[1].split("\n## ")[0]
    return re.findall(r"^    (\S.*)$", section, re.MULTILINE)


def test_the_wheels_for_a_class_without_internet_build_the_course_too() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (needed,) = settings["build-system"]["requires"]
    assert shlex.split(without_internet()[0])[-1] == needed


# --- make weekly --------------------------------------------------------------------------------


@pytest.mark.weekly
@pytest.mark.posix_only
def test_binder_would_install_and_prepare_the_course() -> None:
    """Its own program says what it would do. It needs no Docker for that."""
    command = [program("jupyter-repo2docker"), "--no-build", "--debug", "--no-run", "."]
    said = run(*command)
    version = (ROOT / ".binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"environment.py-{version}-" in said.replace("-2e", ".").replace("-2d", "-")
    assert 'RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r ".binder/' in said
    assert said.index("COPY --chown=0:0 src/ ${REPO_DIR}/") < said.index("bin/pip install")
    assert "RUN ./.binder/postBuild" in said
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/.binder/start"' in said


@pytest.mark.weekly
def test_the_workflows_are_as_github_wants_them() -> None:
    workflows = map(str, (ROOT / ".github" / "workflows").glob("*.yml"))
    run(program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *workflows)


@pytest.mark.weekly
def test_the_container_is_as_its_specification_wants_it() -> None:
    check = program("check-jsonschema")
    try:
        urllib.request.urlopen(SCHEMA, timeout=30).close()
    except OSError as error:
        pytest.skip(f"the specification cannot be fetched: {error}")
    run(check, "--schemafile", SCHEMA, "--force-filetype", "json5", str(CONTAINER))


@pytest.mark.weekly
@pytest.mark.posix_only
def test_the_commands_of_the_container_prepare_the_lesson_that_it_opens(
    course: Path, tmp_path: Path
) -> None:
    run(program("uv"), "venv", "-q", "--seed", "--python", sys.executable, str(tmp_path / "env"))
    path = os.pathsep.join([str(tmp_path / "env" / "bin"), os.environ["PATH"]])
    settings = container()
    for step in ("updateContentCommand", "postCreateCommand"):
        run("sh", "-c", settings[step], cwd=course, PATH=path)
    (opened,) = settings["customizations"]["codespaces"]["openFiles"]
    assert (course / opened).is_file()


@pytest.mark.weekly
def test_the_line_with_uv_opens_the_lessons_and_leaves_the_clone_as_it_was(course: Path) -> None:
    """The line stands in README. It is run as it stands, but that no browser opens."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^    (uv run .*helpers\.desk)$", readme, re.MULTILINE)
    before = listed(course)
    with held_port("127.0.0.1") as port:
        options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
        command = [program("uv"), *line.split()[1:], *options, "--IdentityProvider.token="]
        with running(command, course) as server:
            page = wait_for(server, f"http://127.0.0.1:{port}/lab")
    assert b"JupyterLab" in page
    assert {path for path in listed(course) - before if "__pycache__" not in path} == {"my_lessons"}


def listed(course: Path) -> set[str]:
    made = {path.relative_to(course) for path in course.rglob("*")}
    return {str(path) for path in made if path.parts[0] != "my_lessons" or len(path.parts) == 1}


@contextmanager
def running(command: list[str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (cwd.parent / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=cwd, stdout=log, stderr=log)
        try:
            yield server
        finally:
            server.terminate()
            server.wait(60)


def wait_for(server: subprocess.Popen[bytes], address: str) -> bytes:
    """The page, once it is served."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return bytes(answer.read())
        except OSError:
            try:
                server.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    raise AssertionError("it has ended")


@pytest.mark.weekly
@pytest.mark.posix_only
def test_a_folder_of_wheels_is_enough_for_a_class_without_internet(course: Path) -> None:
    *installs, opens = without_internet()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for line in installs:
        run("sh", "-c", line, cwd=course, PATH=path)
    assert "--no-index" in installs[-1]
    run("sh", "-c", f"{opens} prepare", cwd=course)
    assert (course / "my_lessons" / LESSON).is_file()
