"""A served model of texts answers as it did in training, text for text."""

import dataclasses

import keras
import numpy as np
import pytest

from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import train
from kerasnotes.export import worker
from kerasnotes.export.card import make_card, read_card, write_card
from kerasnotes.notes.rnn.config import RNNConfig
from kerasnotes.notes.rnn.note import RNN
from kerasnotes.runs import saving
from kerasnotes.serving.engine.errors import ServingError
from kerasnotes.serving.engine.request_check import check_tensors
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.served_texts import TOKENS, find_texts
from kerasnotes.serving.engine.versions.warmup import warm_up
from kerasnotes.serving.page.surface import describe

pytestmark = pytest.mark.once

LENGTH = 6
TEXTS = (
    "Win a prize, call NOW!",
    "cafe\u0301 \u4f60\u597d \U0001f600",
    "",
    "[PAD] [UNK] never seen",
    "one two three four five six seven eight",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A servable of a small network, and that network."""
    folder = tmp_path_factory.mktemp("texts")
    learned = train(TEXTS, "word")
    text = dataclasses.replace(
        fields.text(),
        shape=(LENGTH,),
        tokenizer=learned.json,
        vocabulary=learned.size,
    )
    spec = Spec("texts", (text,), (fields.one_class(("ham", "spam")),))
    keras.utils.set_random_seed(0)
    model = RNN(RNNConfig(widths=(4,), embedding=3), spec, [0.0], [1.0])
    record = {"note": "rnn", "task": "classification", "spec": spec.to_json()}
    saving.save_model(model, folder / "m.keras", record)
    request = {
        "model": str(folder / "m.keras"),
        "format": "saved_model",
        "artefact": str(folder / "1"),
        "spec": record["spec"],
    }
    answer = {**worker.export(request), "weights": ""}
    card = make_card(record, answer, name="m", source=folder / "m.keras")
    write_card(card, folder / "1")
    return Servable("m", 1, folder / "1"), model, learned


def test_texts_and_their_numbers_are_answered_alike(served):
    servable, model, learned = served
    texts = np.array([text.encode() for text in TEXTS], object)
    info = servable.signatures["serving_default"]
    assert check_tensors(info, {"text": texts}, 100) == len(TEXTS)
    answer = servable.run("serving_default", {"text": texts})["probabilities"]
    numbers = learned.encode(TEXTS, LENGTH)
    expected = np.asarray(model.predict_on_batch(numbers))
    np.testing.assert_allclose(answer, expected, atol=1e-6)
    same = servable.run(TOKENS, {"text": numbers})["probabilities"]
    np.testing.assert_allclose(same, expected, atol=1e-6)
    assert np.ptp(expected[:, 0]) > 1e-3


def test_bytes_that_are_no_text_are_refused(served):
    with pytest.raises(ServingError, match="UTF-8"):
        served[0].run("serving_default", {"text": np.array([b"\xff"], object)})


def test_it_warms_up_by_what_was_recorded(served, caplog):
    warm_up(served[0], ())
    assert not caplog.records


def test_the_page_has_a_box_for_a_text(served):
    told = describe(served[0])
    assert told["surface"] == "text"
    assert told["shape"] == [LENGTH]
    assert told["signatures"]["serving_default"]["inputs"] == {
        "text": {"dtype": "bytes", "shape": [None]}
    }


@pytest.mark.parametrize(
    "lie", [{"tokenizer": "{}"}, {"shape": [9]}, {"kind": "table"}]
)
def test_a_description_that_lies_is_not_believed(served, lie):
    card = read_card(served[0].path)
    assert find_texts(card) is not None
    card["spec"]["inputs"][0] |= lie
    assert find_texts(card) is None
