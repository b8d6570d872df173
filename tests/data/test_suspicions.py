"""What columns may be: missing values, long numbers, labels in disguise."""

import numpy as np
import pytest

from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
COUNT = 120
RNG = np.random.default_rng(0)
KIND = np.array(["a", "b", "c"])[RNG.integers(0, 3, COUNT)]
SIZE = RNG.uniform(1, 90, COUNT).round(1)
VALUE = RNG.normal(size=COUNT).round(3)


@pytest.fixture
def told(config):
    """Returns what is said of columns handed in as a data frame."""

    def read(**columns):
        import polars as pl

        data = load(config(), to_arrays(pl.DataFrame(columns)))
        return "\n".join(data.remarks)

    return read


def with_some(values, code, count=4):
    found = values.copy()
    found[5 : 5 + count] = code
    return found


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (SIZE, -999),
        (SIZE, -99),
        (SIZE, 999),
        (np.floor(SIZE), 9999),
    ],
)
@pytest.mark.parametrize("count", [1, 4])
def test_numbers_that_may_mean_a_missing_value(told, values, code, count):
    words = told(age=with_some(values, code, count), u=VALUE, label=KIND)
    rows = "a row" if count == 1 else f"{count} rows"
    assert f"`age` is {code} in {rows}" in words
    assert "`u` is" not in words


@pytest.mark.parametrize(
    "values",
    [
        SIZE,
        VALUE,
        with_some(VALUE * 100, -99),
        with_some(SIZE * 5, 999),
        np.full(COUNT, -99.0) + RNG.integers(0, 2, COUNT),
        with_some(SIZE, -98),
    ],
)
def test_numbers_that_are_plain(told, values):
    assert "missing" not in told(age=values, u=VALUE, label=KIND)


@pytest.mark.parametrize(
    "other",
    [
        KIND,
        np.char.upper(KIND),
        np.unique(KIND, return_inverse=True)[1],
        np.char.add(KIND, np.where(VALUE > 0, "1", "2")),
    ],
)
def test_the_label_in_other_words_is_told(told, other):
    words = told(other=other, size=SIZE, label=KIND)
    assert "`other` alone tells the label" in words
    assert "data.leave_out=[other]" in words
    assert "`size` alone" not in words


@pytest.mark.parametrize("scale", [1.8, -1e-3])
def test_the_measured_label_in_other_units_is_told(told, scale):
    other = (VALUE * scale + 32).round(5)
    words = told(fahrenheit=other, size=SIZE, label=VALUE)
    assert "`fahrenheit` alone tells the label" in words
    noisy = VALUE * scale * (1 + 0.02 * RNG.normal(size=COUNT))
    assert "alone tells" not in told(near=noisy, size=SIZE, label=VALUE)


@pytest.mark.parametrize(
    "other",
    [
        np.where(np.arange(COUNT) == 7, "b", KIND),
        np.array([f"{kind}{n // 2}" for n, kind in enumerate(KIND)]),
        np.where(KIND == "a", 1, 0) + RNG.integers(0, 2, COUNT),
    ],
)
def test_what_does_not_quite_tell_the_label(told, other):
    label = np.where(np.arange(COUNT) == 7, "a", KIND)
    assert "alone tells" not in told(other=other, size=SIZE, label=label)


@pytest.mark.parametrize(
    ("values", "is_told"),
    [
        (RNG.permutation(COUNT) * 7919 + 100_000_000_000, True),
        (RNG.permutation(COUNT) * 79 + 10_000_000, True),
        (RNG.permutation(COUNT) * 79 + 1_000, False),
        (RNG.integers(10_000_000, 10_000_050, COUNT), False),
        (RNG.permutation(COUNT) * 79_190_000 + 10_000, False),
    ],
)
def test_long_numbers_that_only_name_rows_are_told(told, values, is_told):
    words = told(account=values.astype(float), size=SIZE, label=KIND)
    assert ("`account` holds long numbers" in words) == is_told


def test_a_column_called_uuid_is_left_out(told):
    values = (RNG.permutation(COUNT) * 7919 + 10**11).astype(float)
    words = told(uuid=values, size=SIZE, label=KIND)
    assert "The column `uuid` is left out" in words


def test_a_class_in_several_columns_is_told(told):
    flags = {f"is_{kind}": (KIND == kind).astype(int) for kind in "abc"}
    words = told(size=SIZE, **flags)
    assert "`is_a`, `is_b` and the label hold a single 1" in words
    assert "data.leave_out=[is_a, is_b]" in words
    flags["is_b"] = np.where(np.arange(COUNT) == 3, 1, flags["is_b"])
    flags["is_c"] = np.where(np.arange(COUNT) == 3, 1, flags["is_c"])
    assert "single 1" not in told(size=SIZE, **flags)


def test_arrays_are_looked_at_as_well(config):
    x = np.stack([with_some(SIZE, -999), KIND == "a"], axis=1)
    data = load(config(), to_arrays({"x": x, "y": (KIND == "a").astype(int)}))
    words = "\n".join(data.remarks)
    assert "`x0` is -999 in 4 rows" in words
    assert "`x1` alone tells the label" in words


def test_sets_that_are_known_here_are_not(config):
    data = load(config("formula:2*x"))
    assert "alone tells" not in "\n".join(data.remarks)
