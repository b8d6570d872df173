"""Times as people write them, from a table's column."""

import dataclasses
import re
from typing import TYPE_CHECKING

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.problems import Problems
from kerasnotes.data.series.stamps import DAY

if TYPE_CHECKING:
    import polars as pl

LOOKED = 200
"""Texts by which a form is chosen."""
SLICE = 2**20
"""Texts read at a time."""
MANY = 3
"""Bad ones that are named, before they are counted."""
FORMS = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y.%m.%d %H:%M",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
)
"""Day first only with points: `01/02/2016` is two days."""
SLASHED = (
    "",
    " %H:%M",
    " %H:%M:%S%.f",
    " %I:%M %p",
    " %I:%M:%S %p",
)
"""What may follow a day whose month is first, or second."""


_ZULU = r" ?(Z|[+-]00:?00)$"
_UTC = r":?\d\d ?(Z|[+-]00:?00)$"
_OFFSET = re.compile(r":\d\d(\.\d+)? ?[+-]\d\d:?\d\d$")


@dataclasses.dataclass(frozen=True)
class Times:
    """What a column of stamps tells.

    Args:
        name: The column's.
        values: `datetime64[us]`, or plain numbers, `(N,)`.
        zone: The time zone that they are told in; empty if none is said.
    """

    name: str
    values: Array
    zone: str


def read_stamps(column: "pl.Series", problems: Problems) -> Times | None:
    """Returns what a column tells, or `None` as `read_times`."""
    values = read_times(column, problems)
    if values is None:
        return None
    return Times(column.name, values, zone_of(column))


def read_times(column: "pl.Series", problems: Problems) -> Array | None:
    """Returns stamps as `datetime64[us]`, or plain numbers.

    Args:
        column: Texts, dates, or numbers.
        problems: Told of what is no time, or may be two; then there are none.
    """
    import polars as pl

    if column.dtype == pl.String:
        found = _parse(column, problems)
        if problems.fatal:
            return None
        if found is None:
            # What the user names may hold numbers: seconds, or years.
            found = column.str.strip_chars().cast(pl.Float64, strict=False)
    elif column.dtype == pl.Datetime:
        changed = _changed_clocks(column)
        if changed:
            where = f"column {column.name}"
            problems.add("bad stamp", where, f"{changed}: convert it to UTC")
            return None
        found = column.dt.replace_time_zone(None).cast(pl.Datetime("us"))
    elif column.dtype == pl.Date:
        found = column.cast(pl.Datetime("us"))
    else:
        found = column
    return _complete(column, found, problems)


def zone_of(column: "pl.Series") -> str:
    """Returns the time zone that stamps are told in; empty if none is said.

    Args:
        column: Texts, dates, or numbers; of texts only UTC can be said.
    """
    import polars as pl

    if isinstance(column.dtype, pl.Datetime):
        return column.dtype.time_zone or ""
    if column.dtype != pl.String:
        return ""
    some = column.drop_nulls().head(LOOKED).str.strip_chars()
    told = some.str.contains(_UTC)
    return "UTC" if len(told) and told.all() else ""


def _changed_clocks(column: "pl.Series") -> str:
    """Returns in words how local times leap where moments do not."""
    if zone_of(column) in ("", "UTC"):
        return ""
    local = column.dt.replace_time_zone(None)
    if local.n_unique() < column.n_unique():
        return "clocks are turned back"
    moments, leaps = (
        np.diff(one.sort().dt.epoch("us").to_numpy())
        for one in (column.drop_nulls(), local.drop_nulls())
    )
    # Days are as long by the clock as they are regular.
    if (moments == leaps).all() or np.median(moments) >= DAY:
        return ""
    return "clocks are set forward"


def _complete(
    column: "pl.Series", found: "pl.Series", problems: Problems
) -> Array | None:
    """Returns times if every row has one."""
    bad = found.is_null()
    for row in bad.arg_true().to_list()[:MANY]:
        text = f"{column[row]!r} is no time" if column[row] else "missing"
        if _OFFSET.search(str(column[row])):
            text += " without a zone: write all in UTC, or in local time"
        where = f"column {column.name}: {text}"
        problems.add("bad stamp", f"row {row + 1}", where)
    left = int(bad.sum()) - MANY
    if left > 0:
        problems.add("bad stamp", "", f"{left:,} more rows")
    return None if bad.any() else found.to_numpy()


def _parse(column: "pl.Series", problems: Problems) -> "pl.Series | None":
    """Returns texts as times by the form that fits the first of them."""
    some = column.drop_nulls().head(LOOKED)
    for form in FORMS:
        if _fits(some, form):
            return _by(column, form)
    for end in SLASHED:
        if not any(_fits(some, _slashed(first, end)) for first in "md"):
            continue
        ways = {
            first: _by(column, _slashed(first, end)) for first in ("m", "d")
        }
        whole = {k: v for k, v in ways.items() if not v.null_count()}
        if len(whole) == 2 and not whole["m"].equals(whole["d"]):
            text = f"{column[0]!r} may be two days: which is the month?"
            problems.add("bad stamp", f"column {column.name}", text)
            return None
        if whole:
            [(first, found), *_] = whole.items()
            name = "month" if first == "m" else "day"
            problems.note(f"`{column.name}` is read with the {name} first.")
            return found
    return None


def _fits(texts: "pl.Series", form: str) -> bool:
    """Returns whether most texts are written so."""
    gone = _by(texts, form).null_count()
    return len(texts) > 0 and 2 * gone < len(texts)


def _slashed(first: str, end: str) -> str:
    second = "d" if first == "m" else "m"
    return f"%{first}/%{second}/%Y{end}"


def _by(column: "pl.Series", form: str) -> "pl.Series":
    """Returns texts as times by a form; null where it does not fit."""
    import polars as pl

    dated = "%H" not in form and "%I" not in form
    kind = pl.Date if dated else pl.Datetime("us")
    # A copy of all texts would be the most that reading a file takes.
    found = [
        part.str.strip_chars()
        .str.replace(_ZULU, "")
        .str.strptime(kind, form, strict=False)
        .cast(pl.Datetime("us"))
        for frame in column.to_frame().iter_slices(SLICE)
        for part in frame
    ]
    return pl.concat(found) if found else column.cast(pl.Datetime("us"))
