"""Several optimizers in one step: who moves, who stands still, how far."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasnotes.backends.steps import phases
from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.notes.gan.config import GANConfig
from kerasnotes.notes.gan.note import GAN
from kerasnotes.training import state
from kerasnotes.training.averaging import AveragedWeights
from kerasnotes.training.compiling import compile_model
from tests.checks import to_numpy
from tests.specs import flat

TABLE = flat("t", "table", (2,), "float32", "class", ("a", "b"))
IMAGE = flat("i", "image", (4, 4, 1), "uint8", "class", ("a", "b"))
PLAIN = {"weight_decay": 0, "clip_norm": None, "warmup": 0}
BATCH, STEPS, LATENT = 16, 10, 3
RATE, BETA_1, BETA_2 = 0.01, 0.5, 0.9
SMALL = {"widths": [6], "latent": LATENT, "r1": 0.0}


def make(spec=TABLE, train=None, parts=1, **config):
    keras.utils.set_random_seed(0)
    width = spec.input.shape[-1]
    model = GAN(GANConfig(**config), spec, [0.0] * width, [1.0] * width)
    settings = {
        "learning_rate": RATE,
        "schedule": "constant",
        "batch_size": BATCH,
        **PLAIN,
        **(train or {}),
    }
    train = TrainConfig(**settings)
    compile_model(model, None, train, total_steps=100, parts=parts)
    return model


def draw(spec=TABLE, steps=STEPS, latent=LATENT):
    """Examples, classes and noise of every step, `(steps * BATCH, ...)`."""
    rng = np.random.default_rng(0)
    count = steps * BATCH
    x = rng.normal(1.0, 2.0, (count, *spec.input.shape)).astype("float32")
    return {
        "x": x,
        "y": np.arange(count, dtype="int32") % 2,
        "noise": rng.standard_normal((count, latent), "float32"),
        "mix": rng.random(count, "float32"),
    }


def fit(model, inputs):
    history = model.fit(
        inputs, inputs["y"], batch_size=BATCH, shuffle=False, verbose=0
    )
    return {name: values[-1] for name, values in history.history.items()}


def values_of(variables):
    return [state.to_numpy(v) for v in variables]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


# === Ten updates, written out in NumPy ===


class Adam:
    """Kingma & Ba, algorithm 1, with epsilon where Keras has it."""

    def __init__(self, weights):
        self.m = [np.zeros_like(w) for w in weights]
        self.v = [np.zeros_like(w) for w in weights]
        self.t = 0

    def move(self, weights, gradients):
        self.t += 1
        alpha = RATE * np.sqrt(1 - BETA_2**self.t) / (1 - BETA_1**self.t)
        for w, g, m, v in zip(weights, gradients, self.m, self.v, strict=True):
            m += (1 - BETA_1) * (g - m)
            v += (1 - BETA_2) * (g * g - v)
            w -= alpha * m / (np.sqrt(v) + 1e-7)


def forward(weights, x, slope):
    """One hidden layer with a leaky ReLU; returns what backward needs."""
    w1, b1, w2, b2 = weights
    h = x @ w1 + b1
    a = np.where(h > 0, h, slope * h)
    return a @ w2 + b2, (x, h, a)


def backward(weights, cache, delta, slope):
    """Returns the gradients of the weights and of the input."""
    w1, _, w2, _ = weights
    x, h, a = cache
    inner = (delta @ w2.T) * np.where(h > 0, 1.0, slope)
    gradients = [x.T @ inner, inner.sum(0), a.T @ delta, delta.sum(0)]
    return gradients, inner @ w1.T


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def train_in_numpy(generator, discriminator, inputs):
    """Non-saturating GAN: returns the losses of every step."""
    optimizers = Adam(discriminator), Adam(generator)
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        x, z = (inputs[k][rows].astype("float64") for k in ("x", "noise"))
        fake, _ = forward(generator, z, 0.0)
        up, real_cache = forward(discriminator, x, 0.2)
        down, fake_cache = forward(discriminator, fake, 0.2)
        loss = np.mean(np.logaddexp(0, -up) + np.logaddexp(0, down))
        one, _ = backward(
            discriminator, real_cache, (sigmoid(up) - 1) / BATCH, 0.2
        )
        two, _ = backward(discriminator, fake_cache, sigmoid(down) / BATCH, 0.2)
        optimizers[0].move(
            discriminator, [a + b for a, b in zip(one, two, strict=True)]
        )
        fake, cache = forward(generator, z, 0.0)
        down, fake_cache = forward(discriminator, fake, 0.2)
        delta = (sigmoid(down) - 1) / BATCH
        _, slope = backward(discriminator, fake_cache, delta, 0.2)
        gradients, _ = backward(generator, cache, slope, 0.0)
        optimizers[1].move(generator, gradients)
        losses.append((loss, np.mean(np.logaddexp(0, -down))))
    return np.array(losses)


def test_ten_updates_equal_numpy():
    model = make(beta_1=BETA_1, beta_2=BETA_2, **SMALL)
    players = model.generator, model.discriminator
    oracle = [
        [w.astype("float64") for w in values_of(p.trainable_variables)]
        for p in players
    ]
    inputs = draw()
    metrics = fit(model, inputs)
    losses = train_in_numpy(*oracle, inputs).mean(axis=0)
    assert metrics["discriminator_loss"] == pytest.approx(losses[0], abs=1e-4)
    assert metrics["generator_loss"] == pytest.approx(losses[1], abs=1e-4)
    assert metrics["loss"] == pytest.approx(losses.sum(), abs=1e-4)
    for player, expected in zip(players, oracle, strict=True):
        weights = values_of(player.trainable_variables)
        for weight, value in zip(weights, expected, strict=True):
            np.testing.assert_allclose(weight, value, atol=1e-4, rtol=0)


# === Who moves ===


@pytest.fixture
def leave(monkeypatch):
    """Leaves one phase of a compiled model."""
    both = GAN.phases

    def install(model, number):
        one = property(lambda self: [both.fget(self)[number]])
        monkeypatch.setattr(GAN, "phases", one)
        phases.install(model)

    return install


@pytest.mark.parametrize(
    ("number", "moving", "still"),
    [(0, "discriminator", "generator"), (1, "generator", "discriminator")],
)
def test_the_other_player_stands_still(number, moving, still, leave):
    model = make(
        IMAGE,
        width=2,
        hidden=4,
        normalization="batch",
        dropout=0.2,
        latent=LATENT,
    )
    leave(model, number)
    inputs = draw(IMAGE, steps=2)
    del inputs["noise"]
    before = {n: values_of(p.variables) for n, p in model.parts.items()}
    seed = state.to_numpy(model.seed_generator.state)
    fit(model, inputs)
    after = {n: values_of(p.variables) for n, p in model.parts.items()}
    # Weights, statistics of batch normalization, seeds of dropout.
    assert same(before[still], after[still])
    names = [v.path for v in model.parts[moving].variables]
    for name, old, new in zip(
        names, before[moving], after[moving], strict=True
    ):
        assert not np.array_equal(old, new), name
    assert not np.array_equal(seed, state.to_numpy(model.seed_generator.state))


def test_real_and_generated_are_normalized_apart(leave):
    model = make(IMAGE, width=2, hidden=4, normalization="batch", latent=LATENT)
    leave(model, 0)
    layer = model.discriminator.get_layer("d_norm1")
    inner = keras.Model(
        model.discriminator.inputs,
        model.discriminator.get_layer("d_down1").output,
    )
    inputs = draw(IMAGE, steps=1)
    made = model.generator(inputs["noise"], training=True)
    x = model.scale.to_unit(ops.convert_to_tensor(inputs["x"]))
    mean = np.zeros(layer.moving_mean.shape)
    for images in (x, made):
        activations = to_numpy(ops.stop_gradient(inner(images)))
        mean = 0.9 * mean + 0.1 * activations.mean(axis=(0, 1, 2))
    # The pass above moved the generator's statistics, which it does not use.
    fit(model, inputs)
    np.testing.assert_allclose(
        state.to_numpy(layer.moving_mean), mean, atol=1e-5
    )


# === How often, how far ===


def test_repeated_steps_take_shares_of_their_own():
    inputs = {"x": ops.reshape(ops.arange(7), (7, 1)), "y": ops.arange(7)}
    shares = [to_numpy(s["x"])[:, 0] for s in phases.shares(inputs, 3)]
    assert [share.tolist() for share in shares] == [[0, 1], [2, 3], [4, 5]]
    assert [s is inputs for s in phases.shares(inputs, 1)] == [True]


def test_the_critic_moves_more_often():
    model = make(loss="wasserstein", critic_steps=4, widths=[4], latent=LATENT)
    metrics = fit(model, draw(steps=3))
    by_name = model.optimizer.by_name
    counts = {n: int(o.iterations.numpy()) for n, o in by_name.items()}
    assert counts == {"discriminator": 12, "generator": 3}
    assert int(model.optimizer.iterations.numpy()) == 3
    assert np.isfinite(list(metrics.values())).all()
    assert metrics["distance"] == pytest.approx(-metrics["discriminator_loss"])


def test_each_phase_has_its_rate_and_betas():
    model = make(
        train={"schedule": "cosine"},
        discriminator_rate=3.0,
        beta_1=0.25,
        beta_2=0.75,
        **SMALL,
    )
    by_name = model.optimizer.by_name
    rates = [float(to_numpy(o.learning_rate)) for o in by_name.values()]
    assert rates == pytest.approx([3 * RATE, RATE])
    rate = float(to_numpy(model.optimizer.learning_rate))
    assert rate == pytest.approx(RATE)
    for optimizer in by_name.values():
        assert (optimizer.beta_1, optimizer.beta_2) == (0.25, 0.75)


def test_only_the_generator_is_averaged():
    model = make(train={"ema": 0.5}, **SMALL)
    # Not by `fit`, at whose end Keras leaves the averages in the model.
    for _ in range(3):
        model.train_on_batch(draw(steps=1), np.zeros(BATCH))
    if hasattr(model, "jax_state_sync"):
        model.jax_state_sync()
    generator, discriminator = model.generator, model.discriminator
    now = [values_of(p.trainable_variables) for p in (generator, discriminator)]
    swap = AveragedWeights()
    swap.set_model(model)
    swap.swap()
    assert not same(now[0], values_of(generator.trainable_variables))
    assert same(now[1], values_of(discriminator.trainable_variables))
    swap.swap()
    assert same(now[0], values_of(generator.trainable_variables))


def test_accumulated_parts_move_once():
    model = make(parts=2, **SMALL)
    before = values_of(model.trainable_variables)
    inputs = draw(steps=1)
    fit(model, inputs)
    assert same(before, values_of(model.trainable_variables))
    fit(model, inputs)
    assert not same(before, values_of(model.trainable_variables))


def test_no_two_slots_share_a_name():
    model = make(train={"ema": 0.9}, **SMALL)
    names = [state.slot_name(v) for v in model.optimizer.variables]
    assert len(set(names)) == len(names)
    assert "discriminator|iteration" in names


def test_a_batch_too_small_for_its_shares_is_refused():
    with pytest.raises(UsageError, match="5 steps of the discriminator"):
        make(train={"batch_size": 4}, loss="wasserstein", widths=[4])
    with pytest.raises(UsageError, match="share of the batch"):
        make(train={"batch_size": 9}, parts=2, loss="wasserstein", widths=[4])


def test_half_precision_trains_in_its_range():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make(**SMALL)
    finally:
        keras.config.set_dtype_policy(before)
    by_name = model.optimizer.by_name
    assert {o.loss_scale_factor for o in by_name.values()} == {1024.0}
    old = values_of(model.trainable_variables)
    metrics = fit(model, draw(steps=2))
    assert np.isfinite(list(metrics.values())).all()
    new = values_of(model.trainable_variables)
    # Adam's first steps are as long as the rate, whatever the scale was.
    moved = [np.abs(a - b).max() for a, b in zip(old, new, strict=True)]
    assert 0 < max(moved) < 3 * RATE
