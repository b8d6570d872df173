"""A trained model's answers for files and for arrays."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Progress
from kerasnotes.contracts.report import Prediction
from kerasnotes.data.dataset import Array
from kerasnotes.data.held import frames
from kerasnotes.data.readers.tables.prose_table import column_of_texts
from kerasnotes.data.readers.tables.sequence_rows import sequences_of
from kerasnotes.data.readers.tables.series_rows import past_of
from kerasnotes.data.readers.tables.table_rows import rows_of
from kerasnotes.data.readers.tables.typed_table import FrameTable
from kerasnotes.data.spec import Spec
from kerasnotes.inference.translating.translator import GREEDY
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.image_check import all_bad, left_out, look
from kerasnotes.tasks.inputs import Held, Input, find_files
from kerasnotes.tasks.sequences import (
    read_sequences,
    split_up,
    tell_sequences,
)
from kerasnotes.tasks.table_check import check_rows
from kerasnotes.tasks.texts import read_texts, tell_texts
from kerasnotes.tasks.translation import WIDEST, Translation
from kerasnotes.use.memory import explain_memory
from kerasnotes.use.trained import Trained

SHOWN = 60
"""Characters of a text that its answer is called by."""
FILES = 32
"""Files answered at once: what their pictures take stays in memory."""


def predict(
    trained: Trained,
    inputs: Sequence[Input],
    *,
    batch_size: int | None = None,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
    beam: int | None = None,
    partly: bool = False,
) -> Iterator[Prediction]:
    """Answers for files or arrays, a few at a time.

    Args:
        trained: The model.
        inputs: Files, folders of files, or arrays.
        batch_size: Examples at once; by default as in training.
        progress: Told how many files are done.
        tell: Told, a sentence each, what is done to images that differ from
            those of the training.
        beam: Of a translation: how many answers the search keeps; by
            default one, the likeliest token at each place.
        partly: Whether images that can be read are answered for although
            others cannot: the error comes behind the answers.

    Yields:
        One answer for an image, one a row for a table.

    Raises:
        DataError: If a file cannot be read; images are checked beforehand.
        OutOfMemoryError: If a batch does not fit into memory.
        UsageError: If it is a generator that answers for nothing, or `beam`
            is no such number.
    """
    _set_beam(trained.task, beam)
    files = _in_order(inputs, trained.spec)
    left: DataError | None = None
    if trained.spec.of_files.input.kind == "image":
        looked = look(files, trained.spec.of_files)
        if looked.bad:
            if not partly or not looked.good:
                raise all_bad(looked.bad, len(files))
            left = left_out(looked.bad, len(files))
        files = looked.good
        if tell:
            for sentence in looked.told:
                tell(sentence)
    if tell:
        for sentence in check_rows(files, trained.spec):
            tell(sentence)
        for sentence in _told_of_texts(files, trained.spec):
            tell(sentence)
        for sentence in _told_of_sequences(files, trained.spec):
            tell(sentence)
    size = trained.at_once(batch_size)
    for start in range(0, len(files), FILES):
        part = files[start : start + FILES]
        with explain_memory(size):
            answers = trained.task.predict(trained.model, part, size)
        yield from answers
        if progress:
            progress("predicting", start + len(part), len(files))
    if left is not None:
        raise left


def _set_beam(task: Task, beam: int | None) -> None:
    """Tells a translation how wide to search; refuses it of other tasks."""
    if isinstance(task, Translation) and (beam is None or 1 <= beam <= WIDEST):
        task.beam = GREEDY if beam is None else beam
    elif beam is not None:
        raise UsageError(
            "This is no search for a translation.",
            expected=f"a beam of 1 to {WIDEST}, and a run of translation",
            received=f"a beam of {beam}, and a run of {task.name}",
        )


def _in_order(inputs: Sequence[Input], spec: Spec) -> list[Input]:
    """Returns inputs in their order, folders replaced by what they hold."""
    files: list[Input] = []
    for held, some in itertools.groupby(inputs, lambda x: isinstance(x, Held)):
        if held:
            files += some
        else:
            paths = [one for one in some if isinstance(one, Path)]
            files += find_files(paths, spec)
    return files


def _told_of_texts(files: Sequence[Input], spec: Spec) -> Iterator[str]:
    if spec.input.kind == "text":
        texts = [text for one in files for text in read_texts(one, spec)]
        yield from tell_texts(texts, spec)


def _told_of_sequences(files: Sequence[Input], spec: Spec) -> Iterator[str]:
    if spec.of_sequences:
        found = [x for one in files for x in read_sequences(one, spec)]
        yield from tell_sequences(found, spec)


def to_inputs(value: Any, spec: Spec) -> list[Input]:
    """Understands what a user asks answers for.

    Args:
        value: A path, or a list of them; or an array of one example or of
            a batch `(N, ...)`; of several inputs, batches by their names. Of
            a model that reads texts: a text, or several; what is the name of
            a file is that file.
        spec: What the model was trained on.

    Raises:
        DataError: If it is something else.
    """
    if spec.input.kind == "text":
        return _texts(value, spec)
    if isinstance(value, str | Path):
        return [Path(value).expanduser()]
    if isinstance(value, Image.Image):
        raise UsageError(
            "A PIL image does not say what its pixels mean.",
            expected="a file, or an array of raw pixels",
            received=f"an image of mode {value.mode}",
            hint="name the image's file, or give numpy.asarray(image)",
        )
    if isinstance(value, list | tuple) and value:
        if all(isinstance(one, str | Path) for one in value):
            return [Path(one).expanduser() for one in value]
    if frames.is_row(value, spec.input.names):
        value = value.to_frame().T
    if frames.is_frame(value) and spec.of_sequences:
        table = FrameTable.of(frames.to_polars(value))
        return [_held(sequences_of(table, "The data frame", spec))]
    if frames.is_frame(value) and spec.input.kind == "series":
        table = FrameTable.of(frames.to_polars(value))
        past = past_of(table, "The data frame", spec)
        return [Held(past.inputs, "data frame", ready=True, times=past.times)]
    if frames.is_frame(value) and spec.input.kind == "table":
        table = FrameTable.of(frames.to_polars(value))
        rows = rows_of(table, "The data frame", spec)
        return [Held(rows, "data frame", ready=True)]
    if spec.of_sequences:
        return [_held(split_up(value, "array", spec))]
    if len(spec.inputs) > 1 and isinstance(value, dict):
        given = {name: np.asarray(array) for name, array in value.items()}
        return [Held(given, "dictionary")]
    try:
        return [Held(_batch(np.asarray(value), spec))]
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            "There is nothing to answer for.",
            expected="files, folders, or an array of raw inputs",
            received=f"{type(value).__name__}: {error}",
        ) from None


def _held(sequences: Sequence[Array]) -> Held:
    """Returns sequences in memory, which may differ in length."""
    held = np.empty(len(sequences), object)
    held[:] = list(sequences)
    return Held(held)


def _texts(value: Any, spec: Spec) -> list[Input]:
    """Returns texts, or the files that hold some."""
    if frames.is_frame(value):
        table = FrameTable.of(frames.to_polars(value))
        texts = column_of_texts(table, "the data frame", spec.input.column)
        return [Held(np.array(texts, object), "data frame")]
    alone = isinstance(value, str | bytes | Path)
    several = [value] if alone else _several(value)
    if len(several) > 1 and not any(map(_is_file, several)):
        held = np.empty(len(several), object)
        held[:] = several
        return [Held(held, "text")]
    return [
        Path(one).expanduser() if _is_file(one) else as_text(one)
        for one in several
    ]


def _several(value: Any) -> list[Any]:
    """Returns what a list, an array or a column holds.

    Raises:
        DataError: Of names with arrays, or of what is not several.
    """
    if isinstance(value, Mapping) or not hasattr(value, "__iter__"):
        received = type(value).__name__
    elif isinstance(value, np.ndarray) and not value.ndim:
        received = f"{value.dtype} of shape ()"
    else:
        return list(value)
    raise DataError(
        "There is no text to answer for.",
        expected="a text, a list of texts, a data frame, or files",
        received=received,
    )


def as_text(text: Any) -> Held:
    """Returns a single text as an input, called by how it begins.

    What is none is refused where it is read.
    """
    held = np.empty(1, object)
    held[0] = text
    shown = _shown(text) if isinstance(text, str) else type(text).__name__
    return Held(held, shown or "(empty)")


def _is_file(one: Any) -> bool:
    """Returns whether it is a path, or the name of what is there."""
    try:
        named = isinstance(one, str) and one and Path(one).expanduser().exists()
    except (OSError, ValueError):  # longer than a name, or with a zero in it
        named = False
    return isinstance(one, Path) or bool(named)


def _shown(text: str) -> str:
    """Returns what an answer calls a text: how it begins."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…"


def _batch(values: Array, spec: Spec) -> Array:
    """Returns one example as a batch of one; a batch as it is.

    Grey images may lack their channel: `(H, W)` is one, `(N, H, W)` many.
    """
    channel = values.shape[-1:] == spec.input.shape[-1:]
    bare = (
        spec.input.kind == "image" and spec.input.shape[-1] == 1 and not channel
    )
    single = values.ndim == len(spec.input.shape) - bare
    if spec.input.picture and values.shape[1:] != spec.input.shape:
        # One image, as the model's series are read from.
        single = values.shape in (spec.input.picture, spec.input.picture[:2])
    return (
        values[None] if single or values.shape == spec.input.shape else values
    )
