"""What an ensemble's members are trained with, and how that is kept."""

import dataclasses
from pathlib import Path
from typing import Any

from kerasnotes.base import files
from kerasnotes.base.ensembles import Combine, Members
from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.notes import find
from kerasnotes.training import settings as settings_of
from kerasnotes.training.settings import Settings

FILE = "ensemble.json"
"""What is to be trained, in an ensemble's folder: `--resume` reads it."""
OWN: dict[str, tuple[str, ...]] = {
    "seeds": (),
    "bagging": ("data.bootstrap",),
    "folds": ("data.folds", "data.fold", "data.validation"),
    "snapshot": ("train.schedule", "train.cycles"),
}
"""Settings that each kind makes itself."""
EVER = ("data.folds", "data.fold", "data.bootstrap")
"""Settings that no ensemble takes: they make one member."""
Todo = tuple[str, Settings, Path]
"""What to call a run of the ensemble, its settings, its folder."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """An ensemble to be trained.

    Args:
        settings: Of each member; the seed of the first.
        count: How many members.
        members: What they differ in.
        combine: How they answer together.
    """

    settings: Settings
    count: int
    members: Members = "seeds"
    combine: Combine = "mean"

    def runs(self, folder: Path) -> list[Todo]:
        """Returns the runs to be trained, in the ensemble's folder."""
        if self.members == "snapshot":
            return [("The training", self._settings(0), folder / "training")]
        return [
            (
                f"Member {number + 1} of {self.count}",
                self._settings(number),
                folder / f"member{number + 1}",
            )
            for number in range(self.count)
        ]

    def models(self, folder: Path) -> list[Path]:
        """Returns the trained members: runs, or files of one run."""
        runs = [place for _, _, place in self.runs(folder)]
        if self.members != "snapshot":
            return runs
        numbers = range(1, self.count + 1)
        return [runs[0] / f"snapshot{number}.keras" for number in numbers]

    def _settings(self, number: int) -> Settings:
        """Returns those of a member, counted from 0."""
        blocks = {k: dict(v) for k, v in self.settings.overrides.items()}
        data, train = blocks["data"], blocks["train"]
        train["seed"] = self.settings.train.seed + number
        match self.members:
            case "bagging":
                data["bootstrap"] = train["seed"]
            case "folds":
                data |= {"folds": self.count, "fold": number + 1}
            case "snapshot":
                train |= {"schedule": "cyclic", "cycles": self.count}
                # Not the note's own, which would cut the cycles.
                train.setdefault("early_stop", None)
        return settings_of.make(self.settings.note, blocks)

    def _has(self, name: str) -> bool:
        """Whether the user chose a setting: a file names every default."""
        block, _, field = name.partition(".")
        given = getattr(self.settings, block)
        default = type(given).model_fields[field].default
        return bool(getattr(given, field) != default)

    def check(self) -> None:
        """Refuses what does not go together, before anything is trained.

        Raises:
            UsageError: Says what does.
        """
        taken = [
            name for name in (*OWN[self.members], *EVER) if self._has(name)
        ]
        if taken:
            raise UsageError(
                f"`{taken[0]}` is not to be chosen for an ensemble of "
                f"{self.members}: each member has its own.",
                received=", ".join(taken),
                hint="leave it out",
            )
        if self.combine == "stacked" and self.members != "folds":
            raise UsageError(
                "Stacking is fitted on answers to examples that a member did "
                "not learn from: each has to have a fold.",
                expected="--members folds",
                received=f"--members {self.members} --combine stacked",
            )
        if self.combine == "weighted" and self.members == "folds":
            raise UsageError(
                "Members with a fold each have no validation part in common "
                "to fit weights on.",
                expected="mean, vote or stacked",
                received="--members folds --combine weighted",
            )
        self._settings(0)

    def write(self, folder: Path) -> None:
        """Writes it for `--resume`.

        Raises:
            StorageError: If it cannot be written.
        """
        value = {
            "note": self.settings.note.name,
            "count": self.count,
            "members": self.members,
            "combine": self.combine,
            "blocks": self.settings.overrides,
        }
        files.write_json(folder / FILE, value)


def read_plan(folder: Path) -> Plan:
    """Returns what `Plan.write` wrote.

    Raises:
        StorageError: If it is damaged.
    """
    value: Any = files.read_json(folder / FILE)
    try:
        made = settings_of.make(find(value["note"]), value["blocks"])
        return Plan(
            made,
            int(value["count"]),
            value.get("members", "seeds"),
            value.get("combine", "mean"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StorageError(
            f"{folder / FILE} does not say what was begun.",
            received=f"{type(error).__name__}: {error}",
            hint="train the members one by one, then kn ensemble RUN RUN ...",
        ) from error
