"""A diffusion run keeps its averages; resuming: `test_every_note.py`."""

import numpy as np
import pytest

from kerasnotes.contracts.report import Report
from kerasnotes.runs import saving
from kerasnotes.tasks.generation import Generation
from kerasnotes.training import state

from .conftest import read_state

OPTIONS = {
    "note": "ddpm",
    "augment": "none",
    "model": {"dropout": 0.2, "timesteps": 20, "widths": [8, 8]},
    "batch_size": 256,
    "epochs": 3,
    "ema": 0.9,
}
"""Three epochs of four steps."""


@pytest.fixture(autouse=True)
def without_samples(monkeypatch):
    monkeypatch.setattr(
        Generation, "evaluate", lambda *args: Report({"seen": 1.0})
    )
    monkeypatch.setattr(
        Generation, "draw_predictions", lambda task, m, s, path: path.touch()
    )


def test_the_last_averages_are_what_is_kept(start, tmp_path):
    start("run", **OPTIONS)
    folder = tmp_path / "run"
    path = state.latest(folder / "state")
    assert state.read_progress(path).best_epoch == 3
    model = saving.load_model(folder / "model.keras")
    weights = model.denoiser.get_layer("out").get_weights()[0]
    arrays: dict[str, list[np.ndarray]] = {}
    for name, array in read_state(path).items():
        if array.shape == weights.shape:
            arrays.setdefault(name.split("/")[0], []).append(array)
    assert any(np.array_equal(weights, a) for a in arrays["optimizer"])
    assert not any(np.array_equal(weights, a) for a in arrays["model"])
