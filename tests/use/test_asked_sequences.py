"""Sequences: trained on, measured, asked about from every file, exported."""

import numpy as np
import pytest

from kerasnotes import api
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.exporting import export
from kerasnotes.data.load import load
from tests.sequence_files import (
    as_objects,
    make_sequences,
    padded,
    write_folder,
    write_table,
    write_ts,
)

pytestmark = pytest.mark.once
VALUES, TARGETS = make_sequences(60)


def config(source, **given):
    return DataConfig(source=str(source), **given)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on a long table; classes differ by their level."""
    folder = tmp_path_factory.mktemp("sequences")
    path = write_table(folder / "set.csv", VALUES, TARGETS)
    return api.fit(
        "tcn",
        data=path,
        out=folder / "run",
        epochs=30,
        learning_rate=1e-2,
        settings={"filters": 8, "levels": 1, "dropout": 0.0},
        quiet=True,
    )


def test_it_learns_and_is_measured_on_other_files(run, tmp_path):
    assert run.metrics["accuracy"] > 0.9
    assert (run.path / "predictions.png").stat().st_size > 0
    other = write_folder(tmp_path / "other", VALUES[:20], TARGETS[:20])
    # Of arrays columns have no names: they are taken in their order.
    for source in (other, (VALUES[:20], TARGETS[:20])):
        assert api.evaluate(run, data=source).metrics["accuracy"] > 0.9


def test_every_file_is_answered_alike(run, tmp_path):
    files = write_folder(tmp_path / "files", VALUES, TARGETS)
    np.save(tmp_path / "one.npy", VALUES[0])
    x, lengths = padded(VALUES)
    np.savez(tmp_path / "padded.npz", x=x, lengths=lengths)
    asked = {
        "ts": write_ts(tmp_path / "set.ts", VALUES, TARGETS),
        "table": write_table(tmp_path / "set.csv", VALUES, TARGETS),
        "padded": tmp_path / "padded.npz",
        "objects": as_objects(VALUES),
        "nan": padded(VALUES, np.nan)[0],
        "list": VALUES,
        "npy": tmp_path / "one.npy",
        "file": files / TARGETS[0] / "00.csv",
        "one": VALUES[0],
    }
    first = [one.probability for one in run.predict(asked["ts"])]
    assert len(first) == len(VALUES)
    for way, value in asked.items():
        found = [one.probability for one in run.predict(value)]
        wanted = first if len(found) > 1 else first[:1]
        # A long table has its rows mixed: sequences come as they appear.
        order = sorted if way == "table" else list
        np.testing.assert_allclose(order(found), order(wanted), atol=1e-6)


def test_what_does_not_fit_is_refused_in_words(run):
    wrong = (VALUES[0][:, :1], VALUES[0] * np.nan, np.ones(3), "no.csv")
    for value in wrong:
        with pytest.raises(DataError) as caught:
            run.predict(value)
        assert caught.value.expected
    with pytest.warns(UserWarning, match="the rest is not read"):
        run.predict(np.concatenate([VALUES[0]] * 4))


def test_examples_are_written_as_files_that_are_read_again(tmp_path):
    data = load(config(write_ts(tmp_path / "set.ts", VALUES, TARGETS)))
    export(data, tmp_path / "out", count=6)
    again = load(config(tmp_path / "out", test=0.2, validation=0.2))
    known = {one.tobytes() for one in VALUES}
    assert all(one.tobytes() in known for one in again.train.values)
    assert again.spec.target.classes == data.spec.target.classes
