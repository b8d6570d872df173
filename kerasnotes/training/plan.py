"""How long a run trains, and what ends it early."""

import dataclasses
import time

from kerasnotes.training.interrupt import Interrupt


@dataclasses.dataclass
class Plan:
    """What ends training.

    Args:
        epochs: Epochs of the whole run.
        steps_per_epoch: Optimizer steps of one epoch.
        monitor: Validation metric that picks the best epoch.
        early_stop: Epochs without improvement allowed, or `None`.
        time_limit: Seconds this session may train, or `None`.
        interrupt: Set by Ctrl-C.
    """

    epochs: int
    steps_per_epoch: int
    monitor: str
    early_stop: int | None
    time_limit: float | None
    interrupt: Interrupt
    started: float = dataclasses.field(default_factory=time.monotonic)

    def stop_reason(self, now: float) -> str:
        """Returns why to stop at time `now`, or ""."""
        if self.interrupt.received:
            return "interrupted"
        limit = self.time_limit
        if limit is not None and now - self.started >= limit:
            return "time limit"
        return ""

    def exhausted(self, wait: int) -> bool:
        """Whether `wait` epochs without improvement are enough."""
        return self.early_stop is not None and wait >= self.early_stop
