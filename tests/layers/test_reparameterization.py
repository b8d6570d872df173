"""Gradients through noise: finite differences, expectations, REINFORCE."""

import numpy as np
import pytest
from keras import ops
from scipy.stats import gumbel_r, kstest

from kerasnotes.backends.gradients import input_gradient
from kerasnotes.layers.reparameterization import (
    gaussian_sample,
    gumbel,
    gumbel_softmax,
    hard_sample,
    kl_categorical,
)
from tests.checks import to_numpy

tensor = ops.convert_to_tensor
RNG = np.random.default_rng(0)
VALUES = np.array([0.3, -1.2, 2.0, 0.7])
"""What each of four categories is worth."""
LOGITS = np.array([0.5, -0.4, 0.1, 0.9], "float32")


def gradient(function, start):
    """Returns the gradient of a scalar function at `start`."""
    _, found = input_gradient(
        lambda w: ops.reshape(function(w[0]), (1,)),
        ops.convert_to_tensor(start[None]),
    )
    return to_numpy(found)[0]


def exact():
    """Returns d/dlogits of sum_k p_k v_k."""
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    return p * (VALUES - p @ VALUES)


def test_normal_noise_becomes_gumbel_noise():
    noise = RNG.standard_normal(20_000).astype("float32")
    found = to_numpy(gumbel(noise))
    assert kstest(found, gumbel_r.cdf).pvalue > 0.01
    assert np.isfinite(
        to_numpy(gumbel(np.array([-40.0, 40.0], "float32")))
    ).all()


def test_hard_draws_have_the_probabilities_of_their_logits():
    noise = to_numpy(gumbel(RNG.standard_normal((40_000, 4)).astype("float32")))
    drawn = to_numpy(hard_sample(tensor(LOGITS), noise))
    assert set(np.unique(drawn)) == {0.0, 1.0}
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    np.testing.assert_allclose(drawn.mean(axis=0), p, atol=0.01)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_soft_gradients_are_finite_differences(temperature):
    noise = to_numpy(gumbel(RNG.standard_normal((64, 4)).astype("float32")))
    weight = RNG.normal(size=(64, 4))

    def in_numpy(logits):
        z = (logits + noise.astype("float64")) / temperature
        z = np.exp(z - z.max(axis=1, keepdims=True))
        z /= z.sum(axis=1, keepdims=True)
        return (z**2 * weight).mean()

    found = gradient(
        lambda w: ops.mean(
            ops.square(gumbel_softmax(w, tensor(noise), temperature))
            * tensor(weight.astype("float32"))
        ),
        LOGITS,
    )
    for place in range(4):
        small = np.zeros(4)
        small[place] = 1e-5
        ahead = in_numpy(LOGITS.astype("float64") + small)
        back = in_numpy(LOGITS.astype("float64") - small)
        assert found[place] == pytest.approx((ahead - back) / 2e-5, abs=1e-5)


def test_gaussian_gradients_are_finite_differences():
    noise = RNG.standard_normal(200).astype("float32")
    start = np.array([0.4, -0.7], "float32")

    def in_numpy(mean, log_var):
        z = mean + np.exp(log_var / 2) * noise.astype("float64")
        return np.sin(z).mean()

    found = gradient(
        lambda w: ops.mean(ops.sin(gaussian_sample(w[0], w[1], tensor(noise)))),
        start,
    )
    for place in range(2):
        small = np.zeros(2)
        small[place] = 1e-5
        point = start.astype("float64")
        expected = (
            in_numpy(*(point + small)) - in_numpy(*(point - small))
        ) / 2e-5
        assert found[place] == pytest.approx(expected, abs=1e-4)


def test_cold_draws_come_near_what_reinforce_expects():
    """REINFORCE is right in the mean; the relaxed gradient nearly so."""
    noise = to_numpy(gumbel(RNG.standard_normal((60_000, 4)).astype("float32")))
    drawn = to_numpy(hard_sample(tensor(LOGITS), noise))
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    reinforce = ((drawn @ VALUES)[:, None] * (drawn - p)).mean(axis=0)
    np.testing.assert_allclose(reinforce, exact(), atol=0.02)
    worth = VALUES.astype("float32")
    for hard, temperature, allowed in ((False, 0.3, 0.05), (True, 0.5, 0.08)):
        found = gradient(
            lambda w, t=temperature, h=hard: ops.mean(
                ops.sum(
                    gumbel_softmax(w, tensor(noise), t, straight_through=h)
                    * tensor(worth),
                    axis=-1,
                )
            ),
            LOGITS,
        )
        np.testing.assert_allclose(found, exact(), atol=allowed)


def test_straight_through_is_hard_ahead_and_soft_back():
    noise = to_numpy(gumbel(RNG.standard_normal((30, 4)).astype("float32")))
    hard = to_numpy(
        gumbel_softmax(tensor(LOGITS), noise, 0.7, straight_through=True)
    )
    np.testing.assert_allclose(hard.max(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(hard.sum(axis=1), 1, atol=1e-5)
    worth = VALUES.astype("float32")
    one, other = (
        gradient(
            lambda w, h=h: ops.sum(
                gumbel_softmax(w, tensor(noise), 0.7, straight_through=h)
                * tensor(worth)
            ),
            LOGITS,
        )
        for h in (False, True)
    )
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_the_divergence_from_uniform():
    p = np.exp(LOGITS) / np.exp(LOGITS).sum()
    expected = (p * np.log(p * 4)).sum()
    found = float(to_numpy(kl_categorical(tensor(LOGITS))))
    assert found == pytest.approx(expected, rel=1e-5)
    zero = to_numpy(kl_categorical(ops.zeros((3, 5))))
    np.testing.assert_allclose(zero, 0, atol=1e-6)
