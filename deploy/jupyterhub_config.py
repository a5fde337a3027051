"""JupyterHub for one machine: each learner has a server, and the class board is a service.

    pip install .[hub] && npm install -g configurable-http-proxy
    jupyterhub -f deploy/jupyterhub_config.py

Run as root, each learner is a user of this machine (PAM). With CLASS_PASSWORD in the environment
it runs as any user: all learners have that password, any name, and a folder in `deploy/homes`.
That is for a trial and for a class that trusts each other: the servers then share one user.

Settings: https://jupyterhub.readthedocs.io/en/stable/reference/config-reference.html
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COURSE = HERE.parent
BOARD = int(os.environ.get("BOARD_PORT", "8766"))
"""The port of the board: only the hub's proxy asks there."""

c = get_config()  # noqa: F821  what JupyterHub gives to this file

address = os.environ.get("HUB_ADDRESS", "http://127.0.0.1:8000/class/")
c.JupyterHub.bind_url = address

# The learners' servers
c.Spawner.cmd = [str(HERE / "learner.sh")]
c.Spawner.args = ["--KernelManager.transport=ipc"]  # others of this machine reach no kernel
language = os.environ.get("SOCKET_COURSE_LANG", "")  # "ko": the lessons in Korean
lessons = f"my_lessons_{language}" if language else "my_lessons"
c.Spawner.default_url = f"/lab/tree/{lessons}/00_start_here.ipynb"
c.Spawner.notebook_dir = "~/socket-course"
c.Spawner.http_timeout = c.Spawner.start_timeout = 120  # a class that logs in together
c.Spawner.environment = {
    "SOCKET_COURSE": str(COURSE),
    "SOCKET_COURSE_LANG": language,
    "SOCKET_COURSE_BOARD": f"{address.rstrip('/')}/services/board",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}
c.JupyterHub.concurrent_spawn_limit = 20

board = [sys.executable, "-P", "-m", "helpers.classroom.board", "--hub", f"--port={BOARD}"]

if password := os.environ.get("CLASS_PASSWORD"):
    homes = Path(os.environ.get("CLASS_HOMES", HERE / "homes"))
    own = homes / ".hub"  # no learner has this name
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = password
    if teachers_own := os.environ.get("TEACHER_PASSWORD"):  # 32 characters or more
        c.SharedPasswordAuthenticator.admin_password = teachers_own
    c.Authenticator.allow_all = True
    c.Authenticator.username_pattern = r"^\w[\w.@-]*\Z"  # it names a folder
    c.JupyterHub.spawner_class = "simple"
    if os.geteuid() == 0:  # in a container
        c.Spawner.args += ["--allow-root"]
    c.SimpleLocalProcessSpawner.home_dir_template = str(homes / "{username}")
    c.JupyterHub.db_url = f"sqlite:///{own / 'hub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(own / "cookie_secret")
    board += ["--data", str(own / "board")]
c.Authenticator.admin_users = set(filter(None, os.environ.get("TEACHERS", "").split(",")))

# The class board. A learner's server may tell the board who its learner is, and nothing else.
may_ask = "access:services!service=board"
c.JupyterHub.services = [
    {
        "name": "board",
        "url": f"http://127.0.0.1:{BOARD}",
        "command": board,
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": ["custom:board:teach"],
    }
]
c.JupyterHub.custom_scopes = {"custom:board:teach": {"description": "The teacher's page"}}
c.JupyterHub.load_groups = {"teachers": {"users": sorted(c.Authenticator.admin_users)}}
c.JupyterHub.load_roles = [
    {"name": "user", "scopes": ["self", may_ask]},
    {"name": "teacher", "scopes": ["custom:board:teach"], "groups": ["teachers"]},
]
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", may_ask]
