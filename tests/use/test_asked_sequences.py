"""Sequences: trained on, measured, asked about from every file, exported."""

import json

import numpy as np
import pytest

from kerasnotes import api
from kerasnotes.base.errors import DataError
from kerasnotes.data.exporting import export
from kerasnotes.data.load import load
from kerasnotes.use.predict import to_inputs
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


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sequences")
    path = write_table(folder / "set.csv", VALUES, TARGETS)
    return api.fit(
        "tcn",
        data=str(path),
        out=str(folder / "run"),
        set={"filters": 8, "levels": 1, "dropout": 0.0, "train.epochs": 12},
    )


def test_it_learns_and_is_measured(run, tmp_path):
    metrics = json.loads((run.path / "run.json").read_text())["metrics"]
    assert metrics["accuracy"] > 0.9
    assert (run.path / "predictions.png").stat().st_size > 0
    own = run.evaluate()
    assert own["accuracy"] == pytest.approx(metrics["accuracy"])
    other = write_folder(tmp_path / "other", VALUES[:20], TARGETS[:20])
    assert run.evaluate(data=str(other))["accuracy"] > 0.9
