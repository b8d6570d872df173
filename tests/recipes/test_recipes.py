"""A new note and a new task, as ARCHITECTURE.md says they are added."""

import pytest

from kerasnotes.notes import NOTES, Note
from kerasnotes.runtime import setup
from kerasnotes.tasks.catalog import TASKS
from kerasnotes.training import fit, settings
from kerasnotes.training.progress import Quiet

SOFTMAX = Note(
    name="softmax",
    family="dense",
    task="top-k",
    data="digits",
    summary="Softmax regression: one layer, a probability a class",
    package="tests.recipes.softmax",
    model="Softmax",
)


@pytest.mark.once
def test_a_new_note_of_a_new_task_is_trained_and_measured(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(NOTES, "softmax", SOFTMAX)
    monkeypatch.setitem(TASKS, "top-k", "tests.recipes.top_k:TopK")
    train = {"epochs": 3, "learning_rate": 0.02}
    blocks = {"model": {"l2": 1e-4}, "data": {}, "train": train}
    given = settings.make(NOTES["softmax"], blocks)
    outcome = fit.start(given, setup.setup(), Quiet(), out=tmp_path / "run")
    metrics = outcome.record["metrics"]
    assert outcome.record["best"]["metric"] == "val_top_k"
    assert metrics["top_k"] > metrics["accuracy"] > 0.5
    assert (tmp_path / "run" / "predictions.png").is_file()
