"""What `deploy/` says of a hub: the settings of the chart, and what a hub starts for a learner.

`make hub` runs the hub itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from traitlets.config import Config

from helpers.desk.lab import JUPYTER

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = json.loads(Path(__file__).with_name("z2jh_chart.json").read_text(encoding="utf-8"))
REPO2DOCKER = re.compile(r"jupyter-repo2docker ((?:.|\n)*?) \.\n")


def values() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "z2jh" / "values.yaml").read_text("utf-8"))
    return found


def merged(chart: Any, own: Any) -> Any:
    """As Helm lays values over those of the chart: a mapping key by key, all else as a whole."""
    if not isinstance(chart, Mapping) or not isinstance(own, Mapping):
        return own
    return {
        key: merged(chart.get(key), own[key]) if key in own else chart[key]
        for key in [*chart, *(key for key in own if key not in chart)]
    }


def errors(own: Any) -> list[str]:
    check = jsonschema.Draft7Validator(CHART["schema"])
    found = check.iter_errors(merged(CHART["values"], own))
    return sorted(f"{'.'.join(map(str, each.path))}: {each.message}" for each in found)


def test_the_values_are_as_the_chart_wants_them() -> None:
    assert errors(values()) == []


@pytest.mark.parametrize(
    ("own", "where"),
    [
        ({"singeluser": {}}, "singeluser"),
        ({"singleuser": {"defaultURL": "/lab"}}, "defaultURL"),
        ({"singleuser": {"extraEnv": "SOCKET_COURSE=/srv"}}, "singleuser.extraEnv"),
        ({"cull": {"timeout": "two hours"}}, "cull.timeout"),
        ({"singleuser": {"image": {"name": 3}}}, "singleuser.image.name"),
    ],
)
def test_a_wrong_value_would_be_found(own: dict[str, Any], where: str) -> None:
    (found,) = errors(own)
    assert where in found


def test_the_values_let_nobody_in_until_somebody_says_who() -> None:
    assert CHART["values"]["hub"]["config"]["JupyterHub"]["authenticator_class"] == "dummy"
    assert values()["hub"]["config"]["JupyterHub"]["authenticator_class"] == "null"


def test_what_the_values_start_is_in_the_course() -> None:
    single = values()["singleuser"]
    place = single["extraEnv"]["SOCKET_COURSE"]
    (command,) = single["cmd"]
    program = ROOT / Path(command).relative_to(place)
    assert program.stat().st_mode & stat.S_IXUSR
    lesson = Path(single["defaultUrl"]).name
    assert (ROOT / "notebooks" / lesson).is_file()


def configured(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Config:
    """What the settings of the plain hub come to, with these variables."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = Config()
    file = DEPLOY / "jupyterhub_config.py"
    exec(compile(file.read_text("utf-8"), str(file), "exec"),
         {"get_config": lambda: made, "__file__": str(file)})  # fmt: skip
    return made


@pytest.mark.posix_only
@pytest.mark.parametrize("name", ["kim", "lee.min@example.org", "learner00", "A-b_c", "김"])
def test_who_has_a_name_gets_a_home_of_this_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = configured(monkeypatch, CLASS_PASSWORD="x", CLASS_HOMES=str(tmp_path))
    assert re.match(made.Authenticator.username_pattern, name)
    home = made.SimpleLocalProcessSpawner.home_dir_template.format(username=name)
    assert Path(home) == tmp_path / name


@pytest.mark.posix_only
@pytest.mark.parametrize("name", ["..", ".", ".hub", "a/../..", "", "-", "~", "a b", "a\n", "$x"])
def test_no_name_leads_out_of_the_homes_or_to_what_is_the_hubs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = configured(monkeypatch, CLASS_PASSWORD="x", CLASS_HOMES=str(tmp_path))
    assert not re.match(made.Authenticator.username_pattern, name)
    for place in (made.JupyterHub.cookie_secret_file, made.JupyterHub.services[0]["command"][-1]):
        assert Path(place).parent == tmp_path / ".hub"


@pytest.mark.posix_only
def test_without_the_password_of_a_class_each_learner_is_a_user_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CLASS_PASSWORD", raising=False)
    made = configured(monkeypatch, TEACHERS="kim,lee")
    assert "authenticator_class" not in made.JupyterHub  # PAM, JupyterHub's own
    assert "spawner_class" not in made.JupyterHub
    assert made.JupyterHub.load_groups == {"teachers": {"users": ["kim", "lee"]}}


@dataclass
class Home:
    """A learner's home, and what is started there.

    `jupyterhub-singleuser` stands here for a program that says where and how it was started.
    """

    folder: Path
    programs: Path

    def start(self, **more: str) -> list[str]:
        """The folder, the settings and the last line of the program that is started."""
        path = [str(self.programs), str(Path(sys.executable).parent), os.environ["PATH"]]
        own = {"HOME": str(self.folder), "PATH": os.pathsep.join(path), "SOCKET_COURSE": str(ROOT),
               "JUPYTER_CONFIG_PATH": "/x"}  # fmt: skip
        command = [str(DEPLOY / "learner.sh"), "--port=1"]
        said = subprocess.check_output(
            command, env=os.environ | own | more, text=True
        ).splitlines()[-3:]
        shutil.rmtree(said[2].split()[0])  # the sockets of the kernels
        return said


@pytest.fixture
def home(tmp_path: Path) -> Home:
    programs = tmp_path / "bin"
    programs.mkdir()
    server = programs / "jupyterhub-singleuser"
    server.write_text("#!/bin/sh\npwd\necho $JUPYTER_CONFIG_PATH\necho $JUPYTER_RUNTIME_DIR $@\n")
    server.chmod(0o755)
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home", programs)


@pytest.mark.posix_only
def test_a_learner_gets_the_course_and_its_settings(home: Home) -> None:
    where, settings, last = home.start()
    assert where == str(home.folder / "socket-course")
    assert settings == f"{JUPYTER}:/x"
    assert last.endswith(" --port=1")
    assert (home.folder / "socket-course" / "my_lessons" / "06_recv.ipynb").is_file()


@pytest.mark.posix_only
def test_a_hub_may_give_the_lessons_in_another_language(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, settings, _ = home.start(SOCKET_COURSE_LANG="ko")
    assert settings == f"{where}/my_lessons_ko/.desk/jupyter:{JUPYTER}:/x"
    made = configured(monkeypatch, SOCKET_COURSE_LANG="ko")
    assert made.Spawner.environment["SOCKET_COURSE_LANG"] == "ko"
    opened = made.Spawner.default_url.removeprefix("/lab/tree/")
    assert (Path(where) / opened).is_file()


# --- make weekly ---------------------------------------------------------------------------------


@pytest.mark.weekly
@pytest.mark.posix_only
def test_the_image_for_kubernetes_would_have_the_course_where_the_values_look_for_it() -> None:
    """The command stands in values.yaml. It is run as it stands, but that nothing is built.

    The folder is an argument of the build: the Dockerfile says where it is used.
    """
    text = (
        (DEPLOY / "z2jh" / "values.yaml").read_text("utf-8").replace("#  ", "").replace("\\\n", "")
    )
    found = REPO2DOCKER.search(text)
    assert found
    arguments = found[1].split()
    own = str(Path(sys.executable).parent)
    path = shutil.which("jupyter-repo2docker", path=os.pathsep.join([own, os.environ["PATH"]]))
    if path is None:
        pytest.skip("jupyter-repo2docker is not installed")
    command = [path, "--no-build", "--debug", *arguments, "."]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert said.returncode == 0, said.stderr
    assert "COPY --chown=0:0 src/ ${REPO_DIR}/" in said.stdout + said.stderr
    place = arguments[arguments.index("--target-repo-dir") + 1]
    assert place == values()["singleuser"]["extraEnv"]["SOCKET_COURSE"]
    name = arguments[arguments.index("--image-name") + 1]
    assert name == "{name}:{tag}".format(**values()["singleuser"]["image"])


@pytest.mark.weekly
@pytest.mark.posix_only
def test_a_learner_keeps_the_work_and_gets_the_course_anew(home: Home) -> None:
    home.start()
    course = home.folder / "socket-course"
    lesson = course / "my_lessons" / "06_recv.ipynb"
    work = lesson.read_text("utf-8").replace("conn.recv(5)", "conn.recv(6)")
    lesson.write_text(work, "utf-8")
    (course / "programs" / "echo_client.py").unlink()
    home.start()
    assert lesson.read_text("utf-8") == work
    assert (course / "programs" / "echo_client.py").is_file()
