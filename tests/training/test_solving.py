"""Runs whose note solves an epoch at once: stopped, gone on with, refused."""

import signal

import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.notes import find
from kerasnotes.notes.kan import solver
from kerasnotes.runs import saving
from kerasnotes.training import fit, settings, solving
from kerasnotes.training.progress import Quiet
from tests.hdf5_arrays import read_arrays

OWN = {"widths": [2], "grids": [3, 6], "iterations": 30}


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.setattr(solving, "TICK", 0.0)
    monkeypatch.setattr(solver, "STARTS", 2)
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (800, 2))
    y = np.exp(np.sin(np.pi * x[:, 0]) + x[:, 1] ** 2)
    path = tmp_path / "table.csv"
    rows = np.column_stack([x, y])
    np.savetxt(path, rows, delimiter=",", header="a,b,f", comments="")
    return path


def make(table, note="kan", own=None, **train):
    blocks = {
        "model": OWN if own is None else own,
        "data": {"source": str(table), "target": "f"},
        "train": train,
    }
    return settings.make(find(note), blocks)


class Stopper(Quiet):
    """Presses Ctrl-C within an epoch."""

    def __init__(self, epoch):
        self.at, self.rows, self.pressed = epoch, [], False

    def step(self, epoch, step, values):
        # Once: a second one stops at once, and saves nothing.
        if epoch == self.at and not self.pressed:
            self.pressed = True
            signal.raise_signal(signal.SIGINT)

    def epoch(self, row):
        self.rows.append(row)


def end_of(folder):
    (path,) = sorted((folder / "state").glob("*.h5"))[-1:]
    weights = saving.load_model(folder / "model.keras").get_weights()
    return read_arrays(path), weights


def train(given, choice, out, reporter=None):
    return fit.start(given, choice, reporter or Quiet(), out=out, report=False)


def test_stopped_within_an_epoch_it_ends_bit_identical(table, tmp_path, choice):
    given, cut, stopper = make(table, epochs=2), tmp_path / "cut", Stopper(1)
    assert not train(given, choice, tmp_path / "whole").stopped
    assert train(given, choice, cut, stopper).stopped == "interrupted"
    assert len(stopper.rows) == 1
    assert not fit.resume(cut, {}, choice, Quiet(), report=False).stopped
    (state, weights), (again, others) = map(end_of, (tmp_path / "whole", cut))
    assert state.keys() == again.keys()
    for name, array in state.items():
        np.testing.assert_array_equal(array, again[name], err_msg=name)
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.once
def test_it_is_the_default_of_measured_tables(table, tmp_path, choice):
    watcher = Stopper(None)
    outcome = train(make(table), choice, tmp_path / "run", watcher)
    told = outcome.record["config"]["train"]
    assert told["optimizer"] == "lbfgs"
    assert told["epochs"] == len(OWN["grids"])
    losses = [row["val_loss"] for row in watcher.rows]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.05
    assert outcome.record["best"]["epoch"] == told["epochs"]


@pytest.mark.once
def test_a_run_ends_with_its_formula(table, tmp_path, choice, monkeypatch):
    monkeypatch.setattr(solver, "STARTS", 6)
    own = {"widths": [1], "grids": [3, 6], "iterations": 100}
    outcome = fit.start(
        make(table, own=own), choice, Quiet(), out=tmp_path / "run"
    )
    (found,) = outcome.record["formulae"]
    assert found["formula"] == "exp(b**2 + sin(pi*a))"
    assert found["holds"]
    assert found["rmse"] < 1e-6 < found["network_rmse"]
    told = (tmp_path / "run" / "formula.txt").read_text()
    assert told == "f = exp(b**2 + sin(pi*a))\n"
    assert "\\pi" in (tmp_path / "run" / "formula.tex").read_text()
    assert (tmp_path / "run" / "formula.png").exists()
    space = {}
    exec((tmp_path / "run" / "formula.py").read_text(), space)
    assert space["f"](0.5, 2.0) == pytest.approx(np.exp(5))


@pytest.mark.once
def test_a_time_limit_ends_an_epoch_early(table, tmp_path, choice, monkeypatch):
    given = make(table, epochs=500, time_limit=1.0)
    outcome = train(given, choice, tmp_path / "run")
    assert outcome.stopped == "time limit"
    assert 1 <= outcome.record["epochs"] < 500
    assert (tmp_path / "run" / "model.keras").exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("note", "own", "wrong", "told"),
    [
        ("mlp", {}, {}, "cannot train `mlp`"),
        ("kan", OWN, {"ema": 0.9}, "knows no train.ema"),
        ("kan", OWN, {"loss": "huber"}, "knows no train.loss"),
        ("kan", OWN, {"weight_decay": 0.1}, "no train.weight_decay"),
    ],
)
def test_what_has_no_meaning_is_refused(
    table, tmp_path, choice, note, own, wrong, told
):
    given = make(table, note, own, optimizer="lbfgs", **wrong)
    with pytest.raises(UsageError) as caught:
        train(given, choice, tmp_path / "run")
    assert told in str(caught.value)
    assert caught.value.received
    assert not (tmp_path / "run").exists()
