"""Inputs of `train` and other parts, of one shape and on one scale."""

import h5py
import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.meaning.part_inputs import check_scales

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (12, 4, 4)).astype("uint8")
UNIT = (BYTES / 255).astype("float32")
DEEP = BYTES.astype("uint16") * 257


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (BYTES, UNIT),
        (UNIT, BYTES),
        (UNIT, UNIT * 255),
        (BYTES, DEEP),
        (BYTES > 9, BYTES),
        (BYTES.reshape(12, 16), UNIT.reshape(12, 16)),
    ],
)
def test_parts_on_two_scales_are_refused(train, test):
    with pytest.raises(DataError, match="set test are on another scale") as why:
        check_scales({"train": train, "test": test}, "set")
    told = [f"{x.dtype}, {x.min():g} to {x.max():g}" for x in (train, test)]
    assert why.value.received == f"train: {told[0]}; test: {told[1]}"


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (BYTES, UNIT * 255),
        (UNIT, UNIT / 2),
        (UNIT - 0.5, UNIT * 2),
        (np.linspace(0, 9, 12)[:, None], np.linspace(0, 1, 5)[:, None]),
        (np.where(BYTES > 9, np.nan, UNIT), UNIT),
        (UNIT, np.full_like(UNIT, np.inf)),
    ],
)
def test_parts_on_one_scale_are_taken(train, test):
    check_scales({"train": train, "test": test}, "set")


@pytest.mark.parametrize("kind", ["npz", "h5"])
@pytest.mark.parametrize(
    ("test", "told"),
    [
        (UNIT * 255, "another scale"),
        (RNG.random((12, 6, 6), "float32"), "differ in shape"),
    ],
)
def test_files_are_compared(tmp_path, config, kind, test, told):
    y = np.arange(12) % 2
    arrays = {"x_train": UNIT, "y_train": y, "x_test": test, "y_test": y}
    path = tmp_path / f"set.{kind}"
    if kind == "npz":
        np.savez(path, **arrays)
    else:
        with h5py.File(path, "w") as file:
            for key, array in arrays.items():
                file[key] = array
    with pytest.raises(DataError, match=told):
        load(config(path))
