"""Runs side by side: numbers, times, one picture; what cannot be compared."""

import dataclasses
import json

import numpy as np
import pytest

import kerasnotes as kn
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.contracts.report import Conditions
from kerasnotes_cli.compare import _fold_rules
from kerasnotes_cli.main import cli
from tests.notes.small import SMALL, write_small

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    data = write_small("made", folder / "data.npz")
    return {
        name: kn.fit(
            name,
            str(data),
            epochs=1,
            quiet=True,
            settings=SMALL[name].settings,
            out=folder / name,
        )
        for name in ("made", "vae", "mlp")
    }


def test_two_generators(runs):
    made, vae = runs["made"], runs["vae"]
    found = kn.compare(made, vae, quick=True, samples=16)
    assert [row.note for row in found.rows] == ["made", "vae"]
    assert [row.calls for row in found.rows] == [64, 1]
    assert all(row.seconds > 0 for row in found.rows)
    table = found.table()
    split = kn.data(made.record["config"]["data"]["source"]).test
    alone = made.model.measure(split, Conditions())["nats"]
    assert table["nats"] == [pytest.approx(alone), None, None]
    weights = made.model.trainable_variables
    assert table["parameters"][0] == sum(np.size(w) for w in weights)
    picture = found.figures["samples"]
    assert np.asarray(picture).std() > 10


def test_the_verb(runs, tmp_path, monkeypatch, capsys):
    paths = [runs[name].path for name in ("made", "vae")]
    monkeypatch.chdir(tmp_path)
    given = ["compare", *map(str, paths), "--quick", "-n", "16", "--json"]
    cli.main(given, standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert [row["note"] for row in told["runs"]] == ["made", "vae"]
    assert (tmp_path / told["picture"]).is_file()
    cli.main(given[:-1], standalone_mode=False)
    assert f"kn sample {paths[0]}" in capsys.readouterr().out.split("Next")[1]


def test_rules_that_are_the_same_for_all_are_columns():
    table = {
        "mae": [1.0, 2.0],
        "mae_ridge": [0.5, 0.5],
        "rmse": [3.0, 4.0],
        "rmse_ridge": [3.5, 3.5],
        "rmse_constant": [5.0, 5.0],
        "accuracy_mean": [0.1, 0.2],
        "parameters": [7, 8],
    }
    assert _fold_rules(table, 2) == ("constant", "ridge")
    assert table == {
        "mae": [1.0, 2.0, None, 0.5],
        "rmse": [3.0, 4.0, 5.0, 3.5],
        "accuracy_mean": [0.1, 0.2, None, None],
        "parameters": [7, 8, None, None],
    }


def test_what_cannot_be_compared(runs):
    with pytest.raises(UsageError, match="nothing to compare"):
        kn.compare(runs["made"])
    with pytest.raises(UsageError, match="one task") as caught:
        kn.compare(runs["made"], runs["mlp"])
    assert "kn runs" in str(caught.value.hint)
    data = {**runs["vae"].record["data"], "fingerprint": "of others"}
    record = {**runs["vae"].record, "data": data}
    other = dataclasses.replace(runs["vae"], record=record)
    with pytest.raises(DataError, match="different data"):
        kn.compare(runs["made"], other)
