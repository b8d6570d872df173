import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.notes import NOTES
from kerasnotes.tasks.catalog import TASKS, make_task
from tests.specs import reflat

pytestmark = pytest.mark.once


def test_every_note_has_a_task_and_every_task_its_name():
    assert {name for note in NOTES.values() for name in note.tasks} <= set(
        TASKS
    )
    for name, known in TASKS.items():
        assert known.load().name == name


def test_a_task_that_is_not_there_is_named(mask_spec):
    with pytest.raises(UsageError, match="did you mean `segmentation`"):
        make_task("segmentatoin", mask_spec)


def test_a_target_that_does_not_fit_names_the_note_that_does(mask_spec):
    labels = reflat(mask_spec, target="class", mask_values=())
    with pytest.raises(UsageError) as caught:
        make_task("segmentation", labels)
    text = str(caught.value)
    assert "one class per example, 4 classes" in text
    assert "one class per pixel" in text
    assert "kn fit mlp" in text
    with pytest.raises(UsageError, match="kn fit unet"):
        make_task("classification", mask_spec)


def test_pictures_without_a_label_are_for_generators(mask_spec):
    pictures = reflat(mask_spec, target="none", classes=(), mask_values=())
    assert make_task("generation", pictures).spec is pictures
    for name in ("classification", "bayesian-classification", "segmentation"):
        with pytest.raises(UsageError, match="kn fit vae|kn fit gan") as caught:
            make_task(name, pictures)
        assert "Received: no label" in str(caught.value)
