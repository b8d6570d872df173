"""A small classifier whose features and answers score generated images.

It is trained here, on the real training part, so that no score rests on a
network from elsewhere. Its probabilities say which class a sample shows, its
last hidden layer gives the features of the Fréchet distance. What it is
worth is told beside every score: its accuracy on the real test part.
"""

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from kerasnotes.backends.jit import jit_compile
from kerasnotes.base.errors import StorageError
from kerasnotes.base.types import Array, Progress, Tensor
from kerasnotes.data.augmentation.augment import make_augment
from kerasnotes.data.batches import Batches
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import read_batch
from kerasnotes.data.spec import Spec
from kerasnotes.inference.predictor import filled
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.losses.classification import CrossEntropy
from kerasnotes.runs import saving
from kerasnotes.runs.archive import archive

FILE = "judge.keras"
"""Runs keep it under this name, and its model and record under `judge`."""
RECIPE = 1
"""Changes with the network or its training: older files are not used."""
FEATURES = 64
STEPS = 1_000
EPOCHS = 3
"""It trains for so many steps or epochs, whichever is longer."""
BATCH = 256


class FeatureClassifier:
    """Says what images show.

    Args:
        model: From raw pixels to `features` and `probabilities`.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, x: Array) -> tuple[Array, Array]:
        """Returns features `(N, 64)` and class probabilities `(N, K)`.

        Args:
            x: Raw images `(N, H, W, C)`.
        """
        answers = [
            self._batch(x[i : i + BATCH]) for i in range(0, len(x), BATCH)
        ]
        features, probabilities = zip(*answers, strict=True)
        return np.concatenate(features), np.concatenate(probabilities)

    def _batch(self, x: Array) -> tuple[Array, Array]:
        # Few batch shapes: some backends compile anew for each.
        batch = filled(np.asarray(x, "float32"))
        answer = self.model.predict_on_batch(batch)
        features, probabilities = (np.asarray(a, "float32") for a in answer)
        return features[: len(x)], probabilities[: len(x)]


def find_classifier(
    train: Split, spec: Spec, folder: Path | None
) -> FeatureClassifier | None:
    """Returns the one in a run's folder, if it learnt from this data."""
    if folder is None or not (folder / FILE).is_file():
        return None
    path = folder / FILE
    try:
        record = archive.read_record(path)
        if record.get("judge") != digest(train, spec):
            return None
        return FeatureClassifier(saving.load_model(path))
    except StorageError:
        # A file that cannot be used is made anew.
        return None


def make_classifier(
    train: Split,
    spec: Spec,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> FeatureClassifier:
    """Trains one, and keeps it as `judge.keras` in a run's folder.

    Args:
        train: The real training part.
        spec: Its description: images of one size, two or more classes.
        folder: Where it is kept; `None` keeps it nowhere.
        progress: Told how many epochs are done.
    """
    model = build_classifier(spec)
    _train(model, train, spec, progress)
    if folder is not None:
        record = {"judge": digest(train, spec), "spec": spec.to_json()}
        # A folder that only can be read costs training again, no more.
        with contextlib.suppress(StorageError):
            saving.save_model(model, folder / FILE, record)
    return FeatureClassifier(model)


def build_classifier(spec: Spec) -> Any:
    """Returns the untrained network: raw pixels to features, probabilities.

    Two or more convolutions of 3x3, each with a pooling, until the side is 4
    or less; a dense layer. Everything is drawn from fixed seeds.
    """
    low, high = spec.input.limits
    scale = 2.0 / max(high - low, 1e-12)
    image = keras.Input(spec.input.shape, name="image")
    x = layers.Rescaling(scale, -1.0 - low * scale, name="scale", **_FLOAT)(
        image
    )
    side, number = min(int(size or 1) for size in spec.input.shape[:2]), 1
    while number <= 2 or side > 4:
        x = _convolve(x, min(32 * number, 64), number)
        side, number = -(-side // 2), number + 1
    x = layers.Flatten(name="flatten", **_FLOAT)(x)
    x = layers.Dropout(0.3, seed=97, name="dropout", **_FLOAT)(x)
    x = _dense(FEATURES, "features", 98)(x)
    features = layers.ReLU(name="features_relu", **_FLOAT)(x)
    logits = _dense(spec.target.num_classes, "logits", 99)(features)
    answer = layers.Softmax(name="probabilities", **_FLOAT)(logits)
    return keras.Model(image, [features, answer], name="judge")


_FLOAT = {"dtype": "float32"}


def _convolve(x: Tensor, filters: int, number: int) -> Tensor:
    x = layers.Conv2D(
        filters,
        3,
        padding="same",
        use_bias=False,
        kernel_initializer=keras.initializers.HeNormal(seed=number),
        name=f"conv{number}",
        **_FLOAT,
    )(x)
    x = BatchNorm(momentum=0.9, name=f"norm{number}", **_FLOAT)(x)
    x = layers.ReLU(name=f"relu{number}", **_FLOAT)(x)
    return layers.MaxPooling2D(
        2, padding="same", name=f"pool{number}", **_FLOAT
    )(x)


def _dense(units: int, name: str, seed: int) -> Any:
    start = keras.initializers.GlorotUniform(seed=seed)
    return layers.Dense(units, kernel_initializer=start, name=name, **_FLOAT)


def _train(
    model: Any, train: Split, spec: Spec, progress: Progress | None
) -> None:
    """Trains with Adam; few examples are varied a little."""
    few = len(train) < 8_000
    batch_size = 32 if few else 128
    augment = make_augment("light" if few else "none", spec, 0)
    batches = Batches(
        train, spec, batch_size=batch_size, augment=augment, seed=0
    )
    epochs = max(EPOCHS, -(-STEPS // batches.steps))
    classifier = keras.Model(model.input, model.outputs[1])
    steps, warmup = epochs * batches.steps, batches.steps // 2
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=2e-4,
        decay_steps=steps - warmup,
        alpha=0.01,
        warmup_target=2e-3,
        warmup_steps=warmup,
    )
    classifier.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=CrossEntropy(),
        jit_compile=jit_compile(),
    )
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: (
            progress("training the feature classifier", epoch + 1, epochs)
            if progress
            else None
        )
    )
    classifier.fit(
        batches,
        epochs=epochs,
        steps_per_epoch=batches.steps,
        callbacks=[callback],
        shuffle=False,
        verbose=0,
    )


def digest(train: Split, spec: Spec) -> str:
    """Returns what identifies the data that was learnt from.

    A sample of the examples is enough: it is kept beside its run.
    """
    rows = np.linspace(0, len(train) - 1, min(len(train), 512)).astype("int64")
    x, y = read_batch(train, rows)
    identity = [RECIPE, len(train), spec.to_json()]
    hasher = hashlib.sha256(json.dumps(identity, sort_keys=True).encode())
    for array in (np.asarray(x, "float32"), np.asarray(y, "int32")):
        hasher.update(np.ascontiguousarray(array).tobytes())
    return hasher.hexdigest()
