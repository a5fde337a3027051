"""The board as a service of a JupyterHub: the Hub says who a learner is, and who teaches.

https://jupyterhub.readthedocs.io/en/stable/reference/services.html

Rules of this file:

- A learner's server shows its own token to the board, and the board asks the Hub whose it is.
- The teacher's page opens for those who have the scope `custom:board:teach`. They get the key in
  the part of the address that no browser sends.
"""

from __future__ import annotations

import os
from typing import Any

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler, HubOAuthenticated
from tornado import web

TEACH = "custom:board:teach"


class Hub:
    """The Hub that has started this board."""

    def __init__(self) -> None:
        self.prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"].rstrip("/")
        self.auth: Any = HubOAuth.instance()

    async def learner(self, authorization: str) -> str | None:
        """The name of the user whose token this is; None if it is nobody's who may come here."""
        kind, _, token = authorization.partition(" ")
        if kind != "token" or not token:
            return None
        user = await self.auth.user_for_token(token, sync=False)
        if user is None or not self.auth.check_scopes(self.auth.access_scopes, user):
            return None
        return str(user["name"])


class Teacher(HubOAuthenticated, web.RequestHandler):  # type: ignore[misc]
    """Leads who may teach to the teacher's page."""

    hub_scopes = {TEACH}  # noqa: RUF012  the name and the type are JupyterHub's

    def initialize(self, key: str) -> None:
        """Tornado calls it with what stands beside the route."""
        self.key = key

    @web.authenticated
    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.redirect(f"teacher-page#{self.key}")


def routes(prefix: str, key: str) -> list[Any]:
    """The pages that only a Hub has. They stand before the others."""
    return [
        (f"{prefix}/teacher", Teacher, {"key": key}),
        (f"{prefix}/oauth_callback", HubOAuthCallbackHandler),
    ]
