"""Which note can do what, and what finds a misspelt hook."""

import inspect
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from kerasnotes.contracts import capabilities
from kerasnotes.notes import NOTES
from tests.conftest import ROOT
from tests.notes.small import make_small

CAPABILITIES = {
    name: found
    for name, found in vars(capabilities).items()
    if inspect.isclass(found) and found.__module__ == capabilities.__name__
}
CAN = {
    "mlp": {"SolvesStart", "TellsContext"},
    "kan": {
        "FindsFormulae",
        "Remarks",
        "ShowsEdges",
        "SolvesEpochs",
        "SolvesStart",
        "TellsContext",
    },
    "inn": {
        "AnswersIntervals",
        "LearnsInStages",
        "SolvesEpochs",
        "SolvesStart",
        "TellsContext",
    },
    "cnn": {"TellsContext"},
    "rnn": {
        "CarriesState",
        "CarriesTraining",
        "ReadsSteps",
        "SolvesStart",
        "TellsContext",
        "Translates",
    },
    "lstm": {
        "CarriesState",
        "CarriesTraining",
        "ReadsSteps",
        "SolvesStart",
        "TellsContext",
        "Translates",
    },
    "tcn": {"SolvesStart", "TellsContext"},
    "transformer": {
        "ReadsSteps",
        "ShowsAttention",
        "SolvesStart",
        "TellsContext",
        "Translates",
    },
    "ucnn": {"TellsContext"},
    "vgg16": {"TellsContext"},
    "resnet": {"TellsContext"},
    "backbone": {"TellsContext"},
    "snn": {"ShowsSpikes", "TellsContext"},
    "unet": {"TellsContext"},
    "bcnn": {
        "Bayesian",
        "PreparesTraining",
        "Prunes",
        "ServesMore",
        "TellsContext",
    },
    "vae": {"Generates", "Measures", "Encodes", "ServesMore"},
    "pixelcnn": {"Generates", "Measures", "Restores"},
    "made": {"Generates", "Measures", "Restores"},
    "gan": {
        "Generates",
        "DrawsEpochs",
        "HasPhases",
        "PreparesTraining",
        "Remarks",
    },
    "ddpm": {
        "Generates",
        "Measures",
        "Restores",
        "ServesMore",
        "ServesSampler",
    },
}


@pytest.mark.parametrize("name", NOTES)
def test_what_a_note_can_do(name):
    model = make_small(name)
    found = {k for k, kind in CAPABILITIES.items() if isinstance(model, kind)}
    assert found == CAN[name]


@pytest.mark.parametrize("name", NOTES)
def test_asking_changes_nothing(name):
    model = make_small(name)
    before, keys = model.get_weights(), set(vars(model))
    for kind in CAPABILITIES.values():
        isinstance(model, kind)
    assert set(vars(model)) == keys
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_bare_keras_model_can_do_nothing_of_it():
    import keras

    x = keras.Input((2,))
    model = keras.Model(x, keras.layers.Dense(1)(x))
    found = [k for k, kind in CAPABILITIES.items() if isinstance(model, kind)]
    assert found == []


NOTES_OF_ONES_OWN = """
from kerasnotes.contracts.capabilities import Measures
from kerasnotes.contracts.note import NoteModel
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import Split


class Right(NoteModel):
    def measure(
        self, split: Split, conditions: Conditions
    ) -> dict[str, float]:
        return {}


class Misspelt(NoteModel):
    def mesure(
        self, split: Split, conditions: Conditions
    ) -> dict[str, float]:
        return {}


right: type[Measures] = Right
misspelt: type[Measures] = Misspelt  # an error


def use(model: NoteModel, split: Split) -> None:
    if isinstance(model, Measures):
        model.measure(split, Conditions())
        model.mesure(split, Conditions())  # an error
"""


@pytest.mark.once
@pytest.mark.large
def test_mypy_finds_a_misspelt_hook(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(NOTES_OF_ONES_OWN)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", path],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
    )
    found = re.findall(r"mine\.py:(\d+): error:", done.stdout)
    lines = NOTES_OF_ONES_OWN.splitlines()
    wrong = [n for n, line in enumerate(lines, 1) if "# an error" in line]
    assert [int(number) for number in found] == wrong, done.stdout
