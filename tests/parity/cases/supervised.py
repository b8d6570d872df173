"""Ten steps of the supervised notes; what one saves, others load."""

import dataclasses
from typing import Any

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.spec import Spec
from kerasnotes.notes import find
from kerasnotes.runs import saving
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.compiling import compile_model
from tests.specs import flat

CLASSES = ("a", "b", "c")
AGE = Column("age", mean=4, deviation=3)
MEASURED = Spec(
    "measured",
    inputs=(fields.table(["height", Column("kind", CLASSES), "width"]),),
    targets=(fields.values([Column("mass", mean=140, deviation=75), AGE]),),
)
SERIES = Spec(
    "series",
    inputs=(fields.series(12, [Column("a"), Column("b")]),),
    targets=(fields.forecast(3, [Column("b", mean=127, deviation=70)]),),
)


@dataclasses.dataclass(frozen=True)
class Part:
    """A model to train.

    Args:
        note: The note's name.
        task: The task's name.
        config: The note's own fields.
        spec: What it is trained on.
        columns: How many have a mean and a variance.
    """

    note: str
    task: str
    config: dict[str, Any]
    spec: Spec
    columns: int = 1


PARTS = {
    "unet": Part(
        "unet",
        "segmentation",
        {"width": 4, "depth": 2, "dropout": 0.0},
        flat("unet", "image", (32, 32, 1), "uint8", "mask", CLASSES),
    ),
    "mlp": Part(
        "mlp",
        "classification",
        {"widths": [16], "dropout": 0.0},
        flat("mlp", "image", (8, 8, 1), "uint8", "class", CLASSES),
    ),
    "cnn": Part(
        "cnn",
        "classification",
        {"width": 0.2, "dropout": 0.0},
        flat("cnn", "image", (8, 8, 1), "uint8", "class", CLASSES),
    ),
    "resnet": Part(
        "resnet",
        "classification",
        {"depth": 8, "width": 4},
        flat("resnet", "image", (8, 8, 1), "uint8", "class", CLASSES),
    ),
    "ucnn": Part(
        "ucnn",
        "classification",
        {"filters": 4, "units": 8, "whole": 4, "kernel_size": 3}
        | {"depth": 1, "activation": "tanh"},
        flat("ucnn", "image", (8, 8, 1), "uint8", "class", CLASSES),
    ),
    "lstm": Part(
        "lstm",
        "forecasting",
        {"widths": [6, 4], "dropout": 0.0, "bidirectional": True}
        | {"linear_path": False},
        SERIES,
        columns=2,
    ),
    "tcn": Part(
        "tcn",
        "forecasting",
        {"filters": 6, "dropout": 0.0, "linear_path": False},
        SERIES,
        columns=2,
    ),
    "transformer": Part(
        "transformer",
        "forecasting",
        {"width": 6, "heads": 2, "depth": 1, "dropout": 0.0, "patch": 3}
        | {"network": "encoder-decoder", "linear_path": False},
        SERIES,
        columns=2,
    ),
    "measured": Part(
        "mlp",
        "regression",
        {"widths": [16], "dropout": 0.0, "hidden_categories": 0.0}
        | {"normalization": "none", "linear_path": True},
        MEASURED,
        columns=3,
    ),
}
STEPS, BATCH = 10, 4
TOLERANCES = {
    "before": {"atol": 1e-5, "rtol": 1e-5},
    "losses": {"atol": 1e-4, "rtol": 0},
}


def write(folder):
    rng = np.random.default_rng(0)
    for name, part in PARTS.items():
        write_batches(name, part, folder, rng)
        write_model(name, part, folder)


def write_batches(name, part, folder, rng):
    """Targets that can be learned: of images, by the height of a ramp."""
    shape = (STEPS, BATCH, *part.spec.input.shape)
    x = rng.integers(0, 256, shape).astype("float32")
    if part.task == "forecasting":
        # What comes next is what came before, in part.
        y = 100 + 0.2 * x[..., -3:, 1:]
    elif part.task == "regression":
        x[..., 1] = rng.integers(0, 4, (STEPS, BATCH))
        y = np.stack([x[..., 0] + 9 * x[..., 1], x[..., 2] / 30], axis=-1)
    else:
        y = x[..., 0] if part.task == "segmentation" else x[..., 3, 3, 0]
        y = (y // 86).astype("int32")
    np.savez(folder / f"{name}.npz", x=x, y=y)


def write_model(name, part, folder):
    entry = find(part.note)
    config = entry.config_class().model_validate(part.config)
    keras.utils.set_random_seed(0)
    mean, variance = [127.0] * part.columns, [5000.0] * part.columns
    model = entry.model_class()(config, part.spec, mean, variance)
    saving.save_model(model, folder / f"{name}.keras", {"note": part.note})


def predict(model, x):
    return np.asarray(keras.ops.convert_to_numpy(model(x, training=False)))


def read(path):
    """Returns what a file that was saved after training predicts."""
    name = path.stem.partition("-")[0]
    x = np.load(path.with_name(f"{name}.npz"))["x"][0]
    return predict(saving.load_model(path), x)


def answer(folder, name):
    """Ten training steps on the same batches on every backend."""
    answers = {}
    for key, part in PARTS.items():
        batches = np.load(folder / f"{key}.npz")
        model = saving.load_model(folder / f"{key}.keras")
        answers[f"{key}/before"] = predict(model, batches["x"][0])
        config = TrainConfig(learning_rate=3e-3, weight_decay=0.01)
        compile_model(
            model, make_task(part.task, part.spec), config, total_steps=STEPS
        )
        losses = [
            model.train_on_batch(x, y)[0]
            for x, y in zip(batches["x"], batches["y"], strict=True)
        ]
        answers[f"{key}/losses"] = np.array(losses, "float64")
        answers[f"{key}/after"] = predict(model, batches["x"][0])
        path = folder / f"{key}-{name}.keras"
        saving.save_model(model, path, {"note": part.note})
    return answers


def check(answers):
    for key, part in PARTS.items():
        before = answers[f"{key}/before"]
        kinds = len(part.spec.target.columns or CLASSES)
        assert (before.shape[0], before.shape[-1]) == (BATCH, kinds)
        assert before.std() > 0.01
        losses = answers[f"{key}/losses"]
        assert len(np.unique(losses.round(6))) == STEPS
        assert not np.allclose(before, answers[f"{key}/after"], atol=1e-3)
