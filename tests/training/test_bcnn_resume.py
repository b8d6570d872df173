"""A Bayesian CNN that was stopped ends bit for bit as one that was not."""

import numpy as np
import pytest

from kerasnotes.contracts.report import Report
from kerasnotes.notes import find
from kerasnotes.tasks.bayesian_classification import BayesianClassification
from kerasnotes.training import settings, state

from .conftest import Stopper, assert_same_end, read_state

GIVEN = {
    "model": {"width": 0.3, "kl": "blundell"},
    "data": {"source": "digits", "augment": "none"},
    "train": {"epochs": 3, "batch_size": 256, "ema": 0.9},
}
"""Three epochs of four steps."""


@pytest.fixture
def make_settings(monkeypatch):
    """Settings of a small network; nothing is measured at the end."""
    task = BayesianClassification
    monkeypatch.setattr(task, "evaluate", lambda *args: Report({}))

    def make():
        return settings.make(find("bcnn"), GIVEN)

    return make


def test_draws_and_the_place_in_the_epoch_go_on(start, resume, tmp_path):
    start("whole")
    assert start("cut", Stopper(1, 2)).stopped == "interrupted"
    folder = tmp_path / "cut"
    assert resume(folder, Stopper(2)).stopped == "interrupted"
    assert resume(folder).stopped == ""
    assert_same_end(tmp_path / "whole", folder)
    arrays = read_state(state.latest(folder / "state"))
    # Blundell's share of a step follows from this count.
    scalars = [
        float(value)
        for name, value in arrays.items()
        if name.startswith("model/") and np.ndim(value) == 0
    ]
    assert 12.0 in scalars
