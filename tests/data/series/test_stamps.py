"""Time stamps: order, step, season, what is missing, what follows."""

import numpy as np
import pytest

from kerasnotes.data.problems import Problems
from kerasnotes.data.series.stamps import (
    after,
    name_step,
    read_clock,
    season_of,
)

pytestmark = pytest.mark.once


def stamps(first, step, count, unit="us"):
    start = np.datetime64(first).astype("datetime64[us]")
    return start + np.arange(count) * np.timedelta64(step).astype(
        f"timedelta64[{unit}]"
    )


def months(first, count, step=1):
    found = np.datetime64(first, "M") + step * np.arange(count)
    return found.astype("datetime64[us]")


def read(times, **options):
    problems = Problems()
    return read_clock(np.asarray(times), problems, **options), problems


HOUR, DAY = np.timedelta64(60, "m"), np.timedelta64(1, "D")


@pytest.mark.parametrize(
    ("times", "step", "season"),
    [
        (stamps("2020-01-01", HOUR, 50), "1 h", 24),
        (stamps("2020-01-01", np.timedelta64(15, "m"), 50), "15 min", 96),
        (stamps("2020-01-01", DAY, 50), "1 d", 7),
        (stamps("2020-01-01", 7 * DAY, 50), "1 week", 52),
        (stamps("2020-01-01", np.timedelta64(1, "s"), 50), "1 s", 3600),
        (months("2020-01", 30), "1 month", 12),
        (months("2020-01", 30, 3), "3 months", 4),
        (months("2000-01", 20, 12), "12 months", 0),
        (months("2020-02", 30) - DAY, "1 month", 12),
        (np.arange(1950, 2000), "1", 0),
        (np.arange(50) * 0.25, "0.25", 0),
    ],
)
def test_steps_and_seasons(times, step, season):
    clock, problems = read(times)
    assert not problems.fatal
    assert (clock.step, clock.season, clock.missing) == (step, season, 0)


def test_rows_out_of_order_are_sorted_and_told():
    times = stamps("2020-01-01", HOUR, 30)
    mixed = np.random.default_rng(0).permutation(30)
    clock, problems = read(times[mixed])
    np.testing.assert_array_equal(times[mixed][clock.order], times)
    assert any("sorted" in note for note in problems.notes)


def test_missing_rows_have_their_places():
    times = np.delete(stamps("2020-01-01", HOUR, 30), [4, 5, 20])
    clock, _ = read(times)
    assert (clock.count, clock.missing) == (30, 3)
    kept = np.delete(np.arange(30), [4, 5, 20])
    np.testing.assert_array_equal(clock.places, kept)
    whole = stamps("2020-01-01", HOUR, 30).astype("datetime64[s]")
    np.testing.assert_array_equal(clock.stamps, whole)


def test_missing_months():
    times = np.delete(months("2019-11", 24), [3, 4])
    clock, _ = read(times)
    assert (clock.count, clock.missing, clock.step) == (24, 2, "1 month")
    whole = months("2019-11", 24).astype("datetime64[s]")
    np.testing.assert_array_equal(clock.stamps, whole)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda t: np.concatenate([t, t[3:4]]), "repeated stamp"),
        (lambda t: np.append(t, t[-1] + HOUR // 6), "uneven stamps"),
        (lambda t: np.append(t, t[-1] + 5000 * DAY), "uneven stamps"),
    ],
)
def test_what_no_series_has(change, kind):
    clock, problems = read(change(stamps("2020-01-01", HOUR, 30)))
    assert clock is None
    assert [problem.kind for problem in problems.fatal] == [kind]


def test_steps_that_are_not_heeded():
    # Working days: there is no row on the weekend.
    days = stamps("2024-01-01", DAY, 30)
    working = days[np.is_busday(days.astype("datetime64[D]"))]
    assert read(working)[0].missing > 0
    clock, problems = read(working, ignore=True)
    assert not problems.fatal
    assert (clock.count, clock.season) == (len(working), 0)


@pytest.mark.parametrize(
    ("last", "step", "expected"),
    [
        ("2020-02-28T23:00", "1 h", ["2020-02-29 00:00:00"]),
        ("2020-12-31", "1 d", ["2021-01-01 00:00:00"]),
        ("2020-12-01", "1 month", ["2021-01-01 00:00:00"]),
        (
            "2020-01-31",
            "1 month",
            ["2020-02-29 00:00:00", "2020-03-31 00:00:00"],
        ),
        ("2020-10-15", "3 months", ["2021-01-15 00:00:00"]),
        ("2020-01-01", "", []),
        ("2020-01-01", "0.25", []),
    ],
)
def test_what_follows(last, step, expected):
    known = np.array([last], "datetime64[s]")
    assert after(known, step, max(1, len(expected))) == expected


def test_the_28th_of_february_is_no_end_of_a_month():
    known = np.array(["2023-01-28", "2023-02-28"], "datetime64[s]")
    assert after(known, "1 month", 1) == ["2023-03-28 00:00:00"]
    known = np.array(["2023-01-31", "2023-02-28"], "datetime64[s]")
    assert after(known, "1 month", 1) == ["2023-03-31 00:00:00"]


def test_names_of_steps():
    assert name_step(90 * 60 * 1_000_000) == "90 min"
    assert name_step(500_000) == "0.5 s"
    assert season_of(5 * 3600 * 1_000_000) == 0
