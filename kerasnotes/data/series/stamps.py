"""Time stamps of a series: their order, their step, and which are missing.

Stamps are whole microseconds since 1970, or plain numbers. The step is what
most neighbours are apart; or a number of months, if all stamps are of one day
of the month, or of its end.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

SECOND = 1_000_000
"""Microseconds."""
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
SHORTEST = 28 * DAY
"""Steps from which on equal ones may be months."""
NAMED = 5
"""Stamps named in one problem."""
MOST = 2
"""Times as many rows as there are should be there, at most."""
LONGEST = 2_000
"""Rows of a season, at most: of seconds it is an hour, not a day."""
Steps = tuple[Array, Any, Callable[[int], Array], bool]
"""Where rows go, the step, all stamps that should be there; if months."""
_UNITS = ((7 * DAY, "week"), (DAY, "d"), (HOUR, "h"), (MINUTE, "min"))


@dataclasses.dataclass(frozen=True)
class Clock:
    """How the rows of a series follow each other in time.

    Args:
        rows: How many there are.
        order: Which they are in the order of their stamps, `(N,)`; `None` as
            they stand.
        places: Where each of them goes among all that should be there;
            `None` if none is missing.
        count: How many should be there.
        stamps: Of those, `datetime64`; `None` of plain numbers.
        step: What lies between two, in words; empty if that varies.
        season: Rows after which they tend to repeat; 0 if unknown.
    """

    rows: int
    order: Array | None
    places: Array | None
    count: int
    stamps: Array | None
    step: str
    season: int

    @property
    def missing(self) -> int:
        """Rows that should be there, and are not."""
        return self.count - self.rows


def read_clock(
    times: Array, problems: Problems, *, ignore: bool = False
) -> Clock | None:
    """Returns how rows follow each other; `None` if they do not.

    Args:
        times: Of each row `(N,)`: `datetime64[us]`, or numbers.
        problems: Told of rows out of order, of stamps that come twice or are
            missing, and of uneven steps.
        ignore: Whether steps are not looked at, and nothing is missing.
    """
    order = None
    if not (times[1:] >= times[:-1]).all():
        order = np.argsort(times, kind="stable")
        problems.note("The rows are not in the order of time: they are sorted.")
    known = times if order is None else times[order]
    dated = known.dtype.kind == "M"
    numbers = known.astype("int64") if dated else known
    differences = np.diff(numbers)
    repeated = np.flatnonzero(differences == 0)
    if len(repeated):
        problems.add(
            "repeated stamp",
            str(known[repeated[0]]),
            f"{len(repeated):,} rows have the stamp of the row before",
        )
        return None
    stamps = known.astype("datetime64[s]") if dated else None
    rows = len(known)
    if rows < 2 or ignore:
        return Clock(rows, order, None, rows, stamps, "", 0)
    step = differences[0]
    if (differences == step).all() and not (dated and step >= SHORTEST):
        # The usual case needs no more memory.
        name, season = _words(step, dated)
        return Clock(rows, order, None, rows, stamps, name, season)
    found = _months(known) if dated else None
    if found is None:
        found = _places(numbers, differences)
    count = 0 if found is None else int(found[0][-1]) + 1
    if found is None or count > MOST * rows:
        _tell_uneven(known, differences, problems)
        return None
    places, length, whole, monthly = found
    name, season = _words(length, dated)
    if monthly:
        name = f"{length} month" + "s" * (length > 1)
        season = 12 // length if length <= 6 and 12 % length == 0 else 0
    if dated and count > rows:
        stamps = whole(count)
    return Clock(rows, order, places, count, stamps, name, season)


def _words(step: Any, dated: bool) -> tuple[str, int]:
    """Returns what a step is called, and the rows of a season."""
    if not dated:
        return f"{step:g}", 0
    season = season_of(int(step))
    return name_step(int(step)), season if season > 1 else 0


def _places(numbers: Array, differences: Array) -> Steps | None:
    """Returns where rows go if all are whole steps apart, and the step."""
    steps, counts = np.unique(differences, return_counts=True)
    step = steps[counts.argmax()]
    apart = differences / step
    if (np.abs(apart - np.rint(apart)) > 1e-6).any():
        return None
    places = np.concatenate([[0], np.cumsum(np.rint(apart).astype("int64"))])
    first = numbers[0]

    def whole(count: int) -> Array:
        exact: Array = first + step * np.arange(count)
        return exact.astype("datetime64[us]").astype("datetime64[s]")

    return places, step, whole, False


def _months(known: Array) -> Steps | None:
    """Returns the same of stamps that are whole months apart."""
    months = known.astype("datetime64[M]")
    within = known - months
    last = (months + 1).astype("datetime64[us]") - known
    ends = (last == last[0]).all() and last[0] <= np.timedelta64(1, "D")
    if not ((within == within[0]).all() or ends):
        return None
    apart = np.diff(months.astype("int64"))
    if (apart <= 0).any():
        return None
    step = int(apart.min())
    if (apart % step != 0).any():
        return None
    places = np.concatenate([[0], np.cumsum(apart // step)])

    def whole(count: int) -> Array:
        found = months[0] + step * np.arange(count)
        if ends:
            stamps: Array = (found + 1).astype("datetime64[us]") - last[0]
        else:
            stamps = found.astype("datetime64[us]") + within[0]
        return stamps.astype("datetime64[s]")

    return places, step, whole, True


def _tell_uneven(known: Array, differences: Array, problems: Problems) -> None:
    steps, counts = np.unique(differences, return_counts=True)
    dated = known.dtype.kind == "M"
    common = np.argsort(-counts, kind="stable")[:NAMED]
    told = ", ".join(
        (name_step(int(steps[i])) if dated else f"{steps[i]:g}")
        + f" ({counts[i]:,} times)"
        for i in common
    )
    problems.add("uneven stamps", "", f"rows are apart by {told}")


def name_step(length: int) -> str:
    """Returns microseconds in words: `1 h`, `15 min`, `1 week`."""
    for size, name in _UNITS:
        if length >= size and length % size == 0:
            return f"{length // size} {name}"
    return f"{length / SECOND:g} s"


def season_of(length: int) -> int:
    """Returns after how many rows of this step series tend to repeat.

    A day of shorter steps, a week of days, a year of weeks; 0 if a step is
    no such part.

    Args:
        length: The step, microseconds.
    """
    for whole, above in (
        (DAY, 0),
        (7 * DAY, DAY - 1),
        (364 * DAY, 7 * DAY - 1),
    ):
        if above < length < whole and whole % length == 0:
            rows = whole // length
            return rows if rows <= LONGEST else season_of_hour(length)
    return 0


def season_of_hour(length: int) -> int:
    """Returns the rows of an hour, or 0."""
    return HOUR // length if HOUR % length == 0 else 0


def after(known: Array, step: str, count: int) -> list[str]:
    """Returns the stamps that follow, as text; none if they are not known.

    Args:
        known: Stamps so far, `datetime64[s]`, one at least. Only all of them
            tell whether 28 February is the 28th or the end of its month.
        step: As a `Clock` tells it.
        count: How many.
    """
    amount, _, unit = step.partition(" ")
    if not unit:
        return []
    last = known[-1]
    if unit.startswith("month"):
        month = known.astype("datetime64[M]")
        rests = (month + 1).astype("datetime64[s]") - known
        within = last - month[-1].astype("datetime64[s]")
        months = month[-1] + int(amount) * np.arange(1, count + 1)
        ends = (rests <= np.timedelta64(1, "D")).all()
        found = (
            (months + 1).astype("datetime64[s]") - rests[-1]
            if ends
            else months.astype("datetime64[s]") + within
        )
        return [str(one).replace("T", " ") for one in found]
    sizes = {name: size for size, name in _UNITS} | {"s": SECOND}
    length = round(float(amount) * sizes[unit])
    steps = np.arange(1, count + 1) * np.timedelta64(length, "us")
    found = last.astype("datetime64[us]") + steps
    return [str(one.astype("datetime64[s]")).replace("T", " ") for one in found]
