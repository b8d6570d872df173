"""Times as people write them, each against Python's own parser."""

import datetime

import numpy as np
import polars as pl
import pytest

from kerasnotes.data.problems import Problems
from kerasnotes.data.series.times import read_times, zone_of

START = datetime.datetime(2024, 1, 1, 9)
TIMES = [START + datetime.timedelta(hours=7 * i) for i in range(120)]


def read(texts):
    problems = Problems()
    found = read_times(pl.Series("when", texts), problems)
    return found, problems


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%SZ",
        "%d.%m.%Y %H:%M",
        "%m/%d/%Y %H:%M",
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %I:%M %p",
        "%d/%m/%Y %H:%M:%S",
    ],
)
def test_forms(form):
    found, problems = read([time.strftime(form) for time in TIMES])
    np.testing.assert_array_equal(found, np.array(TIMES, "datetime64[us]"))
    said = [note for note in problems.notes if "first" in note]
    assert bool(said) == ("/" in form)
    assert not said or ("month" in said[0]) == form.startswith("%m")


def test_days_that_may_be_two_are_asked_about():
    few = [time.strftime("%d/%m/%Y %H:%M") for time in TIMES[:30]]
    found, problems = read(few)
    assert found is None
    assert "which is the month" in str(problems.fatal)


def test_days_that_are_the_same_either_way_are_no_question():
    found, problems = read(["01/01/2024 00:00", "02/02/2024 00:00"])
    assert found is not None
    assert not problems.fatal


def test_what_is_no_time_is_named():
    found, problems = read(["2024-01-01", "soon", None, "2024-01-02"])
    assert found is None
    told = str(problems.fatal)
    assert "'soon' is no time" in told
    assert "missing" in told


def test_a_zone_is_told():
    found, problems = read(["2024-01-01T00:00:00+02:00"])
    assert found is None
    assert "without a zone" in str(problems.fatal[0])


def test_clocks_that_are_turned_back():
    start = datetime.datetime(2024, 10, 26, 20)
    end = datetime.datetime(2024, 10, 27, 4)
    moments = pl.datetime_range(start, end, "1h", time_zone="UTC", eager=True)
    problems = Problems()
    local = moments.dt.convert_time_zone("Europe/Berlin")
    assert read_times(local, problems) is None
    assert "UTC" in str(problems.fatal[0])
    assert read_times(moments, Problems()) is not None


def test_clocks_that_are_set_forward():
    def read_local(start, end, step):
        local = pl.datetime_range(
            start, end, step, time_zone="Europe/Berlin", eager=True
        )
        problems = Problems()
        return read_times(local, problems), problems

    night = datetime.datetime(2024, 3, 30, 20)
    found, problems = read_local(night, night.replace(day=31), "1h")
    assert found is None
    assert "set forward: convert it to UTC" in str(problems.fatal[0])
    # A day by the clock is a day.
    days = (datetime.datetime(2024, 3, 20), datetime.datetime(2024, 4, 10))
    found, problems = read_local(*days, "1d")
    assert set(np.diff(found).tolist()) == {datetime.timedelta(days=1)}


@pytest.mark.parametrize(
    ("column", "zone"),
    [
        (pl.Series(["2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z"]), "UTC"),
        (pl.Series(["2024-01-01 00:00:00+00:00"]), "UTC"),
        (pl.Series(["2024-01-01T00:00:00Z", "2024-01-01T01:00:00"]), ""),
        (pl.Series(["2024-01-01"]), ""),
        (pl.Series([1.0, 2.0]), ""),
        (pl.Series([None], dtype=pl.String), ""),
        (pl.Series([START]), ""),
        (pl.Series([START]).dt.replace_time_zone("Asia/Tokyo"), "Asia/Tokyo"),
    ],
)
def test_the_zone_that_times_are_told_in(column, zone):
    assert zone_of(column) == zone
