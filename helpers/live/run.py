"""One run of a live server's function: a thread, what came of it, and where it stands.

Rules of this file:

- The function is called as it is. It uses plain sockets; nothing is handed to it but its own
  arguments.
- The error that ended it is kept once, without the variables of the frames that it came through:
  so the sockets in them close.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from itertools import count
from typing import Any

from helpers.live import children, holders, printed, workers
from helpers.live.source import (
    Place,
    Standing,
    State,
    nowhere,
    others_at,
    places_of_error,
    standing,
)
from helpers.live.target import code_of, is_socket_method
from helpers.live.tasks import run_to_end, runs_a_loop
from helpers.live.words import REASON
from helpers.record.events import Actor
from helpers.record.explain import purpose_text, select_text
from helpers.record.locks import comes_to_a_lock
from helpers.record.model import ActorState, Stopped, Wait
from helpers.record.record import record
from helpers.text import error_text

_orders = count(1)


class Run:
    """A thread that is an actor of the record. `start` begins it."""

    def __init__(self, target: Callable[..., Any], args: tuple[Any, ...], name: str) -> None:
        parent = record.actors.state()
        parent.clock += 1
        self.actor = ActorState(Actor(next(_orders), name, "server"), parent.clock)
        self.log = printed.Log()
        self.result: Any = None
        self.error: BaseException | None = None
        self.error_told = False
        """Somebody got the error, or nobody is to get it any more."""
        self.stopped = False
        """It was stopped, and left the function by that."""
        self.left_by = ""
        """What it left the function by, if not by return: `sys.exit()`."""
        self.told = ""
        """What its error does not say by itself."""
        self.name = name
        self.actor.takes_locks = comes_to_a_lock(target, args)
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._target = target
        self._args = args
        self._failed_at: tuple[Place, ...] = ()

    def start(self) -> None:
        """Begin the thread. The record knows of it before it makes its first call."""
        holders.enter(self)
        record.actors.expect(self.actor)
        printed.send_to(self.log, self.thread)
        self.thread.start()

    def _run(self) -> None:
        record.actors.enter(self.actor)
        try:
            self.result = run_to_end(self._target(*self._args))
        except Stopped:
            self.stopped = True
        except (SystemExit, KeyboardInterrupt) as error:
            # They end the thread, as they do without a live server, and not the program.
            _let_go(error)
            self.error, self.error_told = error, True
            self.left_by = _exit_text(error)
        except BaseException as error:
            self._failed_at = places_of_error(error.__traceback__, code_of(self._target))
            if told := holders.told_of_holder(error, self):
                error.add_note(told)
                self.told = told
            _let_go(error)
            self.error = error
        finally:
            record.actors.leave(self.actor)

    def is_alive(self) -> bool:
        """Whether the function has not ended yet."""
        return self.actor in record.actors.active

    def tell_error(self) -> None:
        """Raises the error that ended it, unless somebody was told of it."""
        if self.error is not None and not self.error_told:
            self.error_told = True
            raise self.error

    def stands(self) -> tuple[State, str]:
        """What it does now, and the socket call in which it waits, if it waits in one."""
        if not self.is_alive():
            return ("failed" if self.error is not None and not self.left_by else "finished"), ""
        wait = self.actor.wait
        if wait is not None and wait.several is not None:
            return "waiting", "select"
        if wait is not None and wait.call is not None:
            return "waiting", wait.call.name
        return "running", ""

    def reason(self) -> str:
        """What it does now, in words: "waiting in accept() for a client"."""
        state, _ = self.stands()
        if state == "failed" and self.error is not None:
            failed = REASON("failed with", error=error_text(self.error))
            return f"{failed}. {self.told}" if self.told else failed
        wait = self.actor.wait
        if state == "waiting" and wait is not None:
            return self._waits(wait)
        if state == "finished":
            return self._how_it_finished()
        call = workers.waits_in(self.thread)
        if call is not None:
            return REASON("waiting for thread" if call else "waiting for some thread", call=call)
        return REASON[state]

    def _waits(self, wait: Wait) -> str:
        has_loop = runs_a_loop(self.actor.ident)
        if wait.several is not None:
            if has_loop:
                return REASON["loop"]
            return REASON("waiting in", call="select", purpose=select_text(wait.several))
        if wait.call is None:
            return REASON["waiting"]
        key = "loop stands" if has_loop else "waiting in"
        return REASON(key, call=wait.call.name, purpose=purpose_text(wait.call))

    def _how_it_finished(self) -> str:
        how = REASON("left by", how=self.left_by) if self.left_by else REASON["finished"]
        told = children.told(self.children())
        finished = REASON["stopped"] if self.stopped else how
        return f"{finished}; {told}" if told else finished

    def children(self) -> list[threading.Thread]:
        """The threads that it has started, and that still run."""
        return children.of(self.log, self.thread)

    def standing(self, state: State) -> Standing:
        """Its source, and the line at which it stands or has failed."""
        if state in ("waiting", "running"):
            return self.standing_now()
        found = self._failed_at or nowhere(self._target).places
        return Standing(found, others_at(workers.seen(self.children())))

    def standing_now(self) -> Standing:
        """Where the thread is at this moment; empty if it has ended."""
        threads = workers.seen(self.children())
        return standing(self.actor.ident, code_of(self._target), threads)


def has_own_source(target: Callable[..., Any]) -> bool:
    """Whether there is source of the learner's to show: not for one call of a socket, nor for C."""
    return code_of(target) is not None and not is_socket_method(target)


def _exit_text(error: BaseException) -> str:
    """`sys.exit()`, or with what it was called with: an exit code, or a message."""
    if not isinstance(error, SystemExit):
        return error_text(error)
    return f"sys.exit({'' if error.code is None else repr(error.code)})"


def _let_go(error: BaseException) -> None:
    """Forget the variables of the frames that an error came through: their sockets close."""
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        traceback.clear_frames(now.__traceback__)
        now = now.__cause__ or now.__context__
