"""`Model.fit`, called so that a run survives Ctrl-C, kill and full memory."""

import functools

import keras

from kerasnotes.base.config import SOLVERS
from kerasnotes.base.errors import DivergedError, OutOfMemoryError
from kerasnotes.contracts.capabilities import (
    CarriesTraining,
    LearnsInStages,
    PreparesTraining,
    SolvesStart,
)
from kerasnotes.contracts.model import KerasModel
from kerasnotes.data.batches import Batches
from kerasnotes.runtime import setup as backend
from kerasnotes.training import state
from kerasnotes.training.averaging import AveragedWeights
from kerasnotes.training.compiled import Compiled
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.cut_epoch import measure_cut
from kerasnotes.training.job import Job
from kerasnotes.training.keeper import Keeper
from kerasnotes.training.plan import Plan
from kerasnotes.training.progress import show_epoch
from kerasnotes.training.session import Session, StopTraining
from kerasnotes.training.solving import solve
from kerasnotes.training.transfer.features import from_features
from kerasnotes.training.transfer.freezing import Stage, freeze, stage_of


def train(
    job: Job, keeper: Keeper, plan: Plan, held: Compiled | None = None
) -> str:
    """Trains until the last epoch or until something stops it.

    Args:
        job: What is trained.
        keeper: Keeps its state.
        plan: How long.
        held: A compiled network to go on with, if it is alike.

    Returns:
        Why it stopped early (`"interrupted"`, `"time limit"`,
        `"early stop"`), or "".

    Raises:
        DivergedError: If the loss is not finite or grows without bound.
        OutOfMemoryError: If a batch of one example does not fit.
    """
    parts, train = keeper.progress.parts, job.settings.train
    while True:
        try:
            done = keeper.progress.epoch
            stage = stage_of(job.model, train, plan.epochs, done)
            keeper.progress.stage, plan.stage_end = stage.number, stage.end
            _compile(job, plan, parts, stage, held or Compiled())
            _save_first(job, keeper)
            # Here too: frozen layers are asked before the first step, and
            # where there is no step left, what follows needs the weights.
            keeper.restore(job.model, parts)
            if train.optimizer in SOLVERS:
                solve(job, keeper, plan)
                return ""
            with from_features(job, stage) as cached:
                _fit(cached, keeper, plan, parts)
            if stage.end == plan.epochs:
                return ""
            job.reporter.say(_tell_turn(job, stage))
        except StopTraining as stop:
            return stop.reason
        except DivergedError as error:
            if keeper.best is not None:
                keeper.put_best(job.model)
            raise _explain(error, job, keeper) from None
        except Exception as error:
            if not backend.is_out_of_memory(error):
                raise
            parts = _smaller(job, parts, error)
            # What the failed step left behind is taken from the file again.
            newest = state.latest(keeper.run.state_folder)
            vars(keeper.progress).update(vars(state.read_progress(newest)))


def _tell_turn(job: Job, stage: Stage) -> str:
    """Says what happens at the end of a run's first stage."""
    what = "the frozen layers learn too"
    if isinstance(job.model, LearnsInStages):
        what = "other weights learn"
    return (
        f"From epoch {stage.end + 1} on {what}; the learning rate begins anew."
    )


def _compile(
    job: Job, plan: Plan, parts: int, stage: Stage, held: Compiled
) -> None:
    total_steps = (stage.end - stage.start) * plan.steps_per_epoch
    if held.put(job, total_steps, parts):
        return
    freeze(job.model, job.settings.train.freeze, stage)
    if isinstance(job.model, LearnsInStages):
        told = job.model.enter(stage.number)
        if told:
            job.reporter.say(told)
    if isinstance(job.model, PreparesTraining):
        job.model.prepare_training(
            examples=len(job.dataset.train),
            steps_per_epoch=plan.steps_per_epoch,
            epochs=plan.epochs,
        )
    if isinstance(job.model, CarriesTraining) and job.in_streams:
        rows = min(job.settings.train.batch_size, len(job.dataset.train))
        job.model.carry(rows, len(job.dataset.train) // rows, parts)
    compile_model(
        job.model,
        job.task,
        job.settings.train,
        total_steps=total_steps,
        parts=parts,
        tempo=plan.tempo,
    )
    held.keep(job, total_steps, parts)


def _save_first(job: Job, keeper: Keeper) -> None:
    if not state.list_states(keeper.run.state_folder):
        if isinstance(job.model, SolvesStart) and not job.head_kept:
            told = job.model.solve_start(job.dataset.train)
            if told:
                job.reporter.say(told)
        keeper.save(job.model)
        # Only from here on is a missing checkpoint an error.
        record = keeper.run.read_record()
        keeper.run.write_record({**record, "status": "training"})


def _fit(job: Job, keeper: Keeper, plan: Plan, parts: int) -> None:
    progress = keeper.progress
    end = plan.stage_end
    validation = job.validation_batches()
    folder = keeper.run.folder
    draw = functools.partial(job.task.draw_epoch, job.model, folder)
    while progress.epoch < end:
        # A half-done epoch has fewer steps left: a call of its own.
        partial = progress.step > 0
        batches = job.training_batches(parts, progress.steps_done)
        if partial:
            _build_metrics(job.model, batches)
        swap = None
        if job.settings.train.ema is not None:
            swap = AveragedWeights()
        session = Session(plan, keeper, parts, job.reporter, swap, draw)
        try:
            job.model.fit(
                batches,
                validation_data=validation,
                initial_epoch=progress.epoch,
                epochs=progress.epoch + 1 if partial else end,
                steps_per_epoch=(plan.steps_per_epoch - progress.step) * parts,
                callbacks=[swap, session] if swap else [session],
                shuffle=False,
                verbose=0,
            )
        except StopTraining as stop:
            measure_cut(stop, session, job.model, validation)
            raise
        except Exception:
            # What a thread met while reading, not the framework's wrapping.
            for data in (batches, validation):
                if data is not None and data.failure is not None:
                    raise data.failure from None
            raise


def _build_metrics(model: KerasModel, batches: Batches) -> None:
    """Makes the variables of the metrics, to be restored to.

    On TensorFlow, `fit` makes them in its first step, which is too late
    for an epoch that goes on half-way.
    """
    first = keras.tree.map_structure(lambda array: array[:1], batches[0])
    x, y = first[:2]
    model.compute_metrics(x, y, model(x, training=False))


def _smaller(job: Job, parts: int, error: Exception) -> int:
    batch_size = job.settings.train.batch_size
    if batch_size < 2 * parts:
        raise OutOfMemoryError(
            "Not even one example fits into memory.",
            received=str(error).splitlines()[0][:200],
            hint="make the model or the images smaller: --set width=..., "
            "--set data.patch=..., --set data.image_size=...",
        ) from error
    parts *= 2
    job.reporter.say(
        f"Out of memory with batches of {-(-batch_size * 2 // parts)}: going "
        f"on with {parts} x {-(-batch_size // parts)}, accumulated to the "
        f"same {batch_size} examples a step."
    )
    return parts


def _explain(error: DivergedError, job: Job, keeper: Keeper) -> DivergedError:
    rate = job.settings.train.learning_rate
    saved = state.read_progress(state.latest(keeper.run.state_folder))
    epoch = keeper.progress.best_epoch
    best = ""
    if epoch:
        best = f"the best model (epoch {show_epoch(epoch)}) is kept, "
    return DivergedError(
        error.message,
        expected=error.expected,
        received=error.received,
        hint=f"{best}the last good checkpoint is "
        f"after {saved.steps_done} steps in {keeper.run.folder}; try again "
        f"with --learning-rate {rate / 3:.1g}",
    )
