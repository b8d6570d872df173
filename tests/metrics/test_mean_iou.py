import keras
import numpy as np
import pytest
import sklearn.metrics

from kerasnotes.metrics.known_accuracy import KnownAccuracy
from kerasnotes.metrics.mean_iou import MeanIoU


def test_is_the_mean_jaccard_over_all_batches(rng):
    metric = MeanIoU(4)
    truths, answers = [], []
    for _ in range(3):
        p = rng.dirichlet(np.ones(4), (2, 6, 5)).astype("float32")
        y = rng.integers(0, 3, (2, 6, 5)).astype("int32")
        metric.update_state(y, p)
        truths.append(y.ravel())
        answers.append(p.argmax(-1).ravel())
    want = sklearn.metrics.jaccard_score(
        np.concatenate(truths), np.concatenate(answers), average="macro"
    )
    assert float(metric.result()) == pytest.approx(want, rel=1e-5)


def test_absent_classes_do_not_count():
    metric = MeanIoU(5)
    y = np.zeros((1, 2, 2), "int32")
    metric.update_state(y, np.eye(5, dtype="float32")[y])
    assert float(metric.result()) == 1
    metric.reset_state()
    assert float(metric.result()) == 0


def test_works_compiled(make_network, rng):
    model = make_network()
    model.compile(loss="sparse_categorical_crossentropy", metrics=[MeanIoU(4)])
    x = rng.integers(0, 256, (3, 8, 8, 1)).astype("float32")
    y = rng.integers(0, 4, (3, 8, 8)).astype("int32")
    measured = model.evaluate(x, y, verbose=0, return_dict=True)["mean_iou"]
    answer = model.predict_on_batch(x).argmax(-1)
    expected = sklearn.metrics.jaccard_score(
        y.ravel(), answer.ravel(), average="macro"
    )
    assert measured == pytest.approx(expected, rel=1e-5)


def test_survives_saving():
    config = keras.saving.serialize_keras_object(MeanIoU(7, name="iou"))
    again = keras.saving.deserialize_keras_object(config)
    assert (again.num_classes, again.name) == (7, "iou")


def test_pixels_left_out_do_not_count(rng):
    p = rng.dirichlet(np.ones(4), (2, 6, 5)).astype("float32")
    y = rng.integers(0, 4, (2, 6, 5)).astype("int32")
    y[:, :3] = -1
    metric, accuracy = MeanIoU(4, ignore=True), KnownAccuracy()
    metric.update_state(y, p)
    accuracy.update_state(y, p)
    truth, answer = y[:, 3:].ravel(), p[:, 3:].argmax(-1).ravel()
    want = sklearn.metrics.jaccard_score(truth, answer, average="macro")
    assert float(metric.result()) == pytest.approx(want, rel=1e-5)
    assert float(accuracy.result()) == pytest.approx((truth == answer).mean())
    assert MeanIoU.from_config(metric.get_config()).ignore
