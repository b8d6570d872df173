"""What ends a run early, and what it leaves behind."""

import math
import types

import numpy as np
import pytest

from kerasnotes.base import files
from kerasnotes.base.errors import DivergedError, OutOfMemoryError
from kerasnotes.data.batches import Batches
from kerasnotes.training import session, state
from kerasnotes.training.keeper import Keeper
from kerasnotes.training.progress import Quiet
from kerasnotes.training.session import Session
from kerasnotes.training.state import Progress

from .conftest import Stopper, read_state

SHORT = {"note": "mlp", "batch_size": 256, "epochs": 4}
"""Epochs of four steps."""


class FullMemory(Stopper):
    """Runs out of memory in some step, so many times.

    Args:
        step: Number of the step, from 1, in the first epoch.
        times: How often.
    """

    def __init__(self, step, times=1):
        super().__init__(epoch=0)
        self.at, self.times = step, times

    def step(self, epoch, step, values):
        if self.times and (epoch, step) == (0, self.at):
            self.times -= 1
            raise MemoryError("no room for the tensor")


@pytest.fixture
def spoilt(monkeypatch):
    """From step `first` on, every input is NaN."""

    def spoil(first):
        make = Batches._make

        def poisoned(batches, index):
            x, *rest = make(batches, index)
            nan = batches.shuffle and index >= first
            return (x * np.nan if nan else x, *rest)

        monkeypatch.setattr(Batches, "_make", poisoned)

    return spoil


@pytest.mark.once
def test_the_time_limit_stops_saves_and_measures(start, resume, tmp_path):
    outcome = start(**SHORT, time_limit=1e-9)
    folder = tmp_path / "run"
    assert outcome.stopped == outcome.record["status"] == "time limit"
    newest = state.latest(folder / "state")
    # Not even the first step is left half-done, and none follows it.
    assert newest.stem == "00000001"
    assert set(outcome.record["metrics"]) >= {"accuracy", "loss"}
    assert (folder / "model.keras").is_file()
    again = resume(folder, time_limit=1e9)
    assert again.record["status"] == "finished"
    assert again.record["epochs"] == 4


@pytest.mark.once
def test_early_stopping_counts_epochs_without_improvement(
    start, monkeypatch, tmp_path
):
    values = iter([0.5, 0.4, 0.6, 0.6, 0.1, 0.9])
    to_floats = session.to_floats

    def scripted(logs):
        metrics = to_floats(logs)
        if "val_accuracy" in metrics:
            metrics["val_accuracy"] = next(values)
        return metrics

    monkeypatch.setattr(session, "to_floats", scripted)
    outcome = start(**{**SHORT, "epochs": 6}, early_stop=2)
    assert outcome.stopped == outcome.record["status"] == "early stop"
    # 0.6 again is no improvement.
    assert outcome.record["epochs"] == 5
    assert outcome.record["best"]["epoch"] == 3
    assert outcome.record["best"]["value"] == 0.6
    assert next(values) == 0.9
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {
        *("model.keras", "last.keras", "run.json", "history.csv", "state"),
        *("curves.png", "predictions.png"),
    }
    history = (tmp_path / "run" / "history.csv").read_text().splitlines()
    assert len(history) == 1 + 5
    states = sorted((tmp_path / "run" / "state").iterdir())
    assert len(states) <= 2
    assert states[-1].name == "00000020.h5"


def test_the_model_holds_the_best_epochs_weights(start, tmp_path, monkeypatch):
    from kerasnotes.runs import saving

    values, remembered = iter([0.5, 0.9, 0.6]), []
    to_floats = session.to_floats

    def scripted(logs):
        metrics = to_floats(logs)
        if "val_accuracy" in metrics:
            metrics["val_accuracy"] = next(values)
        return metrics

    remember = Keeper.remember_best

    def watched(self, weights):
        remembered.append(weights)
        remember(self, weights)

    monkeypatch.setattr(session, "to_floats", scripted)
    monkeypatch.setattr(Keeper, "remember_best", watched)
    start(**{**SHORT, "epochs": 3}, ema=0.9)
    assert len(remembered) == 2
    model = saving.load_model(tmp_path / "run" / "model.keras")
    best = [array for array in remembered[1] if array.dtype.kind == "f"]
    for weight, array in zip(model.get_weights(), best, strict=True):
        np.testing.assert_array_equal(weight, array)
    newest = read_state(state.latest(tmp_path / "run" / "state"))
    assert not np.array_equal(newest["best/0"], newest["model/0"])


@pytest.mark.parametrize("first", [0, 6])
def test_a_loss_that_is_not_finite_ends_the_run(start, tmp_path, spoilt, first):
    spoilt(first)
    with pytest.raises(DivergedError, match="diverged") as caught:
        start(**SHORT, learning_rate=3e-3)
    assert caught.value.exit_code == 6
    assert "--learning-rate 0.001" in caught.value.hint
    assert ("the best model (epoch 1) is kept" in caught.value.hint) == (
        first > 0
    )
    folder = tmp_path / "run"
    assert files.read_json(folder / "run.json")["status"] == "diverged"
    assert (folder / "model.keras").exists() == (first > 0)
    arrays = read_state(state.latest(folder / "state"))
    for array in arrays.values():
        assert np.isfinite(array).all()
    newest = state.latest(folder / "state")
    assert state.read_progress(newest).steps_done <= first


@pytest.fixture
def watching():
    """A session that watches a run whose first epoch's loss was 1."""
    progress = Progress(epoch=1, history=[{"loss": 1.0}])
    holder = types.SimpleNamespace(progress=progress)
    plan = types.SimpleNamespace(loss_may_grow=False)
    return Session(plan, holder, 1, Quiet())


@pytest.mark.once
@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, 3.1])
def test_divergence_is_nan_infinity_or_growth(watching, loss):
    with pytest.raises(DivergedError, match="epoch 2, step 7"):
        watching._check({"loss": loss}, 7)


@pytest.mark.once
def test_no_divergence(watching):
    watching._check({"loss": 2.9}, 7)
    watching.progress.history = []
    watching._check({"loss": 1e6}, 7)


def test_full_memory_halves_the_batch_but_not_the_step(start, tmp_path):
    plain = {"dropout": 0.0, "normalization": "none"}
    options = {**SHORT, "model": plain, "augment": "none", "epochs": 2}
    start("whole", **options)
    reporter = FullMemory(step=3)
    outcome = start("cut", reporter, **options)
    assert any(
        "2 x 128, accumulated to the same 256" in t for t in reporter.messages
    )
    assert outcome.record["status"] == "finished"
    paths = [state.latest(tmp_path / n / "state") for n in ("whole", "cut")]
    one, other = [state.read_progress(path) for path in paths]
    assert (one.parts, other.parts) == (1, 2)
    assert one.steps_done == other.steps_done == 8
    one, other = [read_state(path) for path in paths]
    for name in one:
        if name.startswith("model/"):
            np.testing.assert_allclose(
                other[name], one[name], atol=1e-5, rtol=0, err_msg=name
            )


def test_full_memory_twice_means_a_quarter(start, tmp_path):
    reporter = FullMemory(step=1, times=2)
    start("run", reporter, **{**SHORT, "epochs": 1})
    newest = state.latest(tmp_path / "run" / "state")
    assert state.read_progress(newest).parts == 4
    assert any("4 x 64" in text for text in reporter.messages)


def test_not_even_one_example_fits(start):
    with pytest.raises(OutOfMemoryError, match="Not even one") as caught:
        start(note="mlp", batch_size=2, reporter=FullMemory(1, times=99))
    assert caught.value.exit_code == 4
    assert "no room for the tensor" in caught.value.received


def test_other_errors_are_not_taken_for_full_memory(start):
    class Broken(Quiet):
        def step(self, epoch, step, values):
            raise ZeroDivisionError("a mistake of ours")

    with pytest.raises(ZeroDivisionError):
        start(**SHORT, reporter=Broken())


@pytest.mark.once
def test_what_reading_fails_with_reaches_the_user(start, monkeypatch):
    from kerasnotes.base.errors import DataError

    def unreadable(batches, index):
        raise DataError("image.png is damaged.")

    monkeypatch.setattr(Batches, "_make", unreadable)
    with pytest.raises(DataError, match=r"image\.png is damaged"):
        start(**SHORT)


@pytest.mark.once
def test_a_loss_that_may_grow_is_watched_for_infinity_only(watching):
    watching.plan.loss_may_grow = True
    watching._check({"loss": 1e6}, 7)
    with pytest.raises(DivergedError, match="epoch 2, step 7"):
        watching._check({"loss": math.inf}, 7)
