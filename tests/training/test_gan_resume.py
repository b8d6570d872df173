"""A GAN that was stopped ends bit for bit as one that was not."""

import numpy as np
import pytest

from kerasnotes.contracts.report import Report
from kerasnotes.notes import find
from kerasnotes.tasks.generation import Generation
from kerasnotes.training import settings, state

from .conftest import Stopper, assert_same_end, read_state

BLOCKS = {
    "model": {"widths": [8], "latent": 3, "dropout": 0.2},
    "data": {"source": "ring"},
    "train": {"epochs": 3, "batch_size": 1024, "ema": 0.9},
}


@pytest.fixture
def make_settings(monkeypatch):
    """Settings of a small GAN; nothing is measured at the end."""
    monkeypatch.setattr(Generation, "evaluate", lambda *args: Report({}))

    def make(**model):
        blocks = {**BLOCKS, "model": {**BLOCKS["model"], **model}}
        return settings.make(find("gan"), blocks)

    return make


@pytest.mark.once
def test_both_optimizers_and_all_seeds_go_on(start, resume, tmp_path):
    """Of the one with repeated steps; r1's is in `test_every_note.py`."""
    model = {"loss": "wasserstein", "critic_steps": 2}
    start("whole", **model)
    assert start("cut", Stopper(1, 2), **model).stopped == "interrupted"
    folder = tmp_path / "cut"
    outcome = resume(folder)
    assert (outcome.stopped, outcome.record["best"]["epoch"]) == ("", 3)
    assert_same_end(tmp_path / "whole", folder)
    arrays = read_state(state.latest(folder / "state"))
    counts = [
        int(arrays[f"optimizer/{player}|iteration"])
        for player in ("discriminator", "generator")
    ]
    assert counts == [15 * 2, 15]
    # A picture of the same noise after every epoch, resumed or not.
    drawn = sorted(path.name for path in (folder / "progress").iterdir())
    assert drawn == [f"epoch-{n:03d}.png" for n in (1, 2, 3)]
    check_averages_are_best(arrays)


def check_averages_are_best(arrays):
    """What is sampled are the generator's averages, and no other's."""
    names = [n for n in arrays if n.endswith("_average")]
    assert names
    assert all("generator|g_" in name for name in names)
    best = [value for name, value in arrays.items() if name.startswith("best/")]
    for name in names:
        assert any(np.array_equal(arrays[name], array) for array in best), name
