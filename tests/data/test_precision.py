"""Columns that float32 would blur are refused, with what to do."""

import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.data.meaning.precision import FEW, MOST_LOST, check
from kerasnotes.data.problems import Problems

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
STEPS = np.arange(50.0)


def told(values):
    problems = Problems()
    check({"time": values}, problems)
    return [str(problem) for problem in problems.fatal]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (1.7e9 + STEPS, "steps of 1.3e+02, but the values' deviation is 14.4"),
        (1_700_000_000 + np.arange(50), "subtract 1700000000, here and in"),
        (1e6 + RNG.normal(0, 0.01, 50), "float32 goes by steps"),
        (-1.7e9 + STEPS, "float32 goes by steps"),
        (1.7e18 + STEPS * 1e9, "whole numbers up to 1.7e+18 lose digits"),
        (1_700_000_000_000 + np.arange(50), "float32 goes by steps"),
        (9e15 + STEPS * 10, "float32 goes by steps"),
        (20_240_101.0 + STEPS / 10, "float32 goes by steps"),
        (1e-9 * STEPS, "give them in a smaller unit"),
        (3e-8 * RNG.normal(size=50), "give them in a smaller unit"),
    ],
)
def test_what_would_be_lost_is_told(values, words):
    (fault,) = told(values)
    assert fault.startswith("column time: ")
    assert words in fault


@pytest.mark.parametrize(
    "values",
    [
        STEPS,
        np.arange(1990.0, 2040),
        1.7e9 + 86_400 * STEPS,
        1e6 + STEPS,
        np.full(50, 1.7e9),
        np.zeros(50),
        np.r_[np.zeros(49), 0.004],
        1e30 * RNG.normal(size=50),
        1e-4 * RNG.normal(size=50),
        np.r_[STEPS, np.nan],
    ],
)
def test_what_float32_holds_is_left_alone(values):
    assert told(values) == []


@pytest.mark.parametrize("kind", ["csv", "npz", "h5", "parquet", "arrays"])
def test_every_source_is_checked(tmp_path, config, kind):
    x = np.stack([1.7e9 + STEPS, RNG.normal(size=50)], axis=1)
    y = np.arange(50) % 2
    source, arrays = config(tmp_path / f"set.{kind}"), None
    if kind == "csv":
        rows = [f"{u:.1f},{v},{k}" for (u, v), k in zip(x, y, strict=True)]
        (tmp_path / "set.csv").write_text("\n".join(["u,v,label", *rows]))
    elif kind == "npz":
        np.savez(tmp_path / "set.npz", x=x, y=y)
    elif kind == "h5":
        h5py = pytest.importorskip("h5py")
        with h5py.File(tmp_path / "set.h5", "w") as file:
            file["x"], file["y"] = x, y
    elif kind == "parquet":
        polars = pytest.importorskip("polars")
        frame = polars.DataFrame({"u": x[:, 0], "v": x[:, 1], "label": y})
        frame.write_parquet(tmp_path / "set.parquet")
    else:
        source, arrays = config(), to_arrays((x, y))
    with pytest.raises(DataError, match="lost digits") as error:
        load(source, arrays)
    assert "subtract 1700000000" in str(error.value)


@pytest.mark.parametrize("place", [0, 55, 100])
def test_a_look_at_a_few_finds_what_a_look_at_all_finds(place):
    # Spread where it is looked, close together elsewhere, and the reverse.
    for few, rest in ((1.0, 1e-4), (1e-4, 1.0)):
        values = 1e7 + rest * RNG.normal(size=10_000)
        values[place % FEW :: FEW] = 1e7 + few * RNG.normal(size=100)
        exact = np.sqrt(np.mean((values - values.astype("float32")) ** 2))
        bad = exact > MOST_LOST * values.std()
        assert bool(told(values)) == bad
    values = RNG.normal(size=10_000)
    assert not told(values)
    values[place] = np.nan
    assert not told(values)


def test_what_is_subtracted_of_a_label_is_added_to_predictions(config):
    x = np.random.default_rng(0).normal(size=(60, 2))
    arrays = to_arrays((x, 1.7e9 + x[:, 0]))
    with pytest.raises(DataError, match="add it to what the model predicts"):
        load(config(), arrays)
