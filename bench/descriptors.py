"""How many descriptors this process may have open: each connection takes one."""

from __future__ import annotations

import sys


def allow_descriptors(count: int) -> None:
    """At least `count` of them. Raises OSError or ValueError if the system does not allow it."""
    if sys.platform == "win32":
        return  # Windows has no such limit for sockets.
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
