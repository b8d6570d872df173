"""Networks that answer together: formulae in NumPy, Jensen, saving."""

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.capabilities import Bayesian, Prunes
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.inference.ensemble import Ensemble, check_members
from kerasnotes.metrics.uncertainty import decompose
from kerasnotes.notes.cnn.config import CNNConfig
from kerasnotes.notes.cnn.note import CNN
from kerasnotes.notes.mlp.config import MLPConfig
from kerasnotes.notes.mlp.note import MLP
from tests.checks import check_saving, to_numpy
from tests.specs import flat, reflat

SPEC = flat("i", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
VALUES = Spec(
    "m",
    (fields.image((8, 8, 1), "uint8"),),
    (fields.values([Column("load", mean=40, deviation=5)]),),
)
X = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1)).astype("float32")


def members(spec=SPEC, count=3):
    keras.utils.set_random_seed(0)
    config = MLPConfig(widths=(8,), normalization="none", dropout=0.5)
    networks = [MLP(config, spec, [100.0], [2e3]) for _ in range(count - 1)]
    small = CNNConfig(network="lenet", width=0.2)
    return [*networks, CNN(small, spec, [99.0], [1e3])]


def answers(networks):
    return np.stack([to_numpy(n(X, training=False)) for n in networks])


def test_the_mean_is_the_mean_and_its_loss_no_more_than_theirs():
    networks = members()
    model, each = Ensemble(networks), answers(networks)
    found = to_numpy(model(X, training=False))
    np.testing.assert_allclose(found, each.mean(axis=0), atol=1e-6)
    y = np.arange(5) % 3
    rows = np.arange(5)
    own = -np.log(each[:, rows, y]).mean()
    assert -np.log(found[rows, y]).mean() <= own


def test_weights_and_votes():
    networks = members()
    each, weights = answers(networks), [0.5, 0.2, 0.3]
    model = Ensemble(networks, "weighted", weights)
    expected = np.tensordot(weights, each, 1)
    np.testing.assert_allclose(to_numpy(model(X)), expected, atol=1e-6)
    votes = np.eye(3)[each.argmax(axis=-1)].mean(axis=0)
    model = Ensemble(networks, "vote")
    np.testing.assert_allclose(to_numpy(model(X)), votes, atol=1e-6)


def test_it_is_saved_with_all_members(tmp_path):
    networks = members()
    twin = check_saving(
        Ensemble(networks, "weighted", [0.6, 0.3, 0.1]), X, tmp_path
    )
    assert [type(n).__name__ for n in twin.networks] == ["MLP", "MLP", "CNN"]
    assert twin.shares == [0.6, 0.3, 0.1]


@pytest.mark.parametrize("values", [False, True])
def test_groups_are_stacked_by_a_regression(values, tmp_path):
    spec = VALUES if values else SPEC
    networks, groups = members(spec), [0, 1, 0]
    rng, width = np.random.default_rng(0), 1 if values else 3
    kernel = rng.normal(size=(2 * width, width))
    bias = rng.normal(size=width)
    model = Ensemble(networks, "stacked", groups=groups)
    model.put_stack(kernel, bias)
    each = answers(networks).astype("float64")
    x = np.concatenate([(each[0] + each[2]) / 2, each[1]], axis=1)
    expected = (x if values else np.log(x)) @ kernel + bias
    if not values:
        expected = np.exp(expected)
        expected /= expected.sum(axis=1, keepdims=True)
    twin = check_saving(model, X, tmp_path)
    for one in (model, twin):
        found = to_numpy(one(X, training=False))
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_its_doubt_is_the_members_disagreement():
    networks = members()
    model = Ensemble(networks)
    assert isinstance(model, Bayesian)
    assert not isinstance(model, Prunes)
    each = model.monte_carlo(X, model.default_samples())
    np.testing.assert_allclose(each, answers(networks), atol=1e-6)
    expected = decompose(each)
    told = model.serving_models()["uncertainty"](X)
    for name, value in (
        ("predictive_entropy", expected.total_entropy),
        ("epistemic", expected.mutual_information),
    ):
        np.testing.assert_allclose(to_numpy(told[name]), value, atol=1e-5)
    with pytest.raises(UsageError, match="3 members"):
        model.monte_carlo(X, 4)


def test_measured_values():
    networks = members(VALUES, 2)
    model = Ensemble(networks)
    assert model.output_names == ["values"]
    expected = answers(networks).mean(axis=0)
    np.testing.assert_allclose(to_numpy(model(X)), expected, rtol=1e-5)
    assert model.serving_models() == {}


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"shape": (9, 8, 1)}, "shapes"),
        ({"classes": ("a", "c", "b")}, "classes"),
        ({"value_range": (0.0, 16.0)}, "ranges"),
    ],
)
def test_members_for_other_data_are_refused(changes, what):
    with pytest.raises(UsageError, match=f"other {what}"):
        check_members([SPEC, reflat(SPEC, **changes)])
    with pytest.raises(UsageError, match="two members"):
        check_members([SPEC])
