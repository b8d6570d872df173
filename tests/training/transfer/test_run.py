"""A run that begins with another's weights, whole and interrupted."""

import dataclasses
import json

import numpy as np
import pytest

from kerasnotes.base.errors import KerasNotesError, UsageError
from kerasnotes.runs.saving import load_model
from kerasnotes.training import fit, state
from kerasnotes.training.progress import Quiet
from kerasnotes.use.fit import FitRequest
from kerasnotes.use.fit import fit as use_fit
from tests.checks import to_numpy
from tests.training.conftest import Stopper, assert_same_end

SHORT = {"note": "mlp", "batch_size": 256, "augment": "none"}
STEPS = 4
"""Of an epoch."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("source")


@pytest.fixture
def source(start, cache):
    if not (cache / "run").exists():
        start(cache / "run", **SHORT, epochs=1)
    return str(cache / "run")


def layer(path, name):
    model = load_model(path / "model.keras")
    return [to_numpy(w) for w in model.get_layer(name).weights]


@pytest.mark.once
@pytest.mark.parametrize("ema", [None, 0.9])
def test_two_stages_end_the_same_wherever_they_are_cut(
    source, ema, start, resume, tmp_path
):
    options = {
        **SHORT,
        "epochs": 3,
        "start_from": source,
        "freeze": ["dense1"],
        "unfreeze_after": 1,
        "lr_scale": 0.3,
        "ema": ema,
    }
    start("whole", **options)
    # In the first stage, at its end, and in the second.
    for name, epochs, step in (("a", 0, 2), ("b", 0, STEPS), ("c", 1, 2)):
        stopped = start(name, Stopper(epochs + 1, step), **options)
        assert stopped.stopped == "interrupted"
        resume(tmp_path / name)
        assert_same_end(tmp_path / "whole", tmp_path / name)
    record = json.loads((tmp_path / "whole" / "run.json").read_text())
    assert record["config"]["train"]["freeze"] == ["dense1"]


def test_frozen_layers_are_the_sources(source, start, tmp_path):
    from pathlib import Path

    options = {**SHORT, "epochs": 1, "start_from": source}
    start("run", **options, freeze=["dense1*"])
    for one, other in zip(
        layer(tmp_path / "run", "dense1"),
        layer(Path(source), "dense1"),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.once
def test_a_run_killed_before_its_first_checkpoint_copies_again(
    source, start, resume, tmp_path, monkeypatch
):
    options = {**SHORT, "epochs": 2, "start_from": source}
    start("whole", **options)

    def killed(*args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(fit.loop, "_save_first", killed)
        with pytest.raises(SystemExit):
            start("cut", **options)
    assert not state.list_states(tmp_path / "cut" / "state")
    resume(tmp_path / "cut")
    assert_same_end(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.once
def test_the_same_from_scratch_stands_beside(source, tmp_path):
    request = FitRequest(
        note="mlp",
        train={"start_from": source, "epochs": 1, "batch_size": 512},
        augment="none",
        out=tmp_path / "run",
        backend=None,
    )
    outcome = use_fit(request, Quiet())
    scratch = json.loads(
        (tmp_path / "run" / "from_scratch" / "run.json").read_text()
    )
    metrics = outcome.record["metrics"]
    assert metrics["accuracy_from_scratch"] == scratch["metrics"]["accuracy"]
    assert scratch["config"]["train"]["start_from"] is None
    assert scratch["config"]["model"] == outcome.record["config"]["model"]
    alone = dataclasses.replace(request, out=tmp_path / "two", baseline=False)
    use_fit(alone, Quiet())
    assert not (tmp_path / "two" / "from_scratch").exists()


@pytest.mark.once
def test_another_notes_run_is_refused_before_a_framework(source, tmp_path):
    request = FitRequest(note="cnn", train={"start_from": source})
    with pytest.raises(UsageError, match="another note") as caught:
        use_fit(request, Quiet())
    assert "kn fit mlp --from" in str(caught.value)


def settings_of(**train):
    from kerasnotes.notes import find
    from kerasnotes.use import fit as uses

    request = FitRequest(
        note="backbone",
        train={"start_from": "efficientnet_lite0", **train},
    )
    return uses._make_settings(request, find("backbone"))


@pytest.mark.once
def test_a_body_stays_as_it_is_unless_another_way_is_told():
    quick = settings_of()
    assert quick.train.freeze == ("copied",)
    assert quick.data.augment == "none"
    assert quick.data.image_size == 224
    told = settings_of(lr_scale=0.1)
    assert told.train.freeze == ()
    assert told.data.augment is None
    assert told.model.body == "efficientnet_lite0"


@pytest.mark.once
@pytest.mark.parametrize(
    ("note", "source", "said"),
    [
        ("cnn", "efficientnet_lite0", "kn fit backbone --from"),
        ("backbone", "keras_cv:resnet50", "keras_hub:FOLDER"),
        ("backbone", "keras_hub:nowhere", "no preset of KerasHub"),
        ("backbone", "keras.applications:Nothing", "no such body"),
    ],
)
def test_sources_that_a_note_does_not_take(note, source, said):
    request = FitRequest(note=note, train={"start_from": source})
    with pytest.raises(KerasNotesError) as caught:
        use_fit(request, Quiet())
    assert said in str(caught.value)
