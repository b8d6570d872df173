"""Members trained at the same time, each in a process of its own.

On four processors and more, several members are trained at once, each on its
share of them, two or more: a small network does not keep many busy. On two that
took longer than one after another (`python -m tests.bench.ensembles`: 245 s for
five members against 199).
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from kerasnotes.base.errors import KerasNotesError
from kerasnotes.runs import run
from kerasnotes.runtime import child
from kerasnotes.runtime.setup import Choice
from kerasnotes.training.interrupt import Interrupt, catch_interrupt
from kerasnotes.training.progress import Reporter
from kerasnotes.use.ensembles.plan import Todo

LEAST = 2
"""Processors of a member at least."""
AT_ONCE = 8
"""Members trained at the same time, at most: each holds its data."""
POLL = 0.1
"""Seconds between looks at Ctrl-C."""
Processors = list[int]


def shares_of(count: int, choice: Choice) -> list[Processors]:
    """Returns shares of this machine's processors, one for each at once.

    One share where there is one device for all, or where a process cannot
    be kept on some of them.
    """
    if choice.device != "cpu" or not hasattr(os, "sched_setaffinity"):
        return [[]]
    here = sorted(os.sched_getaffinity(0))
    shares = max(1, min(count, len(here) // LEAST, AT_ONCE))
    return [here[k::shares] for k in range(shares)]


def train_at_once(
    todo: Sequence[Todo],
    shares: Sequence[Processors],
    choice: Choice,
    reporter: Reporter,
    command: str | None,
) -> bool:
    """Trains in processes; returns whether Ctrl-C ended it.

    Raises:
        KerasNotesError: What the first member failed with.
    """
    many = len(shares[0])
    reporter.say(
        f"{len(todo)} members to train, {len(shares)} at once, on "
        f"{many} processor{'s' * (many > 1)} each:"
    )
    with catch_interrupt() as interrupt:
        workers = _Workers(shares, choice, reporter, command, interrupt)
        with ThreadPoolExecutor(len(shares)) as pool:
            waiting = [pool.submit(workers.train, one) for one in todo]
            workers.watch(waiting)
        answers = [future.result() for future in waiting]
    for answer in answers:
        # One that was told to stop while it started has no answer.
        if "error" in answer and not interrupt.received:
            child.reraise(answer)
            raise KerasNotesError(
                f"A member could not be trained: {answer['error']}"
            )
    stopped = [answer.get("stopped") for answer in answers]
    return interrupt.received or "interrupted" in stopped


class _Workers:
    """Processes that train, and the processors that are free."""

    def __init__(
        self,
        shares: Sequence[Processors],
        choice: Choice,
        reporter: Reporter,
        command: str | None,
        interrupt: Interrupt,
    ) -> None:
        self.free, self.lock = list(shares), threading.Lock()
        self.choice, self.reporter = choice, reporter
        self.command, self.interrupt = command, interrupt
        self.running: list[subprocess.Popen[str]] = []

    def train(self, one: Todo) -> child.Answer:
        """Trains a member as soon as processors are free."""
        name, member, folder = one
        with self.lock:
            if self.interrupt.received:
                return {"stopped": "interrupted"}
            share = self.free.pop()
        request = {
            "note": member.note.name,
            "blocks": member.overrides,
            "out": str(folder),
            "resume": run.is_run(folder),
            "backend": self.choice.backend,
            "precision": self.choice.precision,
            "command": self.command,
            "processors": share,
        }
        try:
            return self._ask(request, name)
        finally:
            with self.lock:
                self.free.append(share)

    def watch(self, waiting: Sequence[Future[child.Answer]]) -> None:
        """Waits; hands Ctrl-C on, once, to processes that do not see it."""
        told = False
        while not all(future.done() for future in waiting):
            time.sleep(POLL)
            if self.interrupt.received and not told:
                told = True
                for process in list(self.running):
                    if process.poll() is None:
                        process.send_signal(signal.SIGINT)

    def _ask(self, request: dict[str, Any], name: str) -> child.Answer:
        """Runs one member's process, tells its lines, returns its answer."""
        last = ""
        with subprocess.Popen(
            child.module_command("kerasnotes.use.ensembles.member_child"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # Ctrl-C goes to all of a terminal's processes: here it is handed
            # on.
            start_new_session=True,
        ) as process:
            self.running.append(process)
            if process.stdin is None or process.stdout is None:
                raise RuntimeError("a process without pipes")
            with process.stdin as pipe:
                json.dump(request, pipe)
            for line in process.stdout:
                text = line.strip()
                if text.startswith("{"):
                    last = text
                elif text:
                    self.reporter.say(f"{name}: {text}")
        code = process.returncode
        try:
            answer: child.Answer = json.loads(last)
        except ValueError:
            return {"error": f"{name} ended with exit code {code}"}
        return answer
