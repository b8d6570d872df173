"""Sequences of several lengths: whatever holds them, the same data set."""

import numpy as np
import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data import statistics
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.inspect import inspect
from kerasnotes.data.load import load
from kerasnotes.data.sequences.sequence_split import pad
from kerasnotes.tasks.matching import read_as
from tests.sequence_files import (
    as_objects,
    make_sequences,
    padded,
    write_folder,
    write_table,
    write_ts,
)

pytestmark = pytest.mark.once
VALUES, TARGETS = make_sequences()


def held(data):
    """Returns all sequences of a data set with their classes, in any order."""
    found = []
    for part in ("train", "validation", "test"):
        split = data.split(part)
        for i in range(len(split)):
            x, y = split[i]
            rows = x[~np.isnan(x).any(axis=1)]
            assert len(rows) == split.lengths[i]
            found.append((data.spec.target.classes[int(y)], rows.tobytes()))
    return sorted(found)


def saved(folder, **arrays):
    np.savez(folder / "set.npz", **arrays)
    return folder / "set.npz"


X, LENGTHS = padded(VALUES)
NAN, _ = padded(VALUES, np.nan)
WAYS = {
    "folder": lambda f: write_folder(f / "set", VALUES, TARGETS),
    "table": lambda f: write_table(f / "set.csv", VALUES, TARGETS),
    "ts": lambda f: write_ts(f / "set.ts", VALUES, TARGETS),
    "objects": lambda f: saved(f, x=as_objects(VALUES), y=TARGETS),
    "lengths": lambda f: saved(f, x=X, y=TARGETS, lengths=LENGTHS),
    "nan": lambda f: saved(f, x=NAN, y=TARGETS),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_holds_the_same(way, tmp_path, config):
    data = load(config(WAYS[way](tmp_path)))
    assert data.spec.input.varied
    assert data.spec.input.shape == (max(map(len, VALUES)), 2)
    wanted = zip(TARGETS, (one.tobytes() for one in VALUES), strict=True)
    assert held(data) == sorted(wanted)
    assert len(data.test) == 8


@pytest.mark.parametrize(
    "given",
    [
        (VALUES, TARGETS),
        {"x": X, "y": TARGETS, "lengths": LENGTHS},
        {
            "train": (VALUES[:30], TARGETS[:30]),
            "test": (VALUES[30:], TARGETS[30:]),
        },
    ],
)
def test_so_do_arrays_in_memory(given, config):
    data = load(config(), to_arrays(given))
    wanted = zip(TARGETS, (one.tobytes() for one in VALUES), strict=True)
    assert held(data) == sorted(wanted)


def test_padding_has_no_part_in_statistics(tmp_path, config):
    data = load(config(WAYS["lengths"](tmp_path)))
    mean, variance = statistics.fit(data.train, data.spec)
    rows = np.concatenate(data.train.values).astype("float64")
    np.testing.assert_allclose(mean, rows.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(variance, rows.var(axis=0), rtol=1e-5)


def test_what_is_read_says_how_long_it_is(tmp_path, config):
    found = inspect(config(WAYS["table"](tmp_path)))
    assert not found.problems
    assert found.parts["train"].low == [4, 2]
    assert found.parts["train"].high == [9, 2]
    assert any("of 4 to 9 rows" in note for note in found.notes)


def test_longer_ones_are_cut_where_the_user_says(tmp_path, config):
    data = load(config(WAYS["ts"](tmp_path), length=5))
    assert data.spec.input.shape == (5, 2)
    assert any("cut (data.length)" in remark for remark in data.remarks)


def test_sequences_of_one_length_are_not_varied(tmp_path, config):
    same = [one[:4] for one in VALUES]
    data = load(config(write_ts(tmp_path / "set.ts", same, TARGETS)))
    assert not data.spec.input.varied
    assert np.isfinite(data.arrays("test")[0]).all()


def test_parts_are_read_as_long_as_a_model_reads(tmp_path, config):
    data = load(config(WAYS["ts"](tmp_path)))
    model = data.spec.with_input(shape=(6, 2))
    other = read_as(data, model)
    assert other.spec.input.shape == (6, 2)
    assert other.train.read(np.arange(3))[0].shape == (3, 6, 2)
    assert "longer than those of the training" in other.remarks[-1]


def test_missing_values_are_named(tmp_path, config):
    bad = [one.copy() for one in VALUES]
    bad[3][2, 1] = np.nan
    path = saved(tmp_path, x=as_objects(bad), y=TARGETS)
    with pytest.raises(DataError, match="missing value") as caught:
        load(config(path))
    assert "no number in `x1`, row 3" in caught.value.received


def test_sequences_without_rows_are_left_out(tmp_path, config):
    values = [*VALUES, VALUES[0][:0]]
    path = saved(tmp_path, x=as_objects(values), y=[*TARGETS, "fast"])
    data = load(config(path))
    assert (
        sum(len(data.split(p)) for p in ("train", "validation", "test")) == 40
    )
    assert any("without a row left out" in one for one in data.remarks)


@pytest.mark.parametrize("lengths", [LENGTHS[:-1], LENGTHS + 9, LENGTHS / 2])
def test_lengths_that_do_not_fit_are_refused(lengths, tmp_path, config):
    with pytest.raises(DataError, match="lengths of"):
        load(config(saved(tmp_path, x=X, y=TARGETS, lengths=lengths)))


def test_pickles_of_programs_are_refused(tmp_path, config):
    bad = as_objects(VALUES)
    bad[0] = print
    with pytest.raises(DataError, match="pickled"):
        load(config(saved(tmp_path, x=bad, y=TARGETS)))


def test_what_is_no_table_of_sequences_has_no_column_of_them(config):
    with pytest.raises(UsageError, match="no table of sequences"):
        load(config("digits", sequence="case"))


def test_pad_cuts_and_fills():
    x = pad([np.ones((1, 2)), np.ones((4, 2))], 3)
    assert np.isnan(x[0, 1:]).all()
    assert np.nansum(x) == 2 + 6
