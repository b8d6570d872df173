"""What every note must do, on every backend: see `checks.check_note`."""

import pytest

from kerasnotes.contracts.report import Report
from kerasnotes.figures import curves
from kerasnotes.notes import NOTES
from kerasnotes.tasks.catalog import find_task
from kerasnotes.training import finishing, session
from tests.checks import check_note
from tests.notes.small import SMALL


@pytest.fixture
def without_figures(monkeypatch):
    """Every step is reported; measuring and drawing have their own tests."""
    monkeypatch.setattr(session, "TICK", 0.0)
    monkeypatch.setattr(
        finishing, "measure", lambda *given: ("test", Report({}))
    )
    monkeypatch.setattr(curves, "draw_curves", lambda rows, path: path.touch())
    for note in NOTES.values():
        task = find_task(note.tasks[0]).load()
        monkeypatch.setattr(
            task, "draw_predictions", lambda task, m, s, path: path.touch()
        )


# Their steps are Keras' own, and what they keep are weights and seeds, as in
# those of the others; parity trains or asks each on every backend.
PLAIN = {
    "cnn",
    "ucnn",
    "vgg16",
    "backbone",
    "rnn",
    "tcn",
    "transformer",
    "unet",
}
NAMES = [
    pytest.param(name, marks=pytest.mark.once if name in PLAIN else ())
    for name in NOTES
]


@pytest.mark.large
@pytest.mark.parametrize("name", NAMES)
def test_every_note(name, tmp_path, without_figures):
    check_note(name, tmp_path)


@pytest.mark.once
def test_every_note_has_a_line():
    assert SMALL.keys() == NOTES.keys()
