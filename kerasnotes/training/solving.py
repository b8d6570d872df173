"""Training by a note's own solver: a call an epoch, in place of `Model.fit`.

What is told, saved and stopped is `Session`'s, as of every other run. A run
that is stopped within an epoch keeps the weights of its beginning, and does
that epoch again when it goes on.
"""

import functools
import time
from typing import Any

from kerasnotes.data.batches import Batches
from kerasnotes.training.job import Job
from kerasnotes.training.keeper import Keeper
from kerasnotes.training.plan import Plan
from kerasnotes.training.session import TICK, Session, StopTraining


def solve(job: Job, keeper: Keeper, plan: Plan) -> None:
    """Trains until the last epoch.

    Args:
        job: What is trained; its model `SolvesEpochs`.
        keeper: Keeps its state.
        plan: How long.

    Raises:
        StopTraining: If something ends it before; everything is saved.
    """
    model: Any = job.model
    draw = functools.partial(job.task.draw_epoch, model, keeper.run.folder)
    session = Session(plan, keeper, 1, job.reporter, None, draw)
    session.set_model(model)
    session.on_train_begin()
    train = _batches(job)
    while keeper.progress.epoch < plan.epochs:
        epoch = keeper.progress.epoch
        session.on_epoch_begin(epoch)
        model.solve_epoch(
            job.dataset.train,
            job.dataset.validation,
            epoch,
            job.settings.train.seed,
            functools.partial(_told, _Clock(), job, keeper, plan),
        )
        values = _measure(model, train)
        for name, value in _measure(model, job.validation_batches()).items():
            values[f"val_{name}"] = value
        session.on_epoch_end(epoch, values)


class _Clock:
    """When the watcher is told next."""

    next_tick = 0.0


def _told(
    clock: _Clock,
    job: Job,
    keeper: Keeper,
    plan: Plan,
    part: float,
    loss: float,
) -> bool:
    """Tells how far an epoch has come; returns whether to end it here.

    Raises:
        StopTraining: If Ctrl-C was pressed.
    """
    now = time.monotonic()
    reason = plan.stop_reason(now)
    if reason == "interrupted":
        keeper.save(job.model)
        raise StopTraining(reason, {})
    if now >= clock.next_tick:
        clock.next_tick = now + TICK
        step = int(part * plan.steps_per_epoch)
        job.reporter.step(keeper.progress.epoch, step, {"loss": loss})
    return bool(reason)


def _measure(model: Any, batches: Batches | None) -> dict[str, float]:
    if batches is None:
        return {}
    found = model.evaluate(batches, return_dict=True, verbose=0)
    return {name: float(value) for name, value in found.items()}


def _batches(job: Job) -> Batches:
    """Returns the training part as it is, in its order."""
    train = job.settings.train
    return Batches(
        job.dataset.train,
        job.dataset.spec,
        batch_size=train.batch_size,
        labelled=job.own_objective,
        shuffle=False,
    )
