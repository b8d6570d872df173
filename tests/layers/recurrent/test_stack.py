"""Stacks of recurrent layers."""

import keras
import pytest
from keras.src.saving.serialization_lib import ObjectSharingScope

from kerasnotes.layers.recurrent.stack import Recurrence

pytestmark = pytest.mark.once


def test_both_ways_are_made_whenever_a_file_is_read():
    # One in ten failed: a layer that was given up left its `id` to the next.
    recurrence = Recurrence("lstm", (3, 4, 5, 3), bidirectional=True)
    with ObjectSharingScope():
        graphs = [recurrence(keras.Input((5, 2))) for _ in range(10)]
    assert all(x.shape == (None, 6) for x in graphs)
