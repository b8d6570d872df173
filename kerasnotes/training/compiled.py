"""A compiled network that runs of the same kind take turns with.

Tracing a step takes seconds, the same for every member of an ensemble. What
differs between members of one kind is values: of weights, of the optimizer's
slots, of random states. So the first one's network is kept, and the next is
put into it.
"""

from typing import Any

from kerasnotes.contracts.capabilities import (
    HasPhases,
    LearnsInStages,
    PreparesTraining,
)
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.training.job import Job
from kerasnotes.training.state import assign, to_numpy


class Compiled:
    """Holds one network, compiled, and what it was compiled for."""

    def __init__(self) -> None:
        self._key: Any = None
        self._model: Any = None
        self._slots: list[Any] = []

    def put(self, job: Job, total_steps: int, parts: int) -> bool:
        """Puts a job's network into the one that is held, if it is alike.

        Args:
            job: Its network is replaced by the one held, with its values.
            total_steps: Of the optimizer.
            parts: Batches accumulated for a step.

        Returns:
            Whether it was: else it has to be compiled.
        """
        if self._key is None or self._key != _key(job, total_steps, parts):
            return False
        assign(
            self._model.variables, [to_numpy(v) for v in job.model.variables]
        )
        assign(self._model.optimizer.variables, self._slots)
        # Some write into it what their answers are worth.
        self._model.spec = job.model.spec
        job.model = self._model
        return True

    def keep(self, job: Job, total_steps: int, parts: int) -> None:
        """Keeps a job's network, just compiled, for the next."""
        self._key = _key(job, total_steps, parts)
        if self._key is not None:
            self._model = job.model
            self._slots = [to_numpy(v) for v in job.model.optimizer.variables]


def _key(job: Job, total_steps: int, parts: int) -> Any:
    """Returns all that a compiled step depends on, but values of variables.

    `None` where a step is made for one run: several optimizers, layers that
    are frozen for a while, states carried on, a schedule that keeps pace with
    the clock.
    """
    train = job.settings.train
    own = (HasPhases, LearnsInStages, ObjectiveModel, PreparesTraining)
    if isinstance(job.model, own) or train.freeze or train.time_limit:
        return None
    if job.in_streams:
        return None
    same = train.model_copy(update={"seed": 0})
    spec, note = job.dataset.spec, job.settings.note.name
    made = note, job.settings.model, spec, job.task.name, job.statistics
    return made, same, total_steps, parts
