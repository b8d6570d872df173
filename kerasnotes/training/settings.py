"""From what the user said to a whole, checked configuration."""

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from kerasnotes.base import config as cfg
from kerasnotes.base import files
from kerasnotes.base.config import SOLVERS, DataConfig, TrainConfig
from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.data.spec import Spec
from kerasnotes.notes import Note
from kerasnotes.training.optimizers.rates import SOLVER, adapted

BLOCKS = ("model", "data", "train")
Blocks = dict[str, dict[str, Any]]
SOLVER_NAMES = {"lbfgs": "L-BFGS", "evolution": "Differential evolution"}
HINTS = {
    "lbfgs": "`kan` has a solver: kn fit kan",
    "evolution": "`inn` has it: kn fit inn --set mode=loads "
    "--set train.optimizer=evolution",
}


@dataclasses.dataclass(frozen=True)
class Settings:
    """The configuration of a run.

    Args:
        note: Which architecture.
        model: The note's own fields.
        data: Where examples come from.
        train: How weights are found.
        overrides: What the user named, block by block; the rest is default.
        arrays: Examples in memory, in place of a source.
    """

    note: Note
    model: NoteConfig
    data: DataConfig
    train: TrainConfig
    overrides: Blocks
    arrays: InMemory | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "note": self.note.name,
            "model": self.model.model_dump(mode="json"),
            "data": self.data.model_dump(mode="json"),
            "train": self.train.model_dump(mode="json"),
        }

    def resolve(self, spec: Spec, examples: int) -> "Settings":
        """Returns the settings with the note's defaults for this data.

        Args:
            spec: The data, with the size of training images.
            examples: Number of training examples or patches.
        """
        given = self.model.model_defaults(spec)
        named = self.overrides["model"]
        changes = {k: v for k, v in given.items() if k not in named}
        model = self.model.model_copy(update=changes)
        own = self.overrides["train"]
        best = model.optimizer_for(spec, examples)
        optimizer = own.get("optimizer", best)
        defaults = adapted(model.train_defaults(spec, examples), optimizer)
        if optimizer in SOLVERS:
            defaults |= {**SOLVER, **model.solver_defaults(examples)}
        values = {"optimizer": optimizer, **defaults, **own}
        train = cfg.build(TrainConfig, values, "train")
        check_solver(self.note.name, model, train)
        return dataclasses.replace(self, model=model, train=train)


def check_solver(note: str, model: NoteConfig, train: TrainConfig) -> None:
    """Refuses a solver where it has no meaning, and what is for it alone.

    Raises:
        UsageError: If the note has no solver, or a setting is for steps of
            gradients, batch by batch; or is the solver's, where there is none.
    """
    name = SOLVER_NAMES.get(train.optimizer)
    if train.optimizer != "lbfgs":
        _check_own(model, train.optimizer)
    if name is None:
        return
    if train.optimizer not in model.solvers:
        raise UsageError(
            f"{name} cannot train `{note}`.",
            expected="an optimizer that takes batch after batch, such as adamw",
            received=f"train.optimizer={train.optimizer}",
            hint=HINTS[train.optimizer],
        )
    plain = {
        "ema": None,
        "freeze": (),
        "lr_scale": None,
        "clip_norm": None,
        "weight_decay": 0.0,
        "label_smoothing": 0.0,
        "imbalance": "none",
        "schedule": "constant",
    }
    found = {k: v for k, v in plain.items() if getattr(train, k) != v}
    if train.loss not in (None, "squared"):
        found["loss"] = None
    if found:
        field = next(iter(found))
        raise UsageError(
            f"{name} knows no train.{field}.",
            expected="settings of the others left at their defaults",
            received=f"train.{field}={getattr(train, field)}",
            hint="train.optimizer=adamw knows it",
        )


def _check_own(model: NoteConfig, optimizer: str) -> None:
    fields = type(model).model_fields
    for name in model.of_solver:
        value = getattr(model, name)
        if value != fields[name].default:
            raise UsageError(
                f"`{name}` is for L-BFGS.",
                expected="train.optimizer=lbfgs beside it",
                received=f"{name}={value}, train.optimizer={optimizer}",
            )


def gather(
    config: Path | None,
    settings: Iterable[str],
    options: Mapping[str, Mapping[str, Any]],
    note: Note,
) -> Blocks:
    """Merges a YAML file, the texts of `--set` and named options.

    Raises:
        UsageError: As `merge`, or if a text is no setting.
        StorageError: If the file cannot be read.
    """
    pairs = [cfg.parse_setting(text) for text in settings]
    return merge(config, pairs, options, note)


def merge(
    config: Path | None,
    settings: Iterable[tuple[str, Any]],
    options: Mapping[str, Mapping[str, Any]],
    note: Note,
) -> Blocks:
    """Merges a YAML file, single settings and named options, weakest first.

    Args:
        config: The file.
        settings: Names (`width`, `train.ema`) and values.
        options: Values by block and name; `None` is not given.
        note: Whose settings they are.

    Raises:
        UsageError: If a name is unknown, or the file is another note's.
        StorageError: If the file cannot be read.
    """
    blocks: Blocks = {block: {} for block in BLOCKS}
    if config is not None:
        for block, values in _read_yaml(config, note).items():
            blocks[block].update(values)
    for name, value in settings:
        block, field = _locate(name, note)
        blocks[block][field] = value
    for block, named in options.items():
        named_values = {k: v for k, v in named.items() if v is not None}
        blocks[block].update(named_values)
    return blocks


def make(note: Note, blocks: Blocks) -> Settings:
    """Checks every block against its fields and ranges.

    Raises:
        UsageError: If a value is out of its range.
    """
    model = cfg.build(note.config_class(), blocks["model"], "model")
    given = {"source": note.data, "image_size": model.image_size}
    data = cfg.build(DataConfig, {**given, **blocks["data"]}, "data")
    if data.read_as is None:
        update = {"read_as": model.reads_images}
        data = data.model_copy(update=update)
    return Settings(
        note=note,
        model=model,
        data=data,
        train=cfg.build(TrainConfig, blocks["train"], "train"),
        overrides=blocks,
    )


def _fields(note: Note) -> dict[str, list[str]]:
    return {
        "model": list(note.config_class().model_fields),
        "data": list(DataConfig.model_fields),
        "train": list(TrainConfig.model_fields),
    }


def _locate(name: str, note: Note) -> tuple[str, str]:
    """Finds the block of `width`, `model.width` or `train.ema`."""
    fields = _fields(note)
    block, dot, field = name.partition(".")
    if not dot:
        block, field = "model", name
    if field in fields.get(block, ()):
        return block, field
    raise UsageError(
        f"`{note.name}` has no setting called `{name}`.",
        expected="its own fields: " + ", ".join(fields["model"]),
        hint=cfg.nearest_setting(name, fields),
    )


def _read_yaml(path: Path, note: Note) -> Blocks:
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise files.storage_error(path, error, "read") from error
    except UnicodeDecodeError as error:
        raise StorageError(
            f"{path} is not a text file.",
            expected="the output of `kn config NAME`",
        ) from error
    except yaml.YAMLError as error:
        raise UsageError(
            f"{path} is not valid YAML.", received=str(error)
        ) from None
    if not isinstance(value, dict):
        raise UsageError(
            f"{path} holds no settings.",
            expected="the output of `kn config NAME`",
            received=type(value).__name__,
        )
    named = value.pop("note", note.name)
    if named != note.name:
        raise UsageError(
            f"{path} configures another note.",
            expected=note.name,
            received=str(named),
        )
    return _check_blocks(value, path)


def _check_blocks(value: dict[str, Any], path: Path) -> Blocks:
    for block, values in value.items():
        if block not in BLOCKS:
            raise UsageError(
                f"{path} has an unknown block `{block}`.",
                expected="note, " + ", ".join(BLOCKS),
            )
        if not isinstance(values, dict):
            raise UsageError(
                f"The block `{block}` of {path} holds no settings.",
                received=str(values),
            )
    return value
