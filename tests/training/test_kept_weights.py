"""Which weights a run keeps: the best, the last, and of few examples."""

import numpy as np
import pytest

from kerasnotes.base import files
from kerasnotes.runs import saving
from kerasnotes.training import session, state

from .conftest import Stopper, read_state

SHORT = {"note": "mlp", "batch_size": 256, "augment": "none"}
"""Epochs of four steps."""


@pytest.fixture
def script(monkeypatch):
    """Makes a validation metric what is asked for, epoch by epoch."""

    def scripted(name, values):
        left, to_floats = iter(values), session.to_floats

        def replaced(logs):
            metrics = to_floats(logs)
            return metrics | {name: next(left)} if name in metrics else metrics

        monkeypatch.setattr(session, "to_floats", replaced)

    return scripted


@pytest.mark.once
def test_few_validation_examples_choose_no_epoch(start, script, tmp_path):
    script("val_mean_iou", [0.9, 0.5, 0.4])
    reporter = Stopper(99)
    outcome = start("run", reporter, epochs=3)
    assert any("Only 8 validation examples" in t for t in reporter.messages)
    assert outcome.record["best"] == {"epoch": 3, "metric": None, "value": None}
    assert not (tmp_path / "run" / "last.keras").exists()


def test_the_last_weights_lie_beside_the_best_while_they_differ(
    start, resume, script, tmp_path
):
    script("val_accuracy", [0.5, 0.9, 0.6, 0.95])
    start("run", **SHORT, epochs=3, ema=0.9)
    folder = tmp_path / "run"
    arrays = read_state(state.latest(folder / "state"))
    averages = [v for n, v in arrays.items() if n.endswith("_average")]
    last = saving.load_model(folder / "last.keras").get_weights()
    best = saving.load_model(folder / "model.keras").get_weights()
    for average in averages:
        assert any(np.array_equal(average, weight) for weight in last)
    assert not np.array_equal(last[0], best[0])
    record = files.read_json(folder / "run.json")
    assert record["best"]["epoch"] == 2
    resume(folder, epochs=4)
    assert files.read_json(folder / "run.json")["best"]["epoch"] == 4
    assert not (folder / "last.keras").exists()


@pytest.mark.once
def test_what_an_epoch_is_is_said_where_it_is_not_one_pass(start):
    reporter = Stopper(99)
    start("run", reporter, **SHORT, epochs=1, passes=3)
    # Of 1,294 training digits, in batches of 256.
    assert any(
        "An epoch is 3 passes over the training part, 1" in text
        for text in reporter.messages
    )
