"""Measuring a trained model on data."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from kerasnotes.base import config as cfg
from kerasnotes.base.commands import command
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError, unknown_name
from kerasnotes.contracts.report import Conditions, Draw
from kerasnotes.data.arrays import Arrays, InMemory
from kerasnotes.data.dataset import Dataset, Split
from kerasnotes.data.held_table import HeldTable
from kerasnotes.data.load import load
from kerasnotes.data.readers.tables.table_rows import SUFFIXES as TABLES
from kerasnotes.data.words import SOURCE
from kerasnotes.runs.source import find_source
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.matching import (
    Joined,
    arrange,
    check_inputs,
    match,
    read_as,
)
from kerasnotes.tasks.outputs import make_folder
from kerasnotes.tasks.table_check import tell_unknown
from kerasnotes.use.memory import explain_memory
from kerasnotes.use.pictures import Pictures, drawn, to_html
from kerasnotes.use.trained import Trained

PARTS = ("train", "validation", "test")
SPLITS = (*PARTS, "all")

SAMPLING = ("sampler", "schedule", "steps", "guidance", "eta")
"""Fields of `Request` that say how a generator draws."""

_OF_TABLES = ("target", "labels", "leave_out")
"""Settings of one table that another table is read by."""
MASKS = ("threshold", "instances", "ignore")
"""Fields of `DataConfig` that say what the values of masks mean."""

Source = str | InMemory
"""What data come from: a name, a path as text, or arrays in memory."""


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """What was measured on one part of some data.

    Args:
        data: The source.
        split: `train`, `validation`, `test`, or `all`.
        examples: How many there were.
        metrics: Every number by name.
        remarks: What one must know to read the numbers, a sentence each.
        draws: Draws each picture into a file, by its name.
        files: The pictures that were written.
    """

    data: str
    split: str
    examples: int
    metrics: dict[str, float]
    remarks: tuple[str, ...] = ()
    draws: Mapping[str, Draw] = dataclasses.field(
        default_factory=dict, repr=False
    )
    files: tuple[Path, ...] = ()

    @property
    def figures(self) -> Pictures:
        """The pictures by name, as PIL images, drawn when asked for."""
        return drawn(self.draws)

    def _repr_html_(self) -> str:
        title = f"{self.data}, {self.split}: {self.examples:,} examples"
        return to_html(title, self.metrics, self._main_picture())

    def _main_picture(self) -> Image.Image | None:
        return next((self.figures[name] for name in self.figures), None)


def evaluate(
    trained: Trained,
    *,
    source: Source | None = None,
    target: str | None = None,
    split: str | None = None,
    other: Source | None = None,
    batch_size: int | None = None,
    conditions: Conditions | None = None,
    out: Path | None = None,
) -> Evaluation:
    """Measures a trained model.

    Args:
        trained: The model.
        source: Data source; by default what the model was trained on.
        target: Its label column or key; by default as in training.
        split: `train`, `validation`, `test`, or `all` three as one; by
            default `test`, but `all` of undivided arrays that are not those
            of the training.
        other: Source of examples that are of another kind (`--ood`).
        batch_size: Examples at once; by default as in training.
        conditions: How to measure; data and batch size are filled in here.
        out: Folder to write the pictures to; `None` writes none.

    Returns:
        The numbers, and what draws the pictures, `predictions` (or
        `samples`) first.

    Raises:
        DataError: If the data does not fit the model.
        OutOfMemoryError: If a batch does not fit into memory.
        StorageError: If a picture cannot be written.
        UsageError: If the model's task has no use for an option.
    """
    size = trained.at_once(batch_size)
    if split is not None and split not in SPLITS:
        raise unknown_name("part", split, SPLITS)
    config, dataset = _load(trained, source, target)
    dataset = arrange(dataset, trained.spec)
    split = split or _default_split(trained, dataset, source)
    part = _take_split(dataset, split, config.source)
    part = match(part, dataset.spec, trained.spec)
    conditions = _fill(conditions or Conditions(), trained, other)
    own = dataset.fingerprint == _fingerprint(trained)
    train = None
    if own or trained.spec.target.kind != "values":
        train = match(dataset.train, dataset.spec, trained.spec)
    conditions = dataclasses.replace(conditions, batch_size=size, train=train)
    # The sizes are the data's, the classes the model's.
    spec = trained.spec.with_input(shape=dataset.spec.input.shape)
    task = make_task(trained.task.name, spec)
    with explain_memory(conditions.batch_size):
        report = task.evaluate(trained.model, part, conditions)
    draw = functools.partial(task.draw_predictions, trained.model, part)
    draws: dict[str, Draw] = {task.picture: draw, **report.figures}
    return Evaluation(
        data=config.source,
        split=split,
        examples=len(part),
        metrics=report.metrics,
        remarks=(
            *_remarks(trained, dataset, source),
            *tell_unknown(part, trained.spec),
            *report.remarks,
        ),
        draws=draws,
        files=_write(draws, out, trained.path, _stem(source, split)),
    )


def check_sampling(options: Mapping[str, Any]) -> None:
    """Refuses words that do not say how a generator draws.

    Raises:
        UsageError: Names the nearest that does.
    """
    for name in options:
        if name not in SAMPLING:
            raise unknown_name("option", name, SAMPLING)


def _stem(source: Source | None, split: str) -> str:
    name = "arrays" if isinstance(source, InMemory) else source
    return f"eval-{Path(name).stem}-{split}" if name else f"eval-{split}"


def _write(
    draws: Mapping[str, Draw], out: Path | None, first: Path, stem: str
) -> tuple[Path, ...]:
    if out is None:
        return ()
    paths = {name: out / f"{stem}-{name}.png" for name in draws}
    make_folder(out, first)
    for name, path in paths.items():
        draws[name](path)
    return tuple(paths.values())


def _fill(
    conditions: Conditions, trained: Trained, other: Source | None
) -> Conditions:
    """Checks that the task understands what is given, and loads `other`."""
    named = {
        "other": other,
        "samples": conditions.samples,
        "request": conditions.request,
    }
    if conditions.seed and not trained.task.options:
        named["seed"] = conditions.seed
    for name, value in named.items():
        if value is not None and name not in trained.task.options:
            raise UsageError(
                f"The task {trained.task.name} has no use for "
                f"{_OPTION_NAMES[name]}.",
                hint=f"leave it out: {command('eval', trained.path)}",
            )
    conditions = dataclasses.replace(conditions, folder=trained.folder)
    if other is None:
        return conditions
    config, held = _load(trained, other)
    check_inputs(held.spec, trained.spec)
    name = "test" if len(held.test) else "all"
    part = _take_split(held, name, config.source)
    return dataclasses.replace(conditions, other=(config.source, part))


_OPTION_NAMES = {
    "other": "--ood",
    "samples": "--samples",
    "request": "--sampler, --schedule, --steps, --guidance or --eta",
    "seed": "--seed",
}


def _load(
    trained: Trained, source: Source | None, target: str | None = None
) -> tuple[DataConfig, Dataset]:
    """Returns what a source means for this model, and its data."""
    if isinstance(source, HeldTable):
        config = _data_config(trained, SOURCE, target, is_table=True)
        data = load(config, source, measured=True)
        return config, read_as(data, trained.spec)
    if isinstance(source, Arrays):
        if target is not None:
            raise UsageError(
                "Arrays have no label column that could be chosen.",
                expected="{'x': inputs, 'y': labels}",
                received=f"target={target!r}",
            )
        return _load_arrays(trained, source)
    config = _data_config(trained, source, target)
    held = trained.arrays if source is None else None
    data = load(config, held, measured=True)
    if source is not None and data.fingerprint == _fingerprint(trained):
        # Those of the training, in another place: divided as they were then.
        recorded = dict(trained.record.get("config", {}).get("data", {}))
        recorded |= {"source": source, "keep": config.keep}
        moved = cfg.build(DataConfig, recorded, "data")
        if moved != config:
            config, data = moved, load(moved, measured=True)
    return config, read_as(data, trained.spec)


def _load_arrays(
    trained: Trained, arrays: Arrays
) -> tuple[DataConfig, Dataset]:
    """Returns arrays as data.

    All arrays share one name: the class names of the training count label
    values in their order, which only those very arrays are sure to hold.
    Those of masks belong to the values themselves.
    """
    arrays = arrays.ordered(trained.spec.input.names)
    recorded = _data_config(trained, SOURCE)
    named = trained.spec.target.kind == "class" and recorded.classes is not None
    bare = recorded.model_copy(update={"classes": None}) if named else recorded
    data = load(bare, arrays, measured=True)
    if named and data.fingerprint == _fingerprint(trained):
        return recorded, load(recorded, arrays, measured=True)
    return bare, data


def _default_split(
    trained: Trained, dataset: Dataset, source: Source | None
) -> str:
    """Returns `all` for arrays that someone put together to be measured."""
    undivided = isinstance(source, InMemory) and source.undivided
    other = dataset.fingerprint != _fingerprint(trained)
    return "all" if undivided and other else "test"


def _data_config(
    trained: Trained,
    source: str | None,
    target: str | None = None,
    is_table: bool = False,
) -> DataConfig:
    recorded = dict(trained.record.get("config", {}).get("data", {}))
    if not recorded and source is None:
        raise DataError(
            f"{trained.path} does not say which data it was trained on.",
            hint="name a data source with --data",
        )
    if source is None and "source" in recorded:
        recorded["source"] = find_source(trained.record)
    spec = trained.spec
    if source is None or source == recorded.get("source"):
        values = recorded
    else:
        values = {"source": source}
        sources = source, str(recorded.get("source"))
        one, other = (Path(name).suffix.lower() for name in sources)
        if one == other or is_table or {one, other} <= set(TABLES):
            values |= {k: recorded[k] for k in _OF_TABLES if k in recorded}
        if spec.target.kind == "mask":
            # What made the classes of the training makes them here.
            values |= {k: recorded.get(k) for k in MASKS if recorded.get(k)}
        if (
            spec.input.kind == "image"
            and spec.target.kind != "mask"
            and spec.input.shape[0]
        ):
            # Folders are read at the size that the model was trained on.
            values["image_size"] = max(8, spec.input.shape[0])
    if not values.get("labels"):
        # Few rows may not tell what the training's labels were.
        kinds = {"class": "classes", "values": "values"}
        values = {**values, "labels": kinds.get(spec.target.kind)}
    if spec.input.kind == "table":
        places = spec.input.categorical
        values["categories"] = tuple(spec.input.names[p] for p in places)
        # What the model takes is wanted, whether or not it numbers the rows.
        values["keep"] = spec.input.names
    if target is not None:
        values["target"] = target
    return cfg.build(DataConfig, values, "data")


def _take_split(dataset: Dataset, name: str, source: str) -> Split:
    parts = PARTS if name == "all" else (name,)
    splits = [dataset.split(part) for part in parts]
    splits = [split for split in splits if len(split)]
    if not splits:
        sizes = {part: len(dataset.split(part)) for part in PARTS}
        listed = ", ".join(f"{n}: {size}" for n, size in sizes.items())
        raise DataError(
            f"`{source}` has no {name} part.",
            received=listed,
            hint="choose another with --split, or --split all",
        )
    return splits[0] if len(splits) == 1 else Joined(splits)


def _remarks(
    trained: Trained, dataset: Dataset, source: Source | None
) -> list[str]:
    remarks = [*trained.remarks, *dataset.remarks]
    recorded = _fingerprint(trained)
    same = recorded == dataset.fingerprint
    if source is None and recorded is not None and not same:
        remarks.append("The data changed since the model was trained on it.")
    if same and isinstance(source, str) and source != _training_source(trained):
        remarks.append(f"{source} holds the data of the training.")
    return remarks


def _training_source(trained: Trained) -> Any:
    """Returns the source of the training, as it was given."""
    return trained.record.get("config", {}).get("data", {}).get("source")


def _fingerprint(trained: Trained) -> str | None:
    data = trained.record.get("data", {})
    return None if "fingerprint" not in data else str(data["fingerprint"])
