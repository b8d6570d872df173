"""A language learned in its order: what a batch is, and a run resumed."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.data.batches import Batches
from kerasnotes.data.load import load
from kerasnotes.notes import find
from kerasnotes.runtime import setup
from kerasnotes.training import fit, settings, state
from kerasnotes.training.progress import Quiet
from tests.checks import Stop
from tests.hdf5_arrays import read_arrays

LINES = "the cat sat on the mat\nthe dog sat on the log\n" * 20


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.txt"
    path.write_text(LINES)
    return path


@pytest.mark.once
def test_rows_go_on_and_are_of_the_seed_and_the_epoch_alone(book):
    letters = np.random.default_rng(0).integers(97, 123, 1_500)
    book.write_text("".join(map(chr, letters)))
    data = load(DataConfig(source=str(book), window=8))
    ids = data.train.ids

    def make(start=0, seed=3):
        return Batches(
            data.train,
            data.spec,
            batch_size=5,
            seed=seed,
            streams=True,
            start=start,
        )

    batches = make()
    steps = batches.steps
    assert steps == len(data.train) // 5
    epochs = []
    for epoch in range(3):
        read = [batches[epoch * steps + n] for n in range(steps)]
        x = np.concatenate([one[0] for one in read], axis=1)
        y = np.concatenate([one[1] for one in read], axis=1)
        np.testing.assert_array_equal(x[:, 1:], y[:, :-1])
        # End to end, the rows are one stretch of the text.
        whole = x.reshape(-1)
        places = [
            n
            for n in range(len(ids) - len(whole))
            if (ids[n : n + len(whole)] == whole).all()
        ]
        assert places
        epochs.append(whole)
    assert any((one != epochs[0]).any() for one in epochs[1:])
    later = make(start=steps + 2)
    for n in range(3):
        np.testing.assert_array_equal(later[n][0], batches[steps + 2 + n][0])


def test_a_run_that_was_stopped_ends_the_same(book, tmp_path):
    blocks = {
        "model": {"widths": [3], "embedding": 3},
        "data": {"source": str(book), "window": 8, "test": 0.3},
        "train": {"epochs": 2, "batch_size": 16},
    }

    def start(name, reporter):
        given = settings.make(find("lstm"), blocks)
        return fit.start(given, setup.setup(), reporter, out=tmp_path / name)

    start("whole", Quiet())
    assert start("cut", Stop()).stopped == "interrupted"
    assert not fit.resume(tmp_path / "cut", {}, setup.setup(), Quiet()).stopped
    one, other = (
        read_arrays(state.latest(tmp_path / name / "state"))
        for name in ("whole", "cut")
    )
    assert one.keys() == other.keys()
    # The states of 16 rows, which end elsewhere than at zero.
    carried = [a for a in one.values() if a.shape == (16, 3)]
    assert len(carried) >= 2
    assert all(np.abs(a).max() > 0 for a in carried)
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)
