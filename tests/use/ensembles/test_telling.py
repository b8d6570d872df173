"""Members' data are told of once, their training each time."""

import pytest

from kerasnotes.training.progress import Quiet
from kerasnotes.use.ensembles.telling import ToldOnce

pytestmark = pytest.mark.once


class Ear(Quiet):
    def __init__(self):
        self.heard = []

    def say(self, text):
        self.heard.append(text)

    def epoch(self, row):
        self.heard.append(row["loss"])


def test_what_is_said_before_training_is_said_once():
    ear = Ear()
    told = ToldOnce(ear)
    for member in (1, 2):
        told.start(f"member {member}:")
        told.say("columns a, b")
        told.say(f"fold {member}")
        told.begin(1, 1, "loss")
        told.step(0, 0, {})
        told.say("the time allows less")
        told.epoch({"loss": 1.0})
        told.end()
        told.say("best epoch 1")
    trained = ["the time allows less", 1.0, "best epoch 1"]
    assert ear.heard == [
        *("member 1:", "columns a, b", "fold 1", *trained),
        *("member 2:", "fold 2", *trained),
    ]
