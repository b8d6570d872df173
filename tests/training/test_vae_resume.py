"""A VAE that was stopped ends bit for bit as one that was not."""

import pytest

from kerasnotes.contracts.report import Report
from kerasnotes.notes import find
from kerasnotes.tasks.generation import Generation
from kerasnotes.training import settings, state

from .conftest import Stopper, assert_same_end, read_state

GAUSSIAN = {"likelihood": "gaussian", "widths": [4], "hidden": 0}
"""The Bernoulli one is resumed in `test_every_note.py`."""


@pytest.fixture
def make_settings(monkeypatch):
    """Settings of a small VAE; nothing is measured at the end."""
    monkeypatch.setattr(Generation, "evaluate", lambda *args: Report({}))

    def make(**model):
        blocks = {
            "model": {"latent": 3, **model},
            "data": {"source": "digits"},
            "train": {"epochs": 3, "batch_size": 256, "ema": 0.9},
        }
        return settings.make(find("vae"), blocks)

    return make


@pytest.mark.once
def test_weights_averages_and_seeds_go_on(start, resume, tmp_path):
    start("whole", **GAUSSIAN)
    assert start("cut", Stopper(2, 2), **GAUSSIAN).stopped == "interrupted"
    folder = tmp_path / "cut"
    assert resume(folder).stopped == ""
    assert_same_end(tmp_path / "whole", folder)
    arrays = read_state(state.latest(folder / "state"))
    # The learned variance of a Gaussian is a weight like the others.
    assert "optimizer/vae_log_var_average" in arrays
    rows = state.read_progress(state.latest(folder / "state")).history
    assert {"kl", "reconstruction", "val_kl", "val_loss"} <= set(rows[-1])
