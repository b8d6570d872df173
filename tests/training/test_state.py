"""State files: whole or not there, finite, and two of them."""

import errno
import os
import pathlib
import subprocess

import h5py
import keras
import numpy as np
import pytest

from kerasnotes.base.errors import DivergedError, StorageError
from kerasnotes.training import state
from kerasnotes.training.state import Progress

from .conftest import assert_same_arrays, read_state


@pytest.fixture
def model():
    """A compiled perceptron of two layers with one training step done."""
    keras.utils.set_random_seed(1)
    layers = [keras.Input((6,)), keras.layers.Dense(5), keras.layers.Dense(2)]
    made = keras.Sequential(layers)
    made.compile(keras.optimizers.AdamW(0.01), "mse")
    made.optimizer.build(made.trainable_variables)
    return made


def save_at(folder, model, step, best=None):
    return state.save(folder, model, Progress(step=step), best)


def all_values(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [state.to_numpy(variable) for variable in variables]


def test_what_is_saved_is_restored(model, tmp_path):
    rng = np.random.default_rng(0)
    for variable in [*model.variables, *model.optimizer.variables]:
        value = rng.normal(size=variable.shape) * 100
        variable.assign(value.astype(variable.dtype))
    best = [state.to_numpy(v) + 1 for v in model.variables]
    before = all_values(model)
    progress = Progress(2, 3, 10, [{"loss": 0.1}], 0.5, 1, 1, 9.5)
    path = state.save(tmp_path / "state", model, progress, best)
    assert path.name == "00000023.h5"
    for variable in [*model.variables, *model.optimizer.variables]:
        variable.assign(np.zeros(variable.shape, variable.dtype))
    restored = state.restore(path, model)
    for value, expected in zip(all_values(model), before, strict=True):
        np.testing.assert_array_equal(value, expected)
    for value, expected in zip(restored, best, strict=True):
        np.testing.assert_array_equal(value, expected)
    assert state.read_progress(path) == progress


def test_without_best_weights_none_come_back(model, tmp_path):
    assert state.restore(save_at(tmp_path / "s", model, 1), model) is None


def test_a_copy_is_not_a_view(model):
    variable = model.variables[0]
    copy = state.to_numpy(variable)
    expected = copy.copy()
    variable.assign(variable + 1.0)
    np.testing.assert_array_equal(copy, expected)


def test_the_last_two_are_kept(model, tmp_path):
    for step in (0, 5, 10, 100_000_000):
        save_at(tmp_path / "state", model, step)
    names = sorted(path.name for path in (tmp_path / "state").iterdir())
    assert names == ["00000010.h5", "100000000.h5"]
    assert state.latest(tmp_path / "state").name == "100000000.h5"


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_not_saved(model, tmp_path, value):
    path = save_at(tmp_path / "state", model, 1)
    before = path.read_bytes()
    kernel = state.to_numpy(model.variables[0])
    kernel[2, 3] = value
    model.variables[0].assign(kernel)
    for step in (1, 2):
        with pytest.raises(DivergedError, match="no longer finite"):
            save_at(tmp_path / "state", model, step)
    assert os.listdir(tmp_path / "state") == [path.name]
    assert path.read_bytes() == before


@pytest.mark.parametrize("where", ["h5py.File", "os.replace", "os.fsync"])
def test_a_full_disk_leaves_the_old_state(model, tmp_path, monkeypatch, where):
    folder = tmp_path / "state"
    path = save_at(folder, model, 1)
    before = read_state(path)

    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(where, full)
        for step in (1, 2):
            with pytest.raises(StorageError, match="No space left") as caught:
                save_at(folder, model, step)
            assert "free some space" in caught.value.hint
            assert caught.value.exit_code == 5
    assert os.listdir(folder) == [path.name]
    assert_same_arrays(before, read_state(path))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small file system needs root on Linux")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_really_full_disk_leaves_the_old_state(model, small_disk):
    folder = small_disk / "state"
    path = save_at(folder, model, 1)
    before = read_state(path)
    free = 1_000_000 - path.stat().st_size
    wide = [np.zeros((100, 1000), "float32")]
    # Full at the start, in the middle, and while the file closes.
    for room in (10_000, 150_000, 350_000):
        (small_disk / "ballast").write_bytes(b"\0" * (free - room))
        with pytest.raises(StorageError) as caught:
            state.save(folder, model, Progress(step=2), wide)
        assert "free some space" in caught.value.hint
        assert os.listdir(folder) == [path.name]
        assert_same_arrays(before, read_state(path))
    state.restore(path, model)


@pytest.mark.once
def test_a_folder_that_cannot_be_made(model, tmp_path):
    (tmp_path / "state").write_text("a file is in the way")
    with pytest.raises(StorageError):
        save_at(tmp_path / "state", model, 1)


@pytest.mark.once
@pytest.mark.parametrize("made", [True, False])
def test_no_state_is_an_error(tmp_path, made):
    folder = tmp_path / "state"
    if made:
        folder.mkdir()
        (folder / "notes.txt").write_text("not a state")
    with pytest.raises(StorageError, match="There is no checkpoint"):
        state.latest(folder)


@pytest.mark.once
@pytest.mark.parametrize(
    "progress", [None, "{", "[]", '{"epoch": 1, "colour": 2}', "3"]
)
def test_a_file_without_progress_is_refused(tmp_path, progress):
    path = pathlib.Path(tmp_path / "00000001.h5")
    with h5py.File(path, "w") as file:
        if progress is not None:
            file.attrs["progress"] = progress
    with pytest.raises(StorageError, match="cannot be used") as caught:
        state.read_progress(path)
    assert "delete 00000001.h5" in caught.value.hint


def test_a_missing_slot_is_refused(model, tmp_path):
    path = save_at(tmp_path / "state", model, 1)
    with h5py.File(path, "r+") as file:
        name = next(n for n in file["optimizer"] if "velocity" in n)
        del file["optimizer"][name]
    with pytest.raises(StorageError, match="cannot be used") as caught:
        state.restore(path, model)
    assert "no value for the optimizer's" in caught.value.received


def test_a_failed_write_leaves_nothing_beside(model, tmp_path, monkeypatch):
    def broken(*args):
        raise RuntimeError("unable to flush file's cached information")

    monkeypatch.setattr(state, "_write", broken)
    with pytest.raises(StorageError, match="Cannot write"):
        save_at(tmp_path / "state", model, 1)
    assert not list((tmp_path / "state").iterdir())
