"""The data that a trained model is measured on, read as it needs them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base import config as cfg
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.dataset import Dataset, Split
from kerasnotes.data.held.arrays import Arrays, InMemory
from kerasnotes.data.held.held_table import HeldTable
from kerasnotes.data.readers.tables.table_file import open_table
from kerasnotes.data.readers.tables.table_rows import SUFFIXES as TABLES
from kerasnotes.data.sets.source_options import base_name
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.words import SOURCE
from kerasnotes.runs.source import absolute, find_source
from kerasnotes.tasks.matching import read_as
from kerasnotes.tasks.renumbered import join
from kerasnotes.use.measured_source import load_measured
from kerasnotes.use.trained import Trained
from kerasnotes.use.unlabelled import check_labelled

_OF_TABLES = ("target", "labels", "leave_out")
"""Settings of one table that another table is read by."""

MASKS = ("threshold", "instances", "ignore")
"""Fields of `DataConfig` that say what the values of masks mean."""

Source = str | InMemory
"""What data come from: a name, a path as text, or arrays in memory."""


Target = str | Sequence[str] | None
"""A label column or key, or several columns; by default as in training."""


def load_for(
    trained: Trained, source: Source | None, target: Target = None
) -> tuple[DataConfig, Dataset]:
    """Returns what a source means for this model, and its data."""
    if isinstance(source, HeldTable):
        config = _data_config(trained, SOURCE, target, is_table=True)
        data = load_measured(config, source, trained.spec)
        return config, read_as(data, trained.spec)
    if isinstance(source, Arrays):
        if target is not None:
            raise UsageError(
                "Arrays have no label column that could be chosen.",
                expected="{'x': inputs, 'y': labels}",
                received=f"target={target!r}",
            )
        config, data = _load_arrays(trained, source)
        return config, read_as(data, trained.spec)
    config = _data_config(trained, source, target)
    if source is not None and target is None:
        check_labelled(trained, config)
    held = trained.arrays if source is None else None
    data = load_measured(config, held, trained.spec)
    if source is not None and data.fingerprint == fingerprint_of(trained):
        # Those of the training, in another place: divided as they were then.
        recorded = dict(trained.record.get("config", {}).get("data", {}))
        recorded |= {"source": source, "keep": config.keep}
        if not recorded.get("target"):
            recorded["target"] = config.target
        moved = cfg.build(DataConfig, recorded, "data")
        if moved != config:
            config, data = moved, load_measured(moved, None, trained.spec)
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
    data = load_measured(bare, arrays, trained.spec)
    if named and data.fingerprint == fingerprint_of(trained):
        return recorded, load_measured(recorded, arrays, trained.spec)
    return bare, data


def _data_config(
    trained: Trained,
    source: str | None,
    target: Target = None,
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
        if (is_table or one in TABLES) and not values.get("target"):
            values["target"] = _known_labels(spec)
        if one in TABLES and _has_column(source, spec.input.column):
            values["text"] = spec.input.column
        if one in TABLES and _has_column(source, spec.input.sequence):
            values["sequence"] = spec.input.sequence
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
        kinds = {"class": "classes", "values": "values", "sequence": "texts"}
        values = {**values, "labels": kinds.get(spec.target.kind)}
    if spec.target.kind == "series":
        values = {**recorded_rows(recorded, spec), **values}
    if spec.input.picture:
        values = {"read_as": recorded.get("read_as"), **values}
    if spec.input.kind in ("table", "series"):
        places = spec.input.categorical
        values["categories"] = tuple(spec.input.names[p] for p in places)
        # What the model takes is wanted, whether or not it numbers the rows.
        values["keep"] = spec.input.names
    if target is not None:
        values["target"] = target
    return cfg.build(DataConfig, values, "data")


def _has_column(source: str, name: str) -> bool:
    """Returns whether a table has a column that texts were read from."""
    path = Path(source).expanduser()
    return bool(name) and path.is_file() and name in open_table(path).names


def recorded_rows(recorded: dict[str, Any], spec: Spec) -> dict[str, Any]:
    """Returns the settings by which another series is read as the first was.

    Args:
        recorded: Settings of the training's data.
        spec: What the model was trained on; its sizes count, not the
            defaults that another series would have.
    """
    values = {name: recorded.get(name) for name in ("time", "gaps", "season")}
    values = {k: v for k, v in values.items() if v is not None}
    if spec.future is not None:
        values["known"] = spec.planned
        values["calendar"] = spec.has_calendar
    return {
        **values,
        "window": spec.input.shape[0],
        "horizon": spec.target.shape[0],
        "target": spec.target.names,
    }


def _known_labels(spec: Spec) -> tuple[str, ...] | None:
    """Returns the columns that a regression learned, if they had names."""
    names = spec.target.names
    plain = any(re.fullmatch(r"value\d*", name) for name in names)
    return names if names and not plain else None


def take_split(dataset: Dataset, name: str, source: str) -> Split:
    """Returns a part of a data set, or `all` of them as one.

    Raises:
        DataError: If that part is empty.
    """
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
    return splits[0] if len(splits) == 1 else join(splits)


def fingerprint_of(trained: Trained) -> str | None:
    """Returns the fingerprint of what a model was trained on, if it is kept."""
    data = trained.record.get("data", {})
    return None if "fingerprint" not in data else str(data["fingerprint"])


def default_split(
    trained: Trained, dataset: Dataset, source: Source | None
) -> tuple[str, str]:
    """Returns the part that is measured unasked, and why it is said.

    Of other data than those of the training nothing was trained on: all of
    them count, unless their owner says which are the test. A generator is
    held against real examples, which are the training part.

    Returns:
        The part, and a sentence; none where it is the test part of the
        training's own data.
    """
    if not _is_other(trained, dataset, source):
        return "test", ""
    if trained.task.name == "generation":
        return "test", ""
    if isinstance(source, InMemory):
        return ("test" if dataset.has_test else "all"), ""
    if dataset.has_test:
        return "test", (
            f"{source} is not what the model was trained on: the test part "
            "that comes with it is measured; --split all measures all of it."
        )
    return "all", (
        f"{source} is not what the model was trained on: all its examples "
        "are measured; --split test measures a part."
    )


def _is_other(
    trained: Trained, dataset: Dataset, source: Source | None
) -> bool:
    """Returns whether data are not those of the training, nor in their place.

    What lies where those of the training lay may still hold some of them.
    """
    if source is None or dataset.fingerprint == fingerprint_of(trained):
        return False
    if isinstance(source, InMemory):
        return True
    recorded = trained.record.get("data", {}).get("path")
    given = trained.record.get("config", {}).get("data", {}).get("source")
    if recorded is not None:
        return absolute(str(source)) != str(recorded)
    # One set with other options: its parts hold the same examples, varied.
    return base_name(str(source)) != base_name(str(given))
