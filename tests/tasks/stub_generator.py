"""A generator without training: a Gaussian fitted to the training part."""

from typing import Any, ClassVar

import keras
import numpy as np
from keras import layers

from kerasnotes.base.config import DataConfig
from kerasnotes.contracts import generation as generating
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.contracts.generation import Generated
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.data.load import load
from kerasnotes.runs import run, saving


class StubConfig(NoteConfig):
    """Nothing to choose."""


@keras.saving.register_keras_serializable("kerasnotes")
class Stub(ObjectiveModel):
    """Adds to noise what a dense layer says."""

    config_class = StubConfig
    sample_options: ClassVar[frozenset[str]] = frozenset(
        {"label", "sampler", "steps", "guidance", "frames"}
    )
    quick_sampling: ClassVar[dict[str, Any]] = {"steps": 2}

    def __init__(self, config, spec, mean, variance):
        super().__init__(name="stub")
        noise = keras.Input((4,), name="noise")
        size = int(np.prod(spec.input.shape))
        x = layers.Dense(size, name="dense")(noise)
        image = layers.Reshape(spec.input.shape, name="image")(x)
        self.network = keras.Model(noise, image, name="network")
        self.remember(config, spec, mean, variance)
        self.built = True

    @property
    def parts(self):
        return {"network": self.network}

    def call(self, inputs, training=False):
        return {"x": self.network(inputs["noise"])}

    def compute_loss(self, x=None, y=None, y_pred=None, **kwargs):
        return keras.ops.mean(y_pred["x"])

    def serving_model(self):
        return self.network

    def generate(self, request, progress=None):
        generating.check(request, self.sample_options, "stub", self.spec)
        noise = np.stack(
            [
                np.random.default_rng([request.seed, i]).standard_normal(4)
                for i in range(request.count)
            ]
        ).astype("float32")
        out = keras.ops.convert_to_numpy(self.network(noise))
        low, high = self.spec.input.limits
        values = np.clip(low + (high - low) * (0.5 + 0.3 * out), low, high)
        if self.spec.input.kind == "table":
            values = out
        labels = np.arange(request.count) % self.spec.target.num_classes
        if request.label is not None:
            labels = np.full(request.count, request.label)
        trajectory = None
        if request.frames:
            parts = np.linspace(0, 1, request.frames, dtype="float32")
            trajectory = np.stack([part * values for part in parts])
        used = {"sampler": request.sampler or "stub", "steps": request.steps}
        return Generated(values.astype("float32"), labels, trajectory, used)


def write_stub_run(folder, source="digits", make=None):
    """Writes the folder that `kn fit` would, untrained.

    Args:
        folder: Where to.
        source: The data.
        make: From a `Spec` to a generator; a `Stub` by default.
    """
    data = DataConfig(source=str(source))
    dataset = load(data)
    make = make or (lambda spec: Stub(StubConfig(), spec, [0.0], [1.0]))
    model = make(dataset.spec)
    record = {
        "note": model.name,
        "task": "generation",
        "spec": dataset.spec.to_json(),
        "config": {"data": data.model_dump(mode="json"), "train": {}},
        "data": {"fingerprint": dataset.fingerprint},
    }
    made = run.create(folder, model.name)
    made.write_record(record)
    saving.save_model(model, made.model_path, record)
    return folder
