"""An ensemble trained from nothing: `kn fit NOTE --ensemble 5`.

On several processors, as many members are trained at once, each on its share
of them: a small network does not keep two busy. Measured on two: README.md.
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

from kerasnotes.base.commands import command as command_line
from kerasnotes.base.errors import InterruptedRunError, KerasNotesError
from kerasnotes.data.words import option_words
from kerasnotes.runs import run
from kerasnotes.runtime import child
from kerasnotes.runtime.setup import Choice
from kerasnotes.training import fit
from kerasnotes.training.finishing import Outcome
from kerasnotes.training.interrupt import Interrupt, catch_interrupt
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings
from kerasnotes.use.ensemble import NAME, assemble

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
    folders = [place.folder / f"member{k + 1}" for k in range(count)]
    first = settings.train.seed
    members = [with_seed(settings, first + k) for k in range(count)]
    shares = _processors(count, choice)
    if len(shares) > 1:
        stopped = _at_once(members, folders, shares, choice, reporter, command)
    else:
        stopped = _in_turn(members, folders, choice, reporter, command)
    if stopped:
        raise InterruptedRunError(
            f"Interrupted; everything is saved in {place.folder}.",
            hint=_go_on(settings, folders),
        )
    made = assemble(folders, choice, folder=place, command=command)
    for remark in made.remarks:
        reporter.say(remark)
    return Outcome(place, made.record, "")


def _in_turn(
    members: Sequence[Settings],
    folders: Sequence[Path],
    choice: Choice,
    reporter: Reporter,
    command: str | None,
) -> bool:
    """Trains one after another; returns whether Ctrl-C ended it."""
    for number, (member, folder) in enumerate(
        zip(members, folders, strict=True), start=1
    ):
        seed = member.train.seed
        reporter.say(f"Member {number} of {len(members)}, seed {seed}:")
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
    shares = min(count, len(here), AT_ONCE)
    return [here[k::shares] for k in range(shares)]


def _at_once(
    members: Sequence[Settings],
    folders: Sequence[Path],
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
    reporter.say(
        f"{len(members)} members, {len(shares)} at once on "
        f"{len(shares[0])} processors each:"
    )

    def train(number: int) -> child.Answer:
        with lock:
            if interrupt.received:
                return {"stopped": "interrupted"}
            share = free.pop()
        request = {
            "note": members[number].note.name,
            "blocks": members[number].overrides,
            "out": str(folders[number]),
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
            waiting = [pool.submit(train, k) for k in range(len(members))]
            _watch(waiting, interrupt, running)
        answers = [future.result() for future in waiting]
    for answer in answers:
        if "error" in answer:
            child.reraise(answer)
            raise KerasNotesError(
                f"A member could not be trained: {answer['error']}"
            )
    return any(answer["stopped"] == "interrupted" for answer in answers)


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
    process = subprocess.Popen(
        child.module_command("kerasnotes.use.member_child"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C goes to all of a terminal's processes: here it is handed on.
        start_new_session=True,
    )
    running.append(process)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process without pipes")
    with process.stdin as pipe:
        json.dump(request, pipe)
    last = ""
    for line in process.stdout:
        text = line.strip()
        if text.startswith("{"):
            last = text
        elif text:
            reporter.say(f"{name}: {text}")
    code = process.wait()
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


def _go_on(settings: Settings, folders: Sequence[Path]) -> str:
    """Returns the commands that end what was interrupted."""
    begun = [folder for folder in folders if run.is_run(folder)]
    told = "; ".join(command_line("fit", "--resume", f) for f in begun)
    missing = len(folders) - len(begun)
    if missing:
        data = ["--data", settings.data.source, *option_words(settings.data)]
        more = command_line("fit", settings.note.name, *data, "--seed", "SEED")
        told += f"; {missing} more with {more}"
    return f"{told}; then {command_line('ensemble', 'RUN', 'RUN', '...')}"
