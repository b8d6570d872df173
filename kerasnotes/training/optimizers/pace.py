"""How fast a schedule is walked, so that it ends when the time does.

A schedule is made for all steps of a run. Where a time limit allows fewer,
one step of training walks several of the schedule: its warm-up and its
decay then take the same shares of the run that is, in fact, trained.
"""

import dataclasses
import math
from typing import Protocol

REFITS = 10
"""The pace is fitted anew after one part in so many of what was measured,
or of what is left."""


@dataclasses.dataclass(frozen=True)
class Pace:
    """From a step of training to its place in the schedule.

    The place is `place + speed * (step - start)`: at first the step itself.

    Args:
        start: A step of training; -1 once a time limit was used up.
        place: The step of the schedule that belongs to it.
        speed: Steps of the schedule in one of training.
    """

    start: float = 0.0
    place: float = 0.0
    speed: float = 1.0

    def at(self, step: float) -> float:
        """Returns the place of a step."""
        return self.place + self.speed * (step - self.start)

    def fitted(self, step: int, total: int, left: float) -> "Pace":
        """Returns the pace that ends the schedule in `left` more steps.

        It goes on from the place where it is, so that rates never jump.
        After a time limit was used up that place is the end: what follows
        is walked as one run with what was before, from its share on.

        Args:
            step: Steps done.
            total: Steps of the schedule.
            left: Steps that will still be done, above 0.
        """
        place = min(self.at(step), total)
        if self.start < 0:
            place = total * step / (step + left)
        return Pace(step, place, (total - place) / left)

    def used_up(self, step: int) -> "Pace":
        """Returns the pace that stays here, and marks the time as used."""
        return Pace(-1.0, self.at(step), 0.0)


class HoldsPace(Protocol):
    """Where the pace is kept: a variable that compiled steps read."""

    def read(self) -> Pace: ...

    def write(self, pace: Pace) -> None: ...


class Pacer:
    """Fits the pace to the time that is left, by the steps a second.

    Args:
        total: Optimizer steps of the whole run.
        deadline: When the time is up, as of `time.monotonic`, seconds.
        tempo: Holds the pace.
    """

    def __init__(self, total: int, deadline: float, tempo: HoldsPace) -> None:
        self.total, self.deadline, self.tempo = total, deadline, tempo
        self.restart()

    def restart(self) -> None:
        """Forgets the speed: what follows is compiled, and timed, anew."""
        self._first: tuple[float, int] | None = None
        self._next = -math.inf

    def due(self, now: float, step: int) -> bool:
        """Whether to fit the pace: it costs a look at the device.

        Args:
            now: As of `time.monotonic`, seconds.
            step: Steps done, just now.
        """
        if self._first is None:
            # The first step compiles: no measure of those that follow.
            self._first = (now, step)
        began, first = self._first
        measured = step > first and now > began
        return measured and step < self.total and now >= self._next

    def fit(self, now: float, step: int) -> float:
        """Fits the pace, when `due`; returns how many steps are left."""
        began, first = self._first or (now, step)
        seconds = max(0.0, self.deadline - now)
        rate = (step - first) / (now - began)
        left = min(self.total - step, max(1.0, rate * seconds))
        self.tempo.write(self.tempo.read().fitted(step, self.total, left))
        self._next = now + min(seconds, now - began) / REFITS
        return left

    def sure(self, now: float) -> bool:
        """Whether the speed was measured over some of the time."""
        began = self._first[0] if self._first else now
        return now - began >= (self.deadline - began) / REFITS

    def use_up(self, step: int) -> None:
        """Marks that all time was used, for a session that goes on."""
        self.tempo.write(self.tempo.read().used_up(step))
