"""Folds and draws with replacement: disjoint, covering, even, repeatable."""

import h5py
import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from kerasnotes.base import config as cfg
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.dataset import Responds
from kerasnotes.data.load import load
from kerasnotes.data.resampling import bootstrap, deal, left_out

pytestmark = pytest.mark.once


def fold(source, number, folds=4, **more):
    return load(DataConfig(source=source, folds=folds, fold=number, **more))


def rows(split):
    return [split.name(i) for i in range(len(split))]


def test_folds_are_disjoint_and_cover_the_training_part():
    plain = load(DataConfig(source="digits", validation=0.0))
    parts = [fold("digits", number) for number in range(1, 5)]
    held = [rows(part.validation) for part in parts]
    assert sorted(sum(held, [])) == sorted(rows(plain.train))
    for part, mine in zip(parts, held, strict=True):
        others = sorted(set(rows(plain.train)) - set(mine))
        assert sorted(rows(part.train)) == others
        # The test part, and what the data are known by, stay.
        assert rows(part.test) == rows(plain.test)
        assert part.fingerprint == plain.fingerprint


def test_classes_are_dealt_as_evenly_as_scikit_learn_does():
    strata = np.random.default_rng(0).choice(3, 101, p=[0.7, 0.2, 0.1])
    mine = deal(strata, 5, seed=1)
    theirs = np.empty(len(strata), int)
    for number, (_, held) in enumerate(
        StratifiedKFold(5).split(np.zeros(len(strata)), strata), start=1
    ):
        theirs[held] = number
    for folds in (mine, theirs):
        sizes = np.bincount(folds)[1:]
        assert np.ptp(sizes) <= 1
        counts = [
            np.bincount(strata[folds == k], minlength=3) for k in range(1, 6)
        ]
        assert np.ptp(counts, axis=0).max() <= 1
    assert (mine != deal(strata, 5, seed=2)).any()


def test_a_bootstrap_leaves_out_the_rest():
    drawn, rest = bootstrap(5000, 3), left_out(5000, 3)
    assert len(drawn) == 5000
    assert set(drawn) | set(rest) == set(range(5000))
    assert not set(drawn) & set(rest)
    assert len(rest) / 5000 == pytest.approx((1 - 1 / 5000) ** 5000, abs=0.02)
    plain = load(DataConfig(source="digits"))
    data = load(DataConfig(source="digits", bootstrap=3))
    names = rows(plain.train)
    expected = [names[i] for i in bootstrap(len(names), 3)]
    assert rows(data.train) == expected
    x, y = data.arrays("train")
    whole, labels = plain.arrays("train")
    np.testing.assert_array_equal(x, whole[bootstrap(len(names), 3)])
    np.testing.assert_array_equal(y, labels[bootstrap(len(names), 3)])
    assert rows(data.validation) == rows(plain.validation)


def test_measured_values_are_standardized_by_what_is_trained_on():
    data = fold("diabetes", 2)
    [column] = data.spec.target.columns
    _, y = data.arrays("train")
    assert column.mean == pytest.approx(float(y.mean()), rel=1e-6)
    assert column.deviation == pytest.approx(float(y.std()), rel=1e-6)


def test_each_fold_has_its_part_of_every_quantile():
    parts = [
        fold("diabetes", n, 5).arrays("validation")[1] for n in range(1, 6)
    ]
    whole = load(DataConfig(source="diabetes", validation=0.0))
    y = np.sort(whole.arrays("train")[1].ravel())
    # Of as many neighbours as there are folds, each fold holds one.
    for block in range(len(y) // 5):
        low, high = y[5 * block], y[5 * block + 4]
        for mine in parts:
            mine = np.sort(mine.ravel())
            assert low <= mine[block] <= high
    means = [mine.mean() for mine in parts]
    assert np.std(means) < 0.02 * y.std()


def test_given_validation_examples_are_left_aside():
    data = fold("frf-chain:cases=20,frequencies=4", 1)
    assert isinstance(data.validation, Responds)
    assert (len(data.train), len(data.validation)) == (15, 5)
    assert any("left aside" in told for told in data.remarks)


def test_files_are_drawn_from_as_well(class_folder, tmp_path):
    data = fold(str(class_folder), 1, folds=3, test=0.0)
    assert not set(rows(data.train)) & set(rows(data.validation))
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(24.0, dtype="float32").reshape(12, 2)
        file["y"] = np.arange(12) % 2
    data = fold(str(path), 1, folds=3, test=0.0)
    assert [len(data.train), len(data.validation)] == [8, 4]
    x, y = data.arrays("validation")
    np.testing.assert_array_equal(x[:, 0] // 2 % 2, y)


def test_what_is_no_fold_is_refused():
    for wrong in (
        {"folds": 3},
        {"fold": 1},
        {"folds": 3, "fold": 4},
        {"folds": 3, "fold": 1, "bootstrap": 0},
    ):
        with pytest.raises(UsageError):
            cfg.build(DataConfig, wrong, "data")
    with pytest.raises(DataError, match="into 100 folds"):
        fold("wine", 1, folds=100, test=0.6)
