"""The players' losses against NumPy, the penalties against closed forms."""

import importlib
import types

import keras
import numpy as np
import pytest
from keras import ops

from kerasnotes.backends.gradients import input_gradient
from kerasnotes.backends.phase import Phase
from kerasnotes.notes.gan import losses as adversarial
from tests.checks import to_numpy

REAL = np.array([-40.0, -2.0, -0.3, 0.0, 0.4, 1.0, 3.0, 40.0], "float32")
FAKE = np.array([30.0, 1.5, -1.0, 0.0, 0.6, -1.2, -30.0, 2.0], "float32")


def log_sigmoid(x):
    return -np.logaddexp(0.0, -np.asarray(x, "float64"))


def expected():
    """Both losses of every game, written out in float64."""
    real, fake = REAL.astype("float64"), FAKE.astype("float64")
    # log(1 - sigmoid(x)) is log sigmoid(-x).
    entropy = -log_sigmoid(real) - log_sigmoid(-fake)
    return {
        "minimax": (entropy, log_sigmoid(-fake)),
        "non_saturating": (entropy, -log_sigmoid(fake)),
        "hinge": (
            np.maximum(0, 1 - real) + np.maximum(0, 1 + fake),
            -fake,
        ),
        "least_squares": (
            (real - 1) ** 2 / 2 + fake**2 / 2,
            (fake - 1) ** 2 / 2,
        ),
        "wasserstein": (fake - real, -fake),
    }


@pytest.mark.parametrize("name", adversarial.GAMES)
def test_both_losses_equal_numpy(name):
    game = adversarial.GAMES[name]
    discriminator, generator = expected()[name]
    real, fake = (ops.convert_to_tensor(x) for x in (REAL, FAKE))
    for loss, value in (
        (game.discriminator(real, fake), discriminator),
        (game.generator(fake), generator),
    ):
        assert loss.shape == REAL.shape
        np.testing.assert_allclose(to_numpy(loss), value, rtol=1e-5, atol=1e-6)


def test_half_precision_is_left_before_the_exponential():
    logit = ops.cast(ops.convert_to_tensor([12.0]), "float16")
    loss = to_numpy(adversarial.minimax(logit))
    assert loss.dtype == np.float32
    assert loss[0] == pytest.approx(-12.0, abs=1e-2)


def test_the_value_of_the_game_is_log_4_where_nothing_can_be_told():
    zero = ops.zeros((1,))
    loss = to_numpy(adversarial.cross_entropy(zero, zero))[0]
    assert loss == pytest.approx(np.log(4), rel=1e-6)
    # The best discriminator of two densities, D = p / (p + q), and with it
    # 2 JS(p, q) - log 4 = -loss.
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    logit = ops.convert_to_tensor(np.log(p / q).astype("float32"))
    real = to_numpy(adversarial.cross_entropy(logit, logit - 1e3))
    fake = to_numpy(adversarial.cross_entropy(logit + 1e3, logit))
    middle = (p + q) / 2
    js = (p * np.log(p / middle) + q * np.log(q / middle)).sum() / 2
    loss = (p * real).sum() + (q * fake).sum()
    assert loss == pytest.approx(np.log(4) - 2 * js, rel=1e-5)


def test_minimax_saturates_where_its_namesake_does_not():
    logit = np.float32(-8.0)
    step = np.float32(0.01)
    low, high = (
        ops.convert_to_tensor([logit - step]),
        ops.convert_to_tensor([logit + step]),
    )
    for loss, slope in (
        (adversarial.minimax, -1 / (1 + np.exp(8.0))),
        (adversarial.non_saturating, -1 / (1 + np.exp(-8.0))),
    ):
        rise = to_numpy(loss(high))[0] - to_numpy(loss(low))[0]
        assert rise / (2 * step) == pytest.approx(slope, rel=0.05, abs=1e-5)


# A critic x' A x / 2, whose slope is S x with S = (A + A') / 2.
A = np.array([[1.0, -0.5, 0.2], [0.7, 2.0, -1.0], [0.0, 0.3, -0.8]], "float32")
X = np.array([[1.0, 2.0, -1.0], [0.3, -0.7, 0.9]], "float32")
S = (A + A.T) / 2


def critic(weight, x):
    return 0.5 * ops.sum(x * ops.matmul(x, weight), axis=-1)


def slopes(penalty):
    """A penalty's mean and its gradient with respect to the weight."""
    weight = keras.Variable(A, name="a")
    weight_of = lambda: ops.convert_to_tensor(weight)  # noqa: E731

    def objective(inputs):
        _, slope = input_gradient(lambda x: critic(weight_of(), x), inputs["x"])
        return ops.mean(penalty(slope)), {}

    phase = Phase("critic", objective, [weight], [])
    name = keras.backend.backend()
    room = importlib.import_module(f"kerasnotes.backends.steps.{name}")
    model = types.SimpleNamespace(variables=[weight])
    inputs = {"x": ops.convert_to_tensor(X)}
    loss, _, (gradient,), _ = room.differentiate(
        model, phase, inputs, lambda loss: loss
    )
    return float(to_numpy(loss)), to_numpy(gradient)


def test_the_gradient_inside_a_loss():
    value, slope = input_gradient(
        lambda x: critic(ops.convert_to_tensor(A), x),
        ops.convert_to_tensor(X),
    )
    if hasattr(value, "detach"):
        value, slope = value.detach(), slope.detach()
    np.testing.assert_allclose(
        to_numpy(value), 0.5 * np.einsum("bi,ij,bj->b", X, A, X), rtol=1e-5
    )
    np.testing.assert_allclose(to_numpy(slope), X @ S, rtol=1e-5)


def test_r1_and_its_second_derivative():
    loss, gradient = slopes(adversarial.r1_penalty)
    slope = X @ S
    assert loss == pytest.approx(0.5 * (slope**2).sum(axis=1).mean(), rel=1e-5)
    outer = np.einsum("bi,bj->ij", slope, X) / len(X)
    np.testing.assert_allclose(gradient, (outer + outer.T) / 2, rtol=1e-5)


def test_the_gradient_penalty_and_its_second_derivative():
    loss, gradient = slopes(adversarial.gradient_penalty)
    slope = X @ S
    norm = np.linalg.norm(slope, axis=1)
    assert loss == pytest.approx(((norm - 1) ** 2).mean(), rel=1e-5)
    factor = 2 * (norm - 1) / norm / len(X)
    outer = np.einsum("b,bi,bj->ij", factor, slope, X)
    np.testing.assert_allclose(gradient, (outer + outer.T) / 2, rtol=1e-4)


def test_a_critic_without_slope_has_a_finite_penalty_and_gradient():
    flat = ops.zeros((2, 3))
    penalty = to_numpy(adversarial.gradient_penalty(flat))
    np.testing.assert_allclose(penalty, 1.0, atol=1e-5)


def test_the_norm_is_over_all_axes_but_the_first():
    gradient = np.arange(24, dtype="float32").reshape(2, 3, 2, 2)
    found = to_numpy(adversarial.r1_penalty(ops.convert_to_tensor(gradient)))
    flat = gradient.reshape(2, -1)
    np.testing.assert_allclose(found, 0.5 * (flat**2).sum(axis=1), rtol=1e-6)


def test_mixing_is_example_by_example():
    real = np.ones((3, 2, 2, 1), "float32")
    fake = np.zeros_like(real)
    amount = np.array([0.0, 0.25, 1.0], "float32")
    mixed = to_numpy(
        adversarial.mix(
            *(ops.convert_to_tensor(a) for a in (real, fake, amount))
        )
    )
    np.testing.assert_allclose(mixed[:, 0, 0, 0], amount)
    np.testing.assert_allclose(mixed[:, 1, 1, 0], amount)
