"""What is known of rows that are forecast: planned columns, the calendar.

A planned column (a holiday, a price) is in the table beforehand. The calendar
is told by the time stamps alone, as numbers that come round:

    time_of_day   hours since midnight, comes round after 24
    day_of_week   0 is Monday, after 7
    day_of_year   0 is 1 January, after 365.25
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column

PREFIX = "calendar."
_DAY = 86_400
"""Seconds."""
PERIODS = {
    "time_of_day": (24.0, _DAY),
    "day_of_week": (7.0, 7 * _DAY),
    "day_of_year": (365.25, 365.25 * _DAY),
}
"""After how much each comes round, in its own unit and in seconds."""
ROUNDS = 2
"""Times that the training part must see a cycle come round."""


@dataclasses.dataclass(frozen=True)
class Ahead:
    """What a forecast may know of the rows that it forecasts.

    Args:
        places: Columns of the series that are planned.
        cycles: Names among `PERIODS`.
    """

    places: tuple[int, ...] = ()
    cycles: tuple[str, ...] = ()

    def columns(self, series: Sequence[Column]) -> tuple[Column, ...]:
        """Returns the columns of the field: planned ones, then cycles."""
        return (
            *(series[place] for place in self.places),
            *(
                Column(PREFIX + name, period=PERIODS[name][0])
                for name in self.cycles
            ),
        )

    def __call__(self, rows: Array, stamps: Array | None) -> Array:
        """Returns what is known, `(..., C)`, float32.

        Args:
            rows: All columns of the rows that are forecast, `(..., D)`.
            stamps: Their times `(...)`, `datetime64`; needed for cycles.
        """
        found = [rows[..., list(self.places)]]
        if self.cycles and stamps is not None:
            found.append(calendar(stamps, self.cycles))
        return np.concatenate(found, axis=-1).astype("float32", copy=False)


def calendar(stamps: Array, cycles: Sequence[str]) -> Array:
    """Returns where in each cycle stamps lie, `(..., C)`, float32.

    Args:
        stamps: Times `(...)`, `datetime64`.
        cycles: Names among `PERIODS`.
    """
    seconds = stamps.astype("datetime64[s]")
    days = seconds.astype("datetime64[D]")
    years = seconds.astype("datetime64[Y]").astype("datetime64[D]")
    ways = {
        "time_of_day": (seconds - days).astype("int64") / 3_600,
        # 1 January 1970 was a Thursday.
        "day_of_week": (days.astype("int64") + 3) % 7,
        "day_of_year": (days - years).astype("int64"),
    }
    return np.stack([ways[name] for name in cycles], -1).astype("float32")


def cycles_of(stamps: Array) -> tuple[str, ...]:
    """Returns the cycles that stamps of a training part tell something of.

    Those that a step is shorter than, and that come round often enough to be
    learned.

    Args:
        stamps: Times `(N,)`, `datetime64`, in order.
    """
    if len(stamps) < 2:
        return ()
    whole = stamps.astype("datetime64[s]").astype("int64")
    step, span = float(np.median(np.diff(whole))), whole[-1] - whole[0]
    return tuple(
        name
        for name, (_, seconds) in PERIODS.items()
        if step < seconds and ROUNDS * seconds <= span + step
    )
