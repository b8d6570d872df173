"""Keeps a run's state and best model on disk, at little cost."""

import time
from collections.abc import Callable

from kerasnotes.base.types import Array
from kerasnotes.contracts.model import KerasModel
from kerasnotes.figures import curves
from kerasnotes.runs import saving
from kerasnotes.runs.run import Record, Run
from kerasnotes.training import state
from kerasnotes.training.averaging import AveragedWeights
from kerasnotes.training.state import Progress

SHARE = 50
"""Saving takes at most one part in so many of the time."""
MID_EPOCH = 30.0
"""Seconds after which a long epoch is saved half-way."""


class Keeper:
    """Writes and reads the files of one run.

    Args:
        run: Its folder.
        progress: How far it has come; shared with the session.
        record: Returns the record to put into `model.keras`.
    """

    def __init__(
        self, run: Run, progress: Progress, record: Callable[[], Record]
    ) -> None:
        self.run, self.progress, self.record = run, progress, record
        self.best: list[Array] | None = None
        self._model_is_old = True
        self._saved = self._clock = time.monotonic()
        self._cost = 0.0

    def due(self, now: float, mid_epoch: bool = False) -> bool:
        """Whether saving again costs little of the time since the last."""
        since = now - self._saved
        return since >= max(SHARE * self._cost, MID_EPOCH if mid_epoch else 0)

    def remember_best(self, weights: list[Array]) -> None:
        self.best, self._model_is_old = weights, True

    def save(self, model: KerasModel) -> None:
        """Writes the state, the best model and the history.

        Raises:
            DivergedError: If a weight is not finite; nothing is written.
            StorageError: If the disk refuses; what was there stays.
        """
        began = time.monotonic()
        self.progress.seconds += began - self._clock
        self._clock = began
        state.save(self.run.state_folder, model, self.progress, self.best)
        if self.best is not None and self._model_is_old:
            self._write_model(model, self.best)
        if self.progress.history:
            path = self.run.folder / "history.csv"
            curves.write_history(self.progress.history, path)
        self._saved = time.monotonic()
        self._cost = self._saved - began

    def restore(self, model: KerasModel, parts: int) -> None:
        """Sets the model to the newest state on disk."""
        path = state.latest(self.run.state_folder)
        stage = self.progress.stage
        self.best = state.restore(path, model, parts, stage)
        self._model_is_old = True
        self._saved = self._clock = time.monotonic()
        self.progress.parts = parts

    def restore_metrics(self, model: KerasModel) -> None:
        path = state.latest(self.run.state_folder)
        state.restore_metrics(path, model)

    def put_last(self, model: KerasModel, averaged: bool) -> None:
        """Leaves the last weights beside the best, where they differ.

        Args:
            model: The network, compiled.
            averaged: Whether validation saw averages of the weights.
        """
        path, progress = self.run.last_path, self.progress
        if self.best is None or progress.best_epoch == progress.epochs_done:
            path.unlink(missing_ok=True)
            return
        self.restore(model, progress.parts)
        if averaged:
            swap = AveragedWeights()
            swap.set_model(model)
            swap.swap()
        last = {"epoch": progress.epochs_done, "metric": None, "value": None}
        saving.save_model(model, path, {**self.record(), "best": last})

    def put_snapshot(self, model: KerasModel, number: int) -> None:
        """Leaves the weights at the end of a cycle, as they are."""
        epoch = self.progress.epoch
        reached = {"epoch": epoch, "metric": None, "value": None}
        path = self.run.snapshot_path(number)
        saving.save_model(model, path, {**self.record(), "best": reached})

    def put_best(self, model: KerasModel) -> None:
        """Leaves the best weights in `model`, and in `model.keras`."""
        if self.best is not None:
            state.assign(model.variables, self.best)
        saving.save_model(model, self.run.model_path, self.record())
        self._model_is_old = False

    def _write_model(self, model: KerasModel, weights: list[Array]) -> None:
        current = [state.to_numpy(v) for v in model.variables]
        state.assign(model.variables, weights)
        saving.save_model(model, self.run.model_path, self.record())
        state.assign(model.variables, current)
        self._model_is_old = False
