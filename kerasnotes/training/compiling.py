"""Compiling a note's model for training: optimizer, schedule, loss."""

import functools
from typing import Any

import keras

from kerasnotes.backends.jit import jit_compile
from kerasnotes.backends.kernels.adamw import AdamW
from kerasnotes.backends.steps import phases
from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.capabilities import HasPhases
from kerasnotes.contracts.model import KerasModel
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.tasks.base import Task
from kerasnotes.training.paced import PacedAdamW, PacedSchedule, Tempo
from kerasnotes.training.phase_optimizer import PhaseOptimizer


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
        optimizer = make_optimizer(train, total_steps, parts, tempo=tempo)
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


def make_phase_optimizer(
    model: HasPhases,
    train: TrainConfig,
    total_steps: int,
    parts: int = 1,
    tempo: Tempo | None = None,
) -> Any:
    """Returns one optimizer for each of a model's phases, in one.

    Raises:
        UsageError: If a batch has not an example for every repeated step.
    """
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


def make_optimizer(
    train: TrainConfig,
    total_steps: int,
    parts: int = 1,
    name: str | None = None,
    *,
    tempo: Tempo | None = None,
    repeat: int = 1,
) -> Any:
    """Returns AdamW with a schedule, clipping and averaging as configured.

    Args:
        train: Rates, decay, clipping, averaging.
        total_steps: Its own steps in the whole run.
        parts: Batches accumulated per optimizer step.
        name: Its name; Keras' by default.
        tempo: Holds the pace of the schedule, or `None`.
        repeat: Its own steps in one step of training.
    """
    schedule = make_schedule(train, total_steps)
    make: Any = AdamW
    if tempo is not None:
        make = functools.partial(PacedAdamW, tempo=tempo)
        if not isinstance(schedule, float):
            schedule = PacedSchedule(schedule, tempo, repeat)
    optimizer = make(
        learning_rate=_of_whole_steps(schedule, parts),
        weight_decay=train.weight_decay,
        global_clipnorm=train.clip_norm,
        use_ema=train.ema is not None,
        # Keras averages after every part, not after every step.
        ema_momentum=(train.ema or 0.99) ** (1 / parts),
        gradient_accumulation_steps=parts if parts > 1 else None,
        name=name,
    )
    # Decay pulls kernels only: norms and biases set scale and offset.
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


class WholeSteps(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule for Keras' count of parts, made from one of whole steps.

    Args:
        schedule: From the number of the optimizer's step to its rate.
        parts: Batches accumulated per optimizer step.
    """

    def __init__(self, schedule: Any, parts: int) -> None:
        super().__init__()
        self.schedule, self.parts = schedule, parts

    def __call__(self, step: Any) -> Any:
        return self.schedule(keras.ops.floor_divide(step, self.parts))

    def get_config(self) -> dict[str, Any]:
        return {"schedule": self.schedule, "parts": self.parts}


def _of_whole_steps(schedule: Any, parts: int) -> Any:
    constant = isinstance(schedule, float)
    return schedule if constant or parts == 1 else WholeSteps(schedule, parts)


def make_schedule(train: TrainConfig, total_steps: int) -> Any:
    """Returns the learning rate as a function of the step.

    A linear warm-up from a hundredth of the peak, then half a cosine down
    to a hundredth, or constant.

    Reference:
        Loshchilov & Hutter, 2017, eq. (5). https://arxiv.org/abs/1608.03983
    """
    peak = train.learning_rate
    warmup = int(train.warmup * total_steps)
    if train.schedule == "constant" and not warmup:
        return peak
    # CosineDecay keeps its last value; alpha = 1 keeps the peak instead.
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.01 * peak if warmup else peak,
        decay_steps=max(1, total_steps - warmup),
        alpha=0.01 if train.schedule == "cosine" else 1.0,
        warmup_target=peak if warmup else None,
        warmup_steps=warmup,
    )
