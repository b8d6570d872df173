"""A Bayesian CNN takes the same ten steps on TensorFlow, JAX and torch."""

import keras
import numpy as np
import pytest

from kerasnotes.data.spec import Spec
from kerasnotes.notes.bcnn.config import BCNNConfig
from kerasnotes.notes.bcnn.note import BCNN
from kerasnotes.runs import saving

from .bcnn_child import BATCH, NETWORKS, STEPS
from .children import run_children

pytestmark = [pytest.mark.once, pytest.mark.large]
SPEC = Spec("i", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))


def write_batches(folder):
    """Classes by the brightness of a patch: something to be learned."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (STEPS, BATCH, *SPEC.shape)).astype("float32")
    y = x[:, :, 2:5, 2:5, 0].mean(axis=(2, 3)) // 86
    np.savez(folder / "batches.npz", x=x, y=y.astype("int32"))


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What every backend answered, from the same weights and noise."""
    folder = tmp_path_factory.mktemp("bcnn")
    write_batches(folder)
    for name, given in NETWORKS.items():
        keras.utils.set_random_seed(0)
        config = BCNNConfig(width=0.3, activation="tanh", **given)
        model = BCNN(config, SPEC, [127.0], [5000.0])
        saving.save_model(model, folder / f"{name}.keras", {"note": "bcnn"})
    return run_children("bcnn_child", folder)


@pytest.mark.parametrize("network", NETWORKS)
def test_losses_and_updates_are_equal(pair, network):
    one, other = (answer[f"{network}-losses"] for answer in pair)
    assert len(np.unique(one)) == STEPS
    assert one.min() > 0
    np.testing.assert_allclose(one, other, rtol=1e-5)
    one, other = (answer[f"{network}-values"] for answer in pair)
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_one_seed_gives_one_answer(pair, network, when):
    one, other = (answer[f"{network}-{when}"] for answer in pair)
    # Passes differ from one another, backends do not.
    assert one.std(axis=0).max() > 1e-3
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)


def test_training_changed_the_answers(answers):
    for answer in answers.values():
        for network in NETWORKS:
            before, after = (
                answer[f"{network}-{when}"] for when in ("before", "after")
            )
            assert np.abs(after - before).max() > 0.01
