"""What picks the best epoch."""

import pytest

from kerasnotes.training.plan import Monitor

pytestmark = pytest.mark.once

LOSSES = [{"val_loss": 2.0}, {"val_loss": 1.0}, {"val_loss": 3.0}]


def best(monitor, rows):
    scores = [monitor.score(row, epoch) for epoch, row in enumerate(rows)]
    return scores.index(max(scores))


def test_smaller_or_larger_is_better():
    assert best(Monitor("val_loss", -1), LOSSES) == 1
    assert best(Monitor("val_loss", 1), LOSSES) == 2


def test_without_a_metric_the_last_epoch_is_taken():
    assert best(Monitor(None), LOSSES) == 2
    assert best(Monitor("val_accuracy"), LOSSES) == 2
