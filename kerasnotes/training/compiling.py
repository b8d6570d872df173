"""Compiling a note's model for training: optimizer, schedule, loss."""

from typing import Any

import keras

from kerasnotes.backends import halves
from kerasnotes.backends.jit import jit_compile
from kerasnotes.backends.steps import phases
from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.capabilities import HasPhases
from kerasnotes.contracts.model import KerasModel
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.tasks.base import Task
from kerasnotes.training.optimizers.catalog import make_optimizer
from kerasnotes.training.optimizers.paced import Tempo
from kerasnotes.training.optimizers.phase_optimizer import PhaseOptimizer
from kerasnotes.training.transfer.freezing import rate_factors


def compile_model(
    model: KerasModel,
    task: Task,
    train: TrainConfig,
    *,
    total_steps: int,
    parts: int = 1,
    tempo: Tempo | None = None,
) -> None:
    """Compiles `model` in place, with its optimizer built.

    Args:
        model: The note's network.
        task: Gives the loss and the metrics.
        train: Rates, decay, clipping, averaging.
        total_steps: Optimizer steps of the whole run.
        parts: Batches accumulated per optimizer step.
        tempo: Holds the pace of the schedule, where time is limited.
    """
    if isinstance(model, HasPhases):
        optimizer = make_phase_optimizer(
            model, train, total_steps, parts, tempo
        )
    else:
        optimizer = make_optimizer(
            train,
            total_steps,
            parts,
            tempo=tempo,
            factors=rate_factors(model, train.lr_scale),
        )
    if tempo is not None:
        # Keras lists a variable that is set among the optimizer's own.
        optimizer.pace = tempo.variable
    own = isinstance(model, ObjectiveModel)
    model.compile(
        optimizer=optimizer,
        loss=None if own else task.loss(),
        metrics=None if own else task.metrics(),
        jit_compile=jit_compile(),
    )
    model.optimizer.build(model.trainable_variables)
    if isinstance(model, HasPhases):
        phases.install(model)
    elif not own:
        halves.install(model)


def make_phase_optimizer(
    model: HasPhases,
    train: TrainConfig,
    total_steps: int,
    parts: int = 1,
    tempo: Tempo | None = None,
) -> Any:
    """Returns one optimizer for each of a model's phases, in one.

    Raises:
        UsageError: If a batch has not an example for every repeated step, or
            another optimizer is asked for.
    """
    if train.optimizer != "adamw":
        raise UsageError(
            "Several phases are moved by AdamW, each with its own moments.",
            expected="train.optimizer=adamw",
            received=f"train.optimizer={train.optimizer}",
        )
    optimizers = []
    for phase in model.phases:
        if train.batch_size < parts * phase.repeat:
            raise UsageError(
                f"Each of the {phase.repeat} steps of the {phase.name} takes "
                "its share of the batch, which is too small.",
                expected=f"a batch of {parts * phase.repeat} or more",
                received=f"train.batch_size={train.batch_size}",
            )
        changes = {
            "learning_rate": phase.rate * train.learning_rate,
            "ema": train.ema if phase.averaged else None,
        }
        own = train.model_copy(update=changes)
        with keras.name_scope("phases"):
            optimizer = make_optimizer(
                own,
                total_steps * phase.repeat,
                parts,
                phase.name,
                tempo=tempo,
                repeat=phase.repeat,
            )
        optimizer.beta_1, optimizer.beta_2 = phase.beta_1, phase.beta_2
        optimizers.append(optimizer)
    return PhaseOptimizer(model.phases, optimizers)
