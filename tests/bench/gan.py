"""A GAN's step through our phases against one written by hand.

    python -m tests.bench.gan BACKEND [ROUNDS]

Equal networks, losses, optimizers, data and noise; both steps compiled as
the backend can (`tf.function`, `jax.jit`, eager PyTorch), taking turns in
one process. That the work is equal is checked: the same losses for three
steps from the same weights. Prints one JSON object.
"""

import json
import sys
import time

import numpy as np

from tests.specs import flat

WIDTH, LATENT, BATCH, SIDE = 32, 32, 64, 28
R1, RATE = 0.2, 1e-3
CHECKED = 3
TOLERANCE = 1e-4


def make_model():
    import keras

    from kerasnotes.base.config import TrainConfig
    from kerasnotes.notes.gan.config import GANConfig
    from kerasnotes.notes.gan.note import GAN
    from kerasnotes.training.compiling import compile_model

    keras.utils.set_random_seed(0)
    spec = flat("m", "image", (SIDE, SIDE, 1), "uint8", "class", ("a", "b"))
    config = GANConfig(width=WIDTH, latent=LATENT, r1=R1)
    model = GAN(config, spec, [0.0], [1.0])
    train = TrainConfig(
        learning_rate=RATE,
        schedule="constant",
        warmup=0,
        weight_decay=0,
        clip_norm=None,
        batch_size=BATCH,
    )
    compile_model(model, None, train, total_steps=10**6)
    return model


def make_optimizers(generator, discriminator):
    from kerasnotes.backends.kernels.adamw import AdamW

    made = []
    for network in (generator, discriminator):
        optimizer = AdamW(RATE, weight_decay=0.0, beta_1=0.0, beta_2=0.99)
        optimizer.build(network.trainable_variables)
        made.append(optimizer)
    return made


def make_data():
    rng = np.random.default_rng(0)
    return {
        "x": rng.integers(0, 256, (BATCH, SIDE, SIDE, 1)).astype("float32"),
        "y": np.zeros(BATCH, "int32"),
        "noise": rng.standard_normal((BATCH, LATENT), "float32"),
    }


# === By hand ===


def tensorflow_step(generator, discriminator):
    import tensorflow as tf

    g_optimizer, d_optimizer = make_optimizers(generator, discriminator)
    g_weights = [v.value for v in generator.trainable_variables]
    d_weights = [v.value for v in discriminator.trainable_variables]

    @tf.function
    def step(x, noise):
        x = x / 127.5 - 1.0
        fake = generator(noise, training=True)
        with tf.GradientTape() as tape:
            with tf.GradientTape() as inner:
                inner.watch(x)
                real_logit = discriminator(x, training=True)
            slope = inner.gradient(real_logit, x)
            fake_logit = discriminator(fake, training=True)
            game = tf.nn.softplus(-real_logit) + tf.nn.softplus(fake_logit)
            penalty = 0.5 * tf.reduce_sum(tf.square(slope), axis=(1, 2, 3))
            d_loss = tf.reduce_mean(game + R1 * penalty)
        slopes = tape.gradient(d_loss, d_weights)
        d_optimizer.apply(slopes, discriminator.trainable_variables)
        with tf.GradientTape() as tape:
            fake = generator(noise, training=True)
            logit = discriminator(fake, training=True)
            g_loss = tf.reduce_mean(tf.nn.softplus(-logit))
        slopes = tape.gradient(g_loss, g_weights)
        g_optimizer.apply(slopes, generator.trainable_variables)
        return tf.reduce_mean(game), g_loss

    return lambda data: step(data["x"], data["noise"])


def torch_step(generator, discriminator):
    import torch
    from torch.nn.functional import softplus

    g_optimizer, d_optimizer = make_optimizers(generator, discriminator)
    g_weights = [v.value for v in generator.trainable_variables]
    d_weights = [v.value for v in discriminator.trainable_variables]

    def step(data):
        x = (torch.as_tensor(data["x"]) / 127.5 - 1.0).requires_grad_(True)
        noise = torch.as_tensor(data["noise"])
        with torch.no_grad():
            fake = generator(noise, training=True)
        real_logit = discriminator(x, training=True)
        (slope,) = torch.autograd.grad(real_logit.sum(), x, create_graph=True)
        fake_logit = discriminator(fake, training=True)
        game = softplus(-real_logit) + softplus(fake_logit)
        penalty = 0.5 * slope.square().sum(dim=(1, 2, 3))
        slopes = torch.autograd.grad((game + R1 * penalty).mean(), d_weights)
        with torch.no_grad():
            d_optimizer.apply(slopes, discriminator.trainable_variables)
        logit = discriminator(generator(noise, training=True), training=True)
        g_loss = softplus(-logit).mean()
        slopes = torch.autograd.grad(g_loss, g_weights)
        with torch.no_grad():
            g_optimizer.apply(slopes, generator.trainable_variables)
        return game.mean().detach(), g_loss.detach()

    return step


def jax_step(generator, discriminator):
    import jax
    import jax.numpy as jnp

    optimizers = make_optimizers(generator, discriminator)
    networks = (generator, discriminator)
    state = [
        [[v.value + 0 for v in n.trainable_variables] for n in networks],
        [[v.value + 0 for v in n.non_trainable_variables] for n in networks],
        [[v.value + 0 for v in o.variables] for o in optimizers],
    ]

    def d_loss_of(weights, rest, x, fake):
        def judge(x):
            return discriminator.stateless_call(weights, rest, x, training=True)

        real_logit, pull, _ = jax.vjp(judge, x, has_aux=True)
        (slope,) = pull(jnp.ones_like(real_logit))
        fake_logit, rest = judge(fake)
        game = jax.nn.softplus(-real_logit) + jax.nn.softplus(fake_logit)
        penalty = 0.5 * jnp.square(slope).sum(axis=(1, 2, 3))
        return (game + R1 * penalty).mean(), (game.mean(), rest)

    def g_loss_of(weights, rest, judge, noise):
        fake, rest = generator.stateless_call(
            weights, rest, noise, training=True
        )
        logit, _ = discriminator.stateless_call(*judge, fake, training=True)
        return jax.nn.softplus(-logit).mean(), rest

    @jax.jit
    def step(state, x, noise):
        (g, d), (g_rest, d_rest), (g_slots, d_slots) = state
        x = x / 127.5 - 1.0
        fake, _ = generator.stateless_call(g, g_rest, noise, training=True)
        slopes, (d_loss, d_rest) = jax.grad(d_loss_of, has_aux=True)(
            d, d_rest, x, fake
        )
        d, d_slots = optimizers[1].stateless_apply(d_slots, slopes, d)
        (g_loss, g_rest), slopes = jax.value_and_grad(g_loss_of, has_aux=True)(
            g, g_rest, (d, d_rest), noise
        )
        g, g_slots = optimizers[0].stateless_apply(g_slots, slopes, g)
        state = [[g, d], [g_rest, d_rest], [g_slots, d_slots]]
        return state, (d_loss, g_loss)

    def run(data):
        nonlocal state
        state, losses = step(state, data["x"], data["noise"])
        return losses

    return run


STEPS = {"tensorflow": tensorflow_step, "jax": jax_step, "torch": torch_step}


# === Ours ===


def phases_step(model):
    """The step that `fit` runs, compiled as `fit` compiles it."""
    import keras

    return OURS[keras.backend.backend()](model)


def _phases_tensorflow(model):
    import tensorflow as tf

    step = tf.function(model.train_step, reduce_retracing=True)
    return lambda data: _losses(step((data, data["y"])))


def _phases_torch(model):
    import torch

    def run(data):
        data = {name: torch.as_tensor(value) for name, value in data.items()}
        return _losses(model.train_step((data, data["y"])))

    return run


def _phases_jax(model):
    import jax

    step = jax.jit(model.train_step, donate_argnums=0)
    groups = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
    state = tuple([v.value + 0 for v in group] for group in groups)

    def run(data):
        nonlocal state
        logs, state = step(state, (data, data["y"]))
        return _losses(logs)

    return run


def _losses(logs):
    return logs["discriminator_loss"], logs["generator_loss"]


OURS = {
    "tensorflow": _phases_tensorflow,
    "jax": _phases_jax,
    "torch": _phases_torch,
}


def losses_of(run, data):
    """Returns the losses of some steps; ours are running means."""
    import keras

    convert = keras.ops.convert_to_numpy
    return np.array(
        [[float(convert(v)) for v in run(data)] for _ in range(CHECKED)]
    )


def check_equal(ours, other):
    counts = np.arange(1, CHECKED + 1)[:, None]
    ours = np.diff(ours * counts, axis=0, prepend=0)
    apart = np.abs(ours - other).max()
    if not apart <= TOLERANCE:
        raise SystemExit(f"the steps differ by {apart:.1e}: {ours} {other}")


def time_round(run, data, steps=10):
    """Returns seconds a step, on the clock and of all processors."""
    import keras

    began = time.perf_counter(), time.process_time()
    for _ in range(steps):
        losses = run(data)
    # Waits for the device.
    float(keras.ops.convert_to_numpy(losses[1]))
    ended = time.perf_counter(), time.process_time()
    return [(b - a) / steps for a, b in zip(began, ended, strict=True)]


def compare(backend_name, rounds=9):
    """Returns milliseconds a step of both, and how much slower ours is."""
    from kerasnotes.runtime import setup as backend

    backend.setup(backend_name)
    model, twin, data = make_model(), make_model(), make_data()
    twin.set_weights(model.get_weights())
    hand = STEPS[backend_name](twin.generator, twin.discriminator)
    ours = phases_step(model)
    check_equal(losses_of(ours, data), losses_of(hand, data))
    found = np.zeros((rounds, 2, 2))
    for number in range(rounds):
        for place, run in enumerate((ours, hand)):
            found[number, place] = time_round(run, data)
    # Rounds are paired: what else the machine does meets both.
    ratios = np.median(found[:, 0] / found[:, 1], axis=0)
    (wall, cpu), (hand_wall, hand_cpu) = 1e3 * np.median(found, axis=0)
    return {
        "backend": backend_name,
        "phases_ms": wall,
        "by_hand_ms": hand_wall,
        "slower_percent": 100 * (ratios[0] - 1),
        "phases_cpu_ms": cpu,
        "by_hand_cpu_ms": hand_cpu,
        "slower_cpu_percent": 100 * (ratios[1] - 1),
    }


if __name__ == "__main__":
    answer = compare(sys.argv[1], *map(int, sys.argv[2:]))
    print(json.dumps(answer))
