"""Our AdamW takes Keras' steps, whatever kernel computes them."""

import keras
import numpy as np

from kerasnotes.backends.kernels.adamw import AdamW
from tests.checks import to_numpy


def run(cls, **options):
    rng = np.random.default_rng(0)
    inputs = keras.Input((5,))
    outputs = keras.layers.Dense(3, name="a")(inputs)
    model = keras.Model(inputs, keras.layers.Dense(2, name="b")(outputs))
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    optimizer = cls(1e-2, weight_decay=0.1, **options)
    model.compile(optimizer, "mse", jit_compile=False)
    for _ in range(8):
        x, y = rng.normal(size=(4, 5)), rng.normal(size=(4, 2))
        model.train_on_batch(x.astype("float32"), y.astype("float32"))
    slots = [to_numpy(v) for v in optimizer.variables]
    return model.get_weights() + slots


def check(**options):
    ours, keras_own = (
        run(AdamW, **options),
        run(keras.optimizers.AdamW, **options),
    )
    for mine, theirs in zip(ours, keras_own, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


def test_plain():
    check()


def test_clipped_averaged_accumulated():
    check(global_clipnorm=0.5, use_ema=True, gradient_accumulation_steps=2)


def test_amsgrad():
    check(amsgrad=True)
