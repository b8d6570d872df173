"""The classifier: learns quickly, is kept, and is not used for other data."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.load import load
from kerasnotes.metrics import feature_classifier as module
from tests.checks import to_numpy
from tests.specs import reflat


@pytest.fixture(scope="module")
def digits():
    return load(DataConfig(source="digits"))


@pytest.fixture
def few_steps(monkeypatch):
    monkeypatch.setattr(module, "STEPS", 12)
    monkeypatch.setattr(module, "EPOCHS", 1)


def first(split, count):
    return ArraySplit(split.x[:count], split.y[:count])


@pytest.mark.once
def test_it_learns_the_digits(digits, monkeypatch):
    monkeypatch.setattr(module, "STEPS", 60)
    monkeypatch.setattr(module, "EPOCHS", 1)
    progress = []
    classifier = module.make_classifier(
        digits.train, digits.spec, progress=lambda *a: progress.append(a)
    )
    x, y = digits.test.x, digits.test.y
    features, probabilities = classifier(x)
    assert features.shape == (len(x), module.FEATURES)
    assert (features >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    assert np.mean(probabilities.argmax(axis=1) == y) > 0.8
    assert progress[-1] == (
        "training the feature classifier",
        len(progress),
        len(progress),
    )


def test_batches_do_not_change_what_it_says(digits, monkeypatch):
    network = module.build_classifier(digits.spec)
    classifier = module.FeatureClassifier(network)
    x = digits.test.x[:21]
    whole = classifier(x)
    monkeypatch.setattr(module, "BATCH", 8)
    for one, other in zip(whole, classifier(x), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_it_starts_from_the_same_weights_whatever_was_drawn_before(digits):
    models = [module.build_classifier(digits.spec) for _ in range(2)]
    weights = [[to_numpy(w) for w in m.trainable_weights] for m in models]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_kept_beside_its_run(digits, few_steps, tmp_path):
    train, spec = first(digits.train, 200), digits.spec
    assert module.find_classifier(train, spec, tmp_path) is None
    assert module.find_classifier(train, spec, None) is None
    made = module.make_classifier(train, spec, tmp_path)
    loaded = module.find_classifier(train, spec, tmp_path)
    x = digits.test.x[:8]
    for one, other in zip(made(x), loaded(x), strict=True):
        np.testing.assert_array_equal(one, other)
    # Other data, or a file that is none, need a new one.
    other = first(digits.train, 201)
    assert module.find_classifier(other, spec, tmp_path) is None
    (tmp_path / module.FILE).write_bytes(b"PK\x03\x04 no more")
    assert module.find_classifier(train, spec, tmp_path) is None


def test_a_folder_that_cannot_be_written_costs_only_time(
    digits, few_steps, tmp_path
):
    place = tmp_path / "file"
    place.write_text("in the way")
    few = first(digits.train, 64)
    classifier = module.make_classifier(few, digits.spec, place)
    assert classifier(digits.test.x[:2])[1].shape == (2, 10)


@pytest.mark.once
@pytest.mark.parametrize("change", ["x", "y"])
def test_its_data_are_known_by_their_values(digits, change):
    train = first(digits.train, 50)
    before = module.digest(train, digits.spec)
    assert module.digest(first(digits.train, 50), digits.spec) == before
    x, y = train.x.copy(), train.y.copy()
    {"x": x, "y": y}[change][7] += 1
    assert module.digest(ArraySplit(x, y), digits.spec) != before


@pytest.mark.once
@pytest.mark.parametrize("shape", [(5, 5, 1), (28, 28, 1), (40, 33, 3)])
def test_it_takes_images_of_any_size(digits, shape):

    spec = reflat(digits.spec, shape=shape)
    classifier = module.FeatureClassifier(module.build_classifier(spec))
    assert classifier(np.zeros((3, *shape)))[0].shape == (3, module.FEATURES)
    assert classifier.model.count_params() < 400_000
