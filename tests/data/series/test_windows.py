"""Windows: what they hold, where parts end, and that nothing is copied."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.batches import Batches
from kerasnotes.data.fields import Column
from kerasnotes.data.load import load
from kerasnotes.data.problems import Problems
from kerasnotes.data.series import windows
from kerasnotes.data.series.making import make_series, usual_window
from kerasnotes.data.series.windows import WindowSplit, some_windows
from kerasnotes.data.statistics import fit, fit_scale

pytestmark = pytest.mark.once
ROWS, T, H = 200, 12, 5
VALUES = np.stack([np.arange(ROWS), np.arange(ROWS) ** 2 / 50], axis=1).astype(
    "float32"
)
COLUMNS = [Column("t"), Column("square")]


def made(**settings):
    given = {"horizon": H, "window": T, "test": 0.2, "validation": 0.1}
    problems = Problems()
    data = make_series(
        VALUES,
        COLUMNS,
        DataConfig(source="s", **{**given, **settings}),
        problems,
        name="s",
        targets=("square",),
    )
    return data, problems


def test_an_example_is_rows_one_after_another():
    data, _ = made()
    for split in (data.train, data.validation, data.test):
        for index in (0, len(split) - 1):
            x, y = split[index]
            start = int(x[0, 0])
            np.testing.assert_array_equal(x, VALUES[start : start + T])
            after = VALUES[start + T : start + T + H, 1:]
            np.testing.assert_array_equal(y, after)


def test_a_batch_is_its_examples():
    data, _ = made()
    some = np.array([3, 0, 17])
    x, y = data.train.read(some)
    for place, index in enumerate(some):
        one, other = data.train[index]
        np.testing.assert_array_equal(x[place], one)
        np.testing.assert_array_equal(y[place], other)


def test_what_is_forecast_lies_in_one_part_alone():
    data, _ = made()
    seen = []
    for split in (data.train, data.validation, data.test):
        _, y = split.read(np.arange(len(split)))
        rows = {int(round(np.sqrt(value * 50))) for value in y.reshape(-1)}
        seen.append(rows)
    train, validation, test = seen
    assert not train & validation
    assert not validation & test
    assert max(train) < min(validation) <= max(validation) < min(test)
    # All rows but the first window are forecast somewhere.
    assert train | validation | test == set(range(T, ROWS))


def test_windows_of_training_hold_no_row_of_later_parts():
    data, _ = made()
    x, _ = data.train.read(np.arange(len(data.train)))
    assert x[..., 0].max() < data.validation.start


def test_nothing_is_copied():
    data, _ = made()
    for split in (data.train, data.validation, data.test):
        assert np.shares_memory(split.values, VALUES)
        assert np.shares_memory(split[0][0], VALUES)


def test_statistics_are_those_of_the_training_rows():
    data, _ = made()
    rows = VALUES[:140].astype("float64")
    assert data.train.stop == 140
    mean, variance = fit(data.train, data.spec)
    np.testing.assert_allclose(mean, rows.mean(axis=0))
    np.testing.assert_allclose(variance, rows.var(axis=0))
    shift, square = fit_scale(data.train, data.spec, "min-max")
    np.testing.assert_allclose(shift, rows.min(axis=0))
    np.testing.assert_allclose(np.sqrt(square), np.ptp(rows, axis=0))
    [column] = data.spec.target.columns
    assert column.mean == pytest.approx(rows[:, 1].mean())
    assert column.deviation == pytest.approx(rows[:, 1].std())
    change = np.abs(np.diff(rows[:, 1])).mean()
    assert column.change == pytest.approx(change)


def test_a_seasons_change():
    data, _ = made(season=7)
    rows = VALUES[:140, 1].astype("float64")
    [column] = data.spec.target.columns
    expected = np.abs(rows[7:] - rows[:-7]).mean()
    assert column.change == pytest.approx(expected)
    assert data.spec.input.season == 7


def test_batches_are_a_function_of_their_number():
    data, _ = made()
    first = Batches(data.train, data.spec, batch_size=8, seed=3)
    later = Batches(data.train, data.spec, batch_size=8, seed=3, start=5)
    for one, other in zip(first[7], later[2], strict=True):
        np.testing.assert_array_equal(one, other)
    assert first[0][0].shape == (8, T, 2)
    assert first[0][1].shape == (8, H, 1)


def test_first_rows_alone():
    data, _ = made(rows=100)
    assert data.test.stop == 100
    assert data.fingerprint != made()[0].fingerprint


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"horizon": 150}, "the train part"),
        ({"horizon": 30}, "the validation part"),
        ({"window": 150}, "the train part"),
    ],
)
def test_too_short(settings, where):
    _, problems = made(**settings)
    found = [p.where for p in problems.fatal if p.kind == "too short"]
    assert where in found


def test_an_empty_part_that_nobody_wants_is_none():
    data, problems = made(validation=0, test=0)
    assert not problems.fatal
    assert len(data.validation) == len(data.test) == 0
    assert len(data.train) == ROWS - T - H + 1


def test_the_usual_window():
    assert usual_window(10, 0, 1000) == 30
    assert usual_window(10, 24, 1000) == 48
    assert usual_window(10, 24, 60) == 25


def test_many_rows_stay_as_they_are():
    values = np.zeros((1_000_000, 2), "float32")
    split = WindowSplit(values, [0], 500, 100, (0, len(values)))
    assert len(split) == 1_000_000 - 600 + 1
    x, y = split.read(np.array([0, len(split) - 1]))
    assert (x.shape, y.shape) == ((2, 500, 2), (2, 100, 1))
    assert split.values is values


@pytest.mark.parametrize(
    "settings", [{"horizon": 3}, {"window": 5}, {"season": 4}, {"rows": 50}]
)
def test_settings_of_series_for_what_is_none(settings):
    with pytest.raises(UsageError) as caught:
        load(DataConfig(source="iris", **settings))
    [name] = settings
    assert f"data.{name}=" in caught.value.received


def test_a_horizon_longer_than_the_series():
    with pytest.raises(DataError) as caught:
        load(DataConfig(source="mackey-glass:rows=200", horizon=5_000))
    assert "too short" in caught.value.message
    assert "5,000" in caught.value.received


def test_of_very_many_windows_some_are_drawn(monkeypatch):
    train = made()[0].train
    assert some_windows(train) is train
    monkeypatch.setattr(windows, "MOST", 40)
    some = some_windows(train)
    assert len(some) == 40
    names = [some.name(index) for index in range(40)]
    places = [int(name.removeprefix("row ")) - T for name in names]
    assert places == sorted(set(places))
    # No distance comes again and again.
    assert len(set(np.diff(places))) > 3
    x, y = some.read(np.array([3, 39]))
    for row, place in enumerate((3, 39)):
        for one, other in zip(train[places[place]], some[place], strict=True):
            np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(x[row], train[places[place]][0])
        np.testing.assert_array_equal(y[row], train[places[place]][1])
    batches = Batches(some, made()[0].spec, batch_size=16, shuffle=False)
    assert len(batches[0][0]) == 16
