"""Cross-entropy of tokens against NumPy, and what padding counts."""

import keras
import numpy as np
import pytest

from kerasnotes.losses.translation import TokenCrossEntropy
from kerasnotes.metrics.token_accuracy import TokenAccuracy


@pytest.fixture
def batch(rng):
    y = rng.integers(1, 7, (4, 5)).astype("int32")
    y[1, 2:], y[2, 1:] = 0, 0
    return y, rng.normal(0, 2, (4, 5, 7)).astype("float32")


def log_softmax(z):
    z = z.astype("float64")
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("smooth", [0.0, 0.1])
def test_loss_of_tokens_alone(batch, smooth):
    y, logits = batch
    log_p, count = log_softmax(logits), 7
    shares = np.eye(count)[y] * (1 - smooth) + smooth / count
    nats = -(shares * log_p).sum(axis=-1)
    found = float(TokenCrossEntropy(smooth)(y, logits))
    assert found == pytest.approx(nats[y != 0].mean(), rel=1e-6)


def test_loss_of_more_padding_is_the_same(batch):
    y, logits = batch
    longer = np.pad(y, ((0, 0), (0, 3)))
    wider = np.pad(logits, ((0, 0), (0, 3), (0, 0)), constant_values=9.0)
    loss = TokenCrossEntropy(0.1)
    assert float(loss(y, logits)) == pytest.approx(
        float(loss(longer, wider)), rel=1e-6
    )
    assert loss.get_config()["label_smoothing"] == 0.1


def test_accuracy_of_tokens_alone(batch):
    y, logits = batch
    metric = TokenAccuracy()
    metric.update_state(
        keras.ops.convert_to_tensor(y), keras.ops.convert_to_tensor(logits)
    )
    right = (logits.argmax(axis=-1) == y)[y != 0]
    assert float(metric.result()) == pytest.approx(right.mean())
