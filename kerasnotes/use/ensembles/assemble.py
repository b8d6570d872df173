"""Runs put together to one that answers for all: what `kn ensemble` does."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from kerasnotes.base.config import DataConfig, build
from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Progress
from kerasnotes.contracts.report import file_name
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.resampling import whole
from kerasnotes.inference.ensemble import check_members
from kerasnotes.runs import run, saving
from kerasnotes.runs.archive import archive
from kerasnotes.runs.run import Record, Run
from kerasnotes.runtime.setup import Choice, environment
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.matching import match
from kerasnotes.training.recording import session
from kerasnotes.use.ensembles import checks, combining
from kerasnotes.use.ensembles.combining import Way
from kerasnotes.use.ensembles.held_out import (
    HeldOut,
    answer,
    data_of,
    missing_folds,
    out_of_bag,
    out_of_fold,
)
from kerasnotes.use.ensembles.measuring import measure
from kerasnotes.use.ensembles.recording import NAME, new_record
from kerasnotes.use.measured_data import load_for
from kerasnotes.use.trained import Trained


@dataclasses.dataclass(frozen=True)
class Assembled:
    """An ensemble's run.

    Args:
        run: Its folder.
        record: As written.
        remarks: What one must know to read the numbers.
    """

    run: Run
    record: Record
    remarks: tuple[str, ...]


def assemble(
    members: Sequence[Path],
    choice: Choice,
    *,
    combine: str = "mean",
    out: Path | None = None,
    folder: Run | None = None,
    progress: Progress | None = None,
    command: str | None = None,
) -> Assembled:
    """Makes a run whose model holds all members, and measures it.

    Args:
        members: Runs or `.keras` files of ours, for the same data.
        choice: The backend and device.
        combine: One of `base.ensembles.COMBINE`: `weighted` is fitted on the
            validation part, or out of fold, `stacked` out of fold.
        out: The run's own folder; by default the next free
            `ckpts/ensemble`.
        folder: A folder that is there already, in place of `out`.
        progress: Told how far the measuring is.
        command: What the record says was called.

    Raises:
        DataError: If the data of the first member are gone, or there is no
            validation part to fit weights on.
        StorageError: If something cannot be read or written.
        UsageError: If the members do not go together.
    """
    opened, task = checks.open_members(members, combine)
    check_members([one.model.spec for one in opened])
    data = _open_data(opened)
    held = _hold_out(opened, data, combine)
    way, others = _choose(opened, data, held, combine)
    model = way.model([one.model for one in opened])
    place = folder or run.create(out, NAME)
    record = new_record(opened, model, data.config, task)
    record["environment"] = environment(choice)
    record["sessions"] = [session(command)]
    saving.save_model(model, place.model_path, record)
    meaning = make_task(task, model.spec)
    together = Trained(place.folder, place.model_path, model, record, meaning)
    told = measure(
        together, opened, data.dataset, held, (way, others), progress
    )
    record = {**record, **told.record}
    for member, metrics in zip(record["members"], told.each, strict=True):
        member["metrics"] = dict(metrics)
    archive.write_record(place.model_path, record)
    place.write_record(record)
    for name, draw in told.draws.items():
        draw(place.folder / file_name(name))
    remarks = (*told.remarks, *checks.tell_others(opened))
    if combine == "vote":
        remarks += ("Shares of votes are no probabilities: mind the loss.",)
    return Assembled(place, record, remarks)


@dataclasses.dataclass(frozen=True)
class Data:
    """What members were trained on, before anything was drawn from it.

    Args:
        config: Without folds and bootstraps.
        own: The first member's.
        dataset: All folds are its training part.
    """

    config: DataConfig
    own: DataConfig
    dataset: Dataset


def _open_data(opened: Sequence[Trained]) -> Data:
    first, told = opened[0], data_of(opened[0])
    own = build(DataConfig, told, "data")
    config = whole(own)
    plain = {**first.record["config"], "data": config.model_dump(mode="json")}
    record = {**first.record, "config": plain}
    _, dataset = load_for(dataclasses.replace(first, record=record), None)
    return Data(config, own, dataset)


def _hold_out(
    opened: Sequence[Trained], data: Data, combine: str
) -> HeldOut | Record | None:
    """Returns what members answer to what they did not learn from.

    Of folds the answers; of bootstraps what is told of them; `None` where
    all members learned from the same examples, or not every fold has one.
    """
    alike = len({checks.learned(one) for one in opened}) == 1
    if combine == "stacked":
        checks.check_stackable(opened)
    spec = opened[0].spec
    if alike and missing_folds(opened) == []:
        return out_of_fold(opened, data.dataset, data.own, spec)
    drawn = [data_of(one).get("bootstrap") is not None for one in opened]
    if alike and all(drawn):
        return out_of_bag(opened, data.dataset, data.own, spec)
    return None


def _choose(
    opened: Sequence[Trained],
    data: Data,
    held: HeldOut | Record | None,
    combine: str,
) -> tuple[Way, list[Way]]:
    """Returns the way that was asked for, and others to compare with.

    Others are worth their time where something was fitted, or could be.
    """
    ways = [combining.even("mean", len(opened))]
    if opened[0].spec.target.kind == "class":
        ways.append(combining.even("vote", len(opened)))
    fitted = isinstance(held, HeldOut) or combine == "weighted"
    if isinstance(held, HeldOut):
        ways.append(combining.stacked(held))
        if len(held.answers) > 1:
            ways.append(combining.weighted(held))
    if combine == "weighted" and ways[-1].combine != "weighted":
        ways.append(_weigh(opened, data))
    found: dict[str, Way] = {way.combine: way for way in ways}
    own = found.pop(combine)
    return own, list(found.values()) if fitted else []


def _weigh(opened: Sequence[Trained], data: Data) -> Way:
    """Returns weights fitted on the validation part that all have alike."""
    checks.check_alike(opened)
    dataset, spec = data.dataset, opened[0].spec
    split = match(dataset.validation, dataset.spec, spec)
    if not len(split):
        raise DataError(
            "There is no validation part to fit the weights on.",
            hint="--combine mean",
        )
    asked = [answer(one, split) for one in opened]
    return combining.weighted_by([found for found, _ in asked], asked[0][1])
