"""Times as people write them, each against Python's own parser."""

import datetime

import numpy as np
import polars as pl
import pytest

from kerasnotes.data.problems import Problems
from kerasnotes.data.series.times import read_times

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
