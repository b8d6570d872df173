"""Arrays without labels, for generators: files and memory."""

import h5py
import numpy as np
import pytest

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
PICTURES = np.random.default_rng(0).integers(0, 255, (40, 4, 4), "uint8")


def as_npy(folder):
    np.save(folder / "faces.npy", PICTURES)
    return folder / "faces.npy"


def as_npz(folder):
    np.savez(folder / "set.npz", PICTURES)
    return folder / "set.npz"


def as_hdf5(folder):
    with h5py.File(folder / "set.h5", "w") as file:
        file["images"] = PICTURES
    return folder / "set.h5"


def check(data):
    """Every picture is there, once, and nothing is a label."""
    assert data.spec.target.kind == "none"
    assert data.spec.input.shape == (4, 4, 1)
    parts = [data.train, data.validation, data.test]
    found = [part[i] for part in parts for i in range(len(part))]
    assert {y.item() for _, y in found} == {0}
    seen = sorted(x.tobytes() for x, _ in found)
    assert seen == sorted(one.tobytes() for one in PICTURES)


@pytest.mark.parametrize("write", [as_npy, as_npz, as_hdf5])
def test_files_of_inputs_alone(tmp_path, config, write):
    data = load(config(write(tmp_path)))
    check(data)
    assert "without labels" in " ".join(data.remarks)


@pytest.mark.parametrize(
    "given",
    [
        PICTURES,
        {"x": PICTURES},
        {"images": PICTURES[..., None]},
        {"train": PICTURES[:30], "test": PICTURES[30:]},
        {"x_train": PICTURES[:30], "x_test": PICTURES[30:]},
    ],
)
def test_arrays_alone(config, given):
    check(load(config(), to_arrays(given)))


def test_parts_stay_those_of_the_source(config):
    given = {"train": PICTURES[:30], "test": PICTURES[30:]}
    data = load(config(), to_arrays(given))
    assert data.test.x[..., 0].tolist() == PICTURES[30:].tolist()


@pytest.mark.parametrize("write", [as_npy, as_npz, as_hdf5])
def test_classes_that_are_not_there(tmp_path, config, write):
    with pytest.raises(UsageError, match="no classes that --classes"):
        load(config(write(tmp_path), classes=("a", "b")))


@pytest.mark.parametrize(
    ("asked", "beside", "command"),
    [
        ("x.npy", "y.npy", "x=n.load('x.npy'), y=n.load('y.npy')"),
        ("labels.npy", "pics.npy", "x=n.load('pics.npy'), y=n.load('labels"),
        ("y.npy", None, "n.savez('y.npz', x=n.load('x.npy'), y=n.load('y"),
    ],
)
def test_one_of_two_files_is_told_how_to_be_a_set(
    tmp_path, config, asked, beside, command
):
    for name in filter(None, (asked, beside)):
        np.save(tmp_path / name, PICTURES)
    with pytest.raises(DataError, match="one array") as caught:
        load(config(tmp_path / asked))
    assert command in caught.value.hint


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.arange(4), "have no labels"),
        (np.array([[1], "a"], dtype=object), "cannot be read as .npy"),
        (np.array([["a", "b"]] * 4), "not numbers"),
        (np.zeros((0, 4)), "no examples"),
        (np.full((40, 3), np.nan), "not finite"),
    ],
)
def test_what_is_no_set_of_inputs(tmp_path, config, array, words):
    np.save(tmp_path / "one.npy", array)
    with pytest.raises(DataError, match=words):
        load(config(tmp_path / "one.npy"))


@pytest.mark.parametrize("cut", [0, 5, 200])
def test_a_damaged_file(tmp_path, config, cut):
    path = as_npy(tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match="cannot be read as .npy"):
        load(config(path))


def test_sequences_without_labels(config):
    sequences = [np.zeros((length, 2)) for length in (3, 4, 5)]
    with pytest.raises(DataError, match="have no labels"):
        load(config(), to_arrays({"x": sequences}))
