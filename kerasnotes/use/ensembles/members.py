"""An ensemble trained from nothing: `kn fit NOTE --ensemble 5`.

On four processors and more, several members are trained at once, each on its
share of them, two or more: a small network does not keep many busy. On two that
took longer than one after another (`python -m tests.bench.ensembles`: 245 s for
five members against 199).
"""

import dataclasses
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from kerasnotes.base import files
from kerasnotes.base.commands import command as command_line
from kerasnotes.base.errors import (
    InterruptedRunError,
    KerasNotesError,
    StorageError,
)
from kerasnotes.notes import find
from kerasnotes.runs import run
from kerasnotes.runtime import child
from kerasnotes.runtime.setup import Choice
from kerasnotes.training import fit
from kerasnotes.training import settings as settings_of
from kerasnotes.training.finishing import Outcome
from kerasnotes.training.interrupt import Interrupt, catch_interrupt
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings
from kerasnotes.use.ensembles.assemble import NAME, assemble
from kerasnotes.use.fit import PLAN

Todo = tuple[int, Settings, Path]
"""A member's number from 0, its settings, its folder."""
LEAST = 2
"""Processors of a member at least."""
AT_ONCE = 8
"""Members trained at the same time, at most: each holds its data."""
POLL = 0.1
"""Seconds between looks at Ctrl-C."""


def train_members(
    count: int,
    settings: Settings,
    choice: Choice,
    reporter: Reporter,
    *,
    out: Path | None = None,
    command: str | None = None,
) -> Outcome:
    """Trains networks that differ in their seed, and puts them together.

    Each is a run of its own, `member1` and so on in the ensemble's folder.

    Args:
        count: How many.
        settings: Of each; the seed of the first.
        choice: The backend and device.
        reporter: Who is told.
        out: The ensemble's folder; by default the next free
            `ckpts/NOTE-ensemble`.
        command: What the record says was called.

    Raises:
        InterruptedRunError: After Ctrl-C; says how to go on.
        KerasNotesError: As described by its subclasses.
    """
    note = settings.note.name
    place = run.create(out, f"{note}-{NAME}")
    plan = {"note": note, "count": count, "blocks": settings.overrides}
    files.write_json(place.folder / PLAN, plan)
    return _train(place, count, settings, choice, reporter, command)


def go_on(
    folder: Path, choice: Choice, reporter: Reporter, command: str | None
) -> Outcome:
    """Goes on with an ensemble that was interrupted.

    Args:
        folder: Its own.
        choice: The backend and device.
        reporter: Who is told.
        command: What the record says was called.

    Raises:
        KerasNotesError: As of `train_members`.
    """
    plan: Any = files.read_json(folder / PLAN)
    try:
        made = settings_of.make(find(plan["note"]), plan["blocks"])
        count = int(plan["count"])
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{folder / PLAN} does not say what was begun.",
            received=f"{type(error).__name__}: {error}",
            hint="train the members one by one, then kn ensemble RUN RUN ...",
        ) from error
    return _train(run.Run(folder), count, made, choice, reporter, command)


def _train(
    place: run.Run,
    count: int,
    settings: Settings,
    choice: Choice,
    reporter: Reporter,
    command: str | None,
) -> Outcome:
    """Trains what is missing, and puts all together."""
    folders = [place.folder / f"member{k + 1}" for k in range(count)]
    first = settings.train.seed
    todo = [
        (k, with_seed(settings, first + k), folder)
        for k, folder in enumerate(folders)
        if not _is_finished(folder)
    ]
    shares = _processors(len(todo), choice)
    if len(shares) > 1:
        stopped = _at_once(todo, count, shares, choice, reporter, command)
    else:
        stopped = _in_turn(todo, count, choice, reporter, command)
    if stopped:
        raise InterruptedRunError(
            f"Interrupted; everything is saved in {place.folder}.",
            hint=command_line("fit", "--resume", place.folder),
        )
    made = assemble(folders, choice, folder=place, command=command)
    for remark in made.remarks:
        reporter.say(remark)
    return Outcome(place, made.record, "")


def _is_finished(folder: Path) -> bool:
    if not run.is_run(folder):
        return False
    record = run.open_run(folder).read_record()
    return record.get("status") not in ("created", "training", "interrupted")


def _in_turn(
    todo: Sequence[Todo],
    count: int,
    choice: Choice,
    reporter: Reporter,
    command: str | None,
) -> bool:
    """Trains one after another; returns whether Ctrl-C ended it."""
    for number, member, folder in todo:
        seed = member.train.seed
        reporter.say(f"Member {number + 1} of {count}, seed {seed}:")
        if run.is_run(folder):
            outcome = fit.resume(folder, {}, choice, reporter, command=command)
        else:
            outcome = fit.start(
                member, choice, reporter, out=folder, command=command
            )
        if outcome.stopped == "interrupted":
            return True
    return False


def _processors(count: int, choice: Choice) -> list[list[int]]:
    """Returns shares of this machine's processors, one for each at once.

    One share where there is one device for all, or where a process cannot
    be kept on some of them.
    """
    if choice.device != "cpu" or not hasattr(os, "sched_setaffinity"):
        return [[]]
    here = sorted(os.sched_getaffinity(0))
    shares = max(1, min(count, len(here) // LEAST, AT_ONCE))
    return [here[k::shares] for k in range(shares)]


def _at_once(
    todo: Sequence[Todo],
    count: int,
    shares: list[list[int]],
    choice: Choice,
    reporter: Reporter,
    command: str | None,
) -> bool:
    """Trains in processes; returns whether Ctrl-C ended it.

    Raises:
        KerasNotesError: What the first member failed with.
    """
    free, lock = list(shares), threading.Lock()
    running: list[subprocess.Popen[str]] = []
    many = len(shares[0])
    reporter.say(
        f"{len(todo)} of {count} members to train, {len(shares)} at once, on "
        f"{many} processor{'s' * (many > 1)} each:"
    )

    def train(one: Todo) -> child.Answer:
        number, member, folder = one
        with lock:
            if interrupt.received:
                return {"stopped": "interrupted"}
            share = free.pop()
        request = {
            "note": member.note.name,
            "blocks": member.overrides,
            "out": str(folder),
            "resume": run.is_run(folder),
            "backend": choice.backend,
            "precision": choice.precision,
            "command": command,
            "processors": share,
        }
        try:
            return _ask(request, f"member {number + 1}", reporter, running)
        finally:
            with lock:
                free.append(share)

    with catch_interrupt() as interrupt:
        with ThreadPoolExecutor(len(shares)) as pool:
            waiting = [pool.submit(train, one) for one in todo]
            _watch(waiting, interrupt, running)
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


def _watch(
    waiting: Sequence[Future[child.Answer]],
    interrupt: Interrupt,
    running: Sequence[subprocess.Popen[str]],
) -> None:
    """Waits; hands Ctrl-C on, once, to processes that do not see it."""
    told = False
    while not all(future.done() for future in waiting):
        time.sleep(POLL)
        if interrupt.received and not told:
            told = True
            for process in list(running):
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)


def _ask(
    request: dict[str, Any],
    name: str,
    reporter: Reporter,
    running: list[subprocess.Popen[str]],
) -> child.Answer:
    """Runs one member's process, tells its lines, returns its answer."""
    last = ""
    with subprocess.Popen(
        child.module_command("kerasnotes.use.ensembles.member_child"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C goes to all of a terminal's processes: here it is handed on.
        start_new_session=True,
    ) as process:
        running.append(process)
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        with process.stdin as pipe:
            json.dump(request, pipe)
        for line in process.stdout:
            text = line.strip()
            if text.startswith("{"):
                last = text
            elif text:
                reporter.say(f"{name}: {text}")
    code = process.returncode
    try:
        answer: child.Answer = json.loads(last)
    except ValueError:
        return {"error": f"{name} ended with exit code {code}"}
    return answer


def with_seed(settings: Settings, seed: int) -> Settings:
    """Returns the same settings with another training seed."""
    train = {**settings.overrides["train"], "seed": seed}
    return dataclasses.replace(
        settings,
        train=settings.train.model_copy(update={"seed": seed}),
        overrides={**settings.overrides, "train": train},
    )
