"""An ensemble trained from nothing: `kn fit NOTE --ensemble 5`."""

import dataclasses
from pathlib import Path

from kerasnotes.base.commands import command as command_line
from kerasnotes.base.errors import InterruptedRunError
from kerasnotes.data.words import option_words
from kerasnotes.runs import run
from kerasnotes.runtime.setup import Choice
from kerasnotes.training import fit
from kerasnotes.training.finishing import Outcome
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings
from kerasnotes.use.ensemble import NAME, assemble


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
    for number, folder in enumerate(folders):
        reporter.say(f"Member {number + 1} of {count}, seed {first + number}:")
        member = with_seed(settings, first + number)
        outcome = fit.start(
            member, choice, reporter, out=folder, command=command
        )
        if outcome.stopped == "interrupted":
            raise InterruptedRunError(
                f"Interrupted at member {number + 1} of {count}; everything "
                f"is saved in {folder}.",
                hint=_go_on(settings, folders, number, place.folder),
            )
    made = assemble(folders, choice, folder=place, command=command)
    for remark in made.remarks:
        reporter.say(remark)
    return Outcome(place, made.record, "")


def with_seed(settings: Settings, seed: int) -> Settings:
    """Returns the same settings with another training seed."""
    train = {**settings.overrides["train"], "seed": seed}
    return dataclasses.replace(
        settings,
        train=settings.train.model_copy(update={"seed": seed}),
        overrides={**settings.overrides, "train": train},
    )


def _go_on(
    settings: Settings, folders: list[Path], number: int, place: Path
) -> str:
    """Returns the commands that end what was interrupted."""
    resume = command_line("fit", "--resume", folders[number])
    if number + 1 < len(folders):
        data = ["--data", settings.data.source, *option_words(settings.data)]
        resume += f"; then train {len(folders) - number - 1} more with " + (
            command_line("fit", settings.note.name, *data, "--seed", "SEED")
        )
    together = command_line("ensemble", "RUN", "RUN", "...")
    return f"{resume}; then {together}"
