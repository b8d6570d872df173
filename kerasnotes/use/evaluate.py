"""Measuring a trained model on data."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from kerasnotes.base.commands import command
from kerasnotes.base.errors import UsageError, unknown_name
from kerasnotes.contracts.report import Conditions, Draw, file_name
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.data.splitting import PARTS
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.matching import arrange, check_inputs, match
from kerasnotes.tasks.outputs import make_folder
from kerasnotes.tasks.table_check import tell_unknown
from kerasnotes.use.leaks import Seen, look
from kerasnotes.use.measured_data import (
    Source,
    Target,
    default_split,
    fingerprint_of,
    load_for,
    take_split,
)
from kerasnotes.use.memory import explain_memory
from kerasnotes.use.pictures import Pictures, drawn, to_html
from kerasnotes.use.trained import Trained

SPLITS = (*PARTS, "all")

SAMPLING = ("sampler", "schedule", "steps", "guidance", "eta")
"""Fields of `Request` that say how a generator draws."""


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
    target: Target = None,
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
            default `test` of the training's data and of data that have a
            test part of their own, `all` of others.
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
    config, dataset = load_for(trained, source, target)
    dataset = arrange(dataset, trained.spec)
    conditions = _fill(conditions or Conditions(), trained, other)
    own = dataset.fingerprint == fingerprint_of(trained)
    strange = source is not None and not own and fingerprint_of(trained)
    seen = look(trained) if strange else None
    split, why = _choose_split(trained, dataset, source, split, seen)
    part = take_split(dataset, split, config.source)
    part = match(part, dataset.spec, trained.spec)
    train = None
    beside = trained.spec.input.kind in ("text", "tokens")
    if own or (not beside and trained.spec.target.kind not in _BY_TRAINING):
        train = match(dataset.train, dataset.spec, trained.spec)
    conditions = dataclasses.replace(conditions, batch_size=size, train=train)
    # The sizes are the data's, the classes the model's.
    spec = trained.spec.with_input(shape=dataset.spec.input.shape)
    task = make_task(trained.task.name, spec, trained.task.train)
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
            *([why] if why else []),
            *_remarks(trained, dataset, source),
            *(seen.tell(part) if seen else []),
            *tell_unknown(part, trained.spec),
            *report.remarks,
        ),
        draws=draws,
        files=_write(draws, out, trained.path, _stem(source, split)),
    )


def _choose_split(
    trained: Trained,
    dataset: Dataset,
    source: Source | None,
    asked: str | None,
    seen: Seen | None,
) -> tuple[str, str]:
    """Returns the part that is measured, and a sentence if it was chosen.

    Data of which most were trained on are those of the training in another
    form: their test part, if it holds none of them.
    """
    if asked is not None:
        return asked, ""
    split, why = default_split(trained, dataset, source)
    if split != "all" or seen is None or not len(dataset.test):
        return split, why
    whole, test = (
        match(take_split(dataset, name, ""), dataset.spec, trained.spec)
        for name in ("all", "test")
    )
    known = seen.count(whole)
    if 2 * known <= len(whole) or seen.count(test):
        return split, why
    return "test", (
        f"The model was trained on {known:,} of these {len(whole):,} "
        "examples: the test part, which holds none of them, is measured."
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
    paths = {name: out / f"{stem}-{file_name(name)}" for name in draws}
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
    config, held = load_for(trained, other)
    check_inputs(held.spec, trained.spec)
    name = "test" if len(held.test) else "all"
    part = take_split(held, name, config.source)
    return dataclasses.replace(conditions, other=(config.source, part))


_BY_TRAINING = ("values", "series", "class")
"""Targets of which reports tell what the training showed: simple rules that
are fitted on it, and classes that are rare in it. Other data do not know."""
_OPTION_NAMES = {
    "other": "--ood",
    "samples": "--samples",
    "request": "--sampler, --schedule, --steps, --guidance or --eta",
    "seed": "--seed",
}


def _remarks(
    trained: Trained, dataset: Dataset, source: Source | None
) -> list[str]:
    remarks = [*trained.remarks, *dataset.remarks]
    recorded = fingerprint_of(trained)
    same = recorded == dataset.fingerprint
    if source is None and recorded is not None and not same:
        remarks.append("The data changed since the model was trained on it.")
    if same and isinstance(source, str) and source != _training_source(trained):
        remarks.append(f"{source} holds the data of the training.")
    return remarks


def _training_source(trained: Trained) -> Any:
    """Returns the source of the training, as it was given."""
    return trained.record.get("config", {}).get("data", {}).get("source")
