"""The callback that keeps a run safe on disk and its watcher told."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from kerasnotes.base.errors import DivergedError
from kerasnotes.contracts.capabilities import DrawsEpochs, Remarks
from kerasnotes.training import state
from kerasnotes.training.averaging import AveragedWeights
from kerasnotes.training.keeper import Keeper
from kerasnotes.training.plan import Plan
from kerasnotes.training.progress import Reporter

TICK = 0.2
"""Seconds between two looks at the loss; each waits for the device."""


class StopTraining(Exception):
    """Raised out of `fit` once everything is saved.

    Args:
        reason: `"interrupted"`, `"time limit"` or `"early stop"`.
        values: Means of the epoch so far.
    """

    def __init__(self, reason: str, values: dict[str, float]) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values


class Session(keras.callbacks.Callback):
    """One call of `fit`: restores, saves, watches, and stops.

    Args:
        plan: What is trained, for how long, and when to stop.
        keeper: Writes states and models.
        parts: Batches accumulated per optimizer step.
        reporter: Who is told.
        swap: Puts averaged weights in and out, or `None`.
        draw_epoch: Draws how far it has come, called with the averaged
            weights and the number of epochs done: after each epoch if the
            model `DrawsEpochs`, else after the better ones at most.
    """

    def __init__(
        self,
        plan: Plan,
        keeper: Keeper,
        parts: int,
        reporter: Reporter,
        swap: AveragedWeights | None = None,
        draw_epoch: Callable[[int], None] = lambda epoch: None,
    ) -> None:
        super().__init__()
        self.plan, self.keeper, self.parts = plan, keeper, parts
        self.reporter, self.swap = reporter, swap
        self.progress = keeper.progress
        self.next_tick = 0.0
        self.draw_epoch = draw_epoch
        self.announced = False

    def on_train_begin(self, logs: Any = None) -> None:
        # Every call of fit starts from the file, resumed or not: one road.
        self.keeper.restore(self.model, self.parts)
        if self.plan.pacer is not None:
            self.plan.pacer.restart()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.start = self.progress.step
        self.epoch_started = time.monotonic()
        if self.start:
            self.keeper.restore_metrics(self.model)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        now = time.monotonic()
        stop = self.plan.stop_reason(now)
        if not stop and now < self.next_tick:
            return
        step, part = divmod(batch + 1, self.parts)
        if part:
            return
        self.next_tick = now + TICK
        step += self.start
        values = to_floats(logs)
        self._check(values, step)
        self.reporter.step(self.progress.epoch, step, values)
        self._keep_pace(step)
        last = step == self.plan.steps_per_epoch
        if not last and (stop or self.keeper.due(now, mid_epoch=True)):
            self.progress.step = step
            self._save(stop)
        if stop and not last:
            raise StopTraining(stop, values)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        values = to_floats(logs)
        self._check(values, self.plan.steps_per_epoch)
        self.progress.epoch, self.progress.step = epoch + 1, 0
        self.record(epoch + 1, values)
        if epoch + 1 in self.plan.cycle_ends:
            # Before the state: a run that is killed never lacks one.
            number = self.plan.cycle_ends.index(epoch + 1) + 1
            with self._averaged():
                self.keeper.put_snapshot(self.model, number)
        stop = self.plan.stop_reason(time.monotonic())
        if self.plan.exhausted(self.progress.wait):
            stop = stop or "early stop"
        final = epoch + 1 == self.plan.epochs
        partial = self.start > 0
        turning = epoch + 1 == self.plan.stage_end
        if stop or turning or partial or self.keeper.due(time.monotonic()):
            self._save("" if final else stop)
        if stop and not final:
            raise StopTraining(stop, values)

    def _save(self, stop: str) -> None:
        """Saves, and says in what is saved that all time was used."""
        model = self.model
        if stop == "time limit" and self.plan.pacer is not None:
            self.plan.pacer.use_up(self.progress.steps_done)
        self.keeper.save(model)

    def _keep_pace(self, step: int) -> None:
        """Fits the schedule to the time that is left, now and then."""
        pacer, now = self.plan.pacer, time.monotonic()
        done = self.progress.epoch * self.plan.steps_per_epoch + step
        if pacer is None or not pacer.due(now, done):
            return
        # On JAX, asking for the model is what brings its state up to date.
        _ = self.model
        left = pacer.fit(now, done)
        if self.announced or not pacer.sure(now) or done + left >= pacer.total:
            return
        self.announced = True
        self.reporter.say(
            f"The time allows about {done + left:,.0f} of {pacer.total:,} "
            "steps: the learning rate follows them."
        )

    def record(self, done: float, values: dict[str, float]) -> None:
        """Records the means of an epoch, and keeps the best weights.

        Args:
            done: Epochs done; not whole at the end of a cut one.
            values: Its means, validated.
        """
        progress, now = self.progress, time.monotonic()
        rate = keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)
        row = {
            "epoch": float(done),
            **values,
            "learning_rate": float(rate),
            "seconds": now - self.epoch_started,
        }
        progress.history.append(row)
        whole = not progress.step
        value = self.plan.monitor.score(values, done)
        better = value > progress.best
        progress.wait = 0 if better else progress.wait + whole
        if better:
            progress.best, progress.best_epoch = value, done
        if better or (whole and isinstance(self.model, DrawsEpochs)):
            # Swapping copies all weights: not without a need.
            with self._averaged():
                if better:
                    weights = [state.to_numpy(v) for v in self.model.variables]
                    self.keeper.remember_best(weights)
                if whole:
                    self.draw_epoch(progress.epoch)
        self.reporter.epoch(row)
        if isinstance(self.model, Remarks):
            for remark in self.model.remarks(values):
                self.reporter.say(remark)

    @contextlib.contextmanager
    def _averaged(self) -> Iterator[None]:
        """Puts the averaged weights in, if there are any."""
        if self.swap is None:
            yield
            return
        self.swap.swap()
        try:
            yield
        finally:
            self.swap.swap()

    def _check(self, values: dict[str, float], step: int) -> None:
        loss = values["loss"]
        first = self.progress.history[0]["loss"] if self.progress.history else 0
        grows = first and loss > first + abs(first) + 1
        if np.isfinite(loss) and (self.plan.loss_may_grow or not grows):
            return
        raise DivergedError(
            f"Training diverged in epoch {self.progress.epoch + 1}, step "
            f"{step}: the loss is {loss:.4g}.",
            expected="a finite loss that does not grow"
            + (f", first epoch {first:.4g}" if first else ""),
            received=f"loss={loss}",
        )


def to_floats(logs: Any) -> dict[str, float]:
    """Returns Keras' logs as plain numbers; waits for the device."""
    convert = keras.ops.convert_to_numpy
    return {name: float(convert(v)) for name, v in (logs or {}).items()}
