"""What a model of texts is asked, from Python: texts, and nothing else."""

import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.texts import read_texts
from kerasnotes.use.predict import to_inputs

pytestmark = pytest.mark.once
SPEC = Spec("t", (fields.text(),), (fields.one_class(("a", "b")),))


def asked(value):
    inputs = to_inputs(value, SPEC)
    return [text for one in inputs for text in read_texts(one, SPEC)]


@pytest.mark.parametrize("value", ["so", ["so"], [b"so"], np.array(["so"])])
def test_texts_are_taken(value):
    assert asked(value) == ["so"]


@pytest.mark.parametrize(
    "value",
    [
        [None],
        5,
        [5],
        {"text": ["good"]},
        np.array([[2, 3, 0, 0]]),
        np.array(["good", None], object),
        np.array("good"),
        [["good", "bad"], ["so", "so"]],
        [b"\xff\xfe"],
    ],
)
def test_what_is_no_text_is_refused(value):
    with pytest.raises(DataError):
        asked(value)
