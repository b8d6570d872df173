"""How long a run trains, and what ends it early."""

import dataclasses
import time
from collections.abc import Sequence

from kerasnotes.training.interrupt import Interrupt
from kerasnotes.training.optimizers.pace import Pacer
from kerasnotes.training.optimizers.paced import Tempo


@dataclasses.dataclass(frozen=True)
class Monitor:
    """The validation metric that tells which epoch is best.

    Args:
        name: The metric's name; `None` takes the last epoch.
        sign: 1 if larger is better, -1 if smaller.
    """

    name: str | None
    sign: int = 1

    def score(self, values: dict[str, float], epoch: float) -> float:
        """Returns a number that is larger for better epochs."""
        if self.name not in values:
            # Without a validation part the last epoch is taken.
            return float(epoch)
        return self.sign * values[self.name]


@dataclasses.dataclass
class Plan:
    """What ends training.

    Args:
        epochs: Epochs of the whole run.
        steps_per_epoch: Optimizer steps of one epoch.
        monitor: What picks the best epoch.
        early_stop: Epochs without improvement allowed, or `None`.
        time_limit: Seconds this session may train, or `None`.
        interrupt: Set by Ctrl-C.
        loss_may_grow: Whether a growing loss is no sign of divergence.
        cycle_ends: Epochs done when a cycle of the rate ends.

    Attributes:
        pacer: Fits the schedule to the time limit, if there is one.
        stage_end: Epochs done when the present stage ends.
    """

    epochs: int
    steps_per_epoch: int
    monitor: Monitor
    early_stop: int | None
    time_limit: float | None
    interrupt: Interrupt
    loss_may_grow: bool = False
    cycle_ends: Sequence[int] = ()
    # Looked up when a plan is made: a test has a clock of its own.
    started: float = dataclasses.field(default_factory=lambda: time.monotonic())

    def __post_init__(self) -> None:
        self.stage_end = self.epochs
        self.tempo: Tempo | None = None
        self.pacer: Pacer | None = None
        if self.time_limit is not None:
            total = self.epochs * self.steps_per_epoch
            deadline = self.started + self.time_limit
            self.tempo = Tempo()
            self.pacer = Pacer(total, deadline, self.tempo)

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
