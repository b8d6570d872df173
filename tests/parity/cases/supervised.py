"""Ten steps of the U-Net and the perceptron; what one saves, others load."""

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.notes import find
from kerasnotes.runs import saving
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.compiling import compile_model
from tests.specs import flat

NOTES = {"unet": "segmentation", "mlp": "classification"}
SHAPES = {"unet": (32, 32, 1), "mlp": (8, 8, 1)}
CONFIGS = {
    "unet": {"width": 4, "depth": 2, "dropout": 0.0},
    "mlp": {"widths": [16], "dropout": 0.0},
}
CLASSES = ("a", "b", "c")
STEPS, BATCH = 10, 4
TOLERANCES = {
    "before": {"atol": 1e-5, "rtol": 0},
    "losses": {"atol": 1e-4, "rtol": 0},
}


def write(folder):
    rng = np.random.default_rng(0)
    for note in NOTES:
        write_batches(note, folder, rng)
        write_model(note, folder)


def write_batches(note, folder, rng):
    """Classes by the height of a ramp: something that can be learned."""
    shape = (STEPS, BATCH, *SHAPES[note])
    x = rng.integers(0, 256, shape).astype("float32")
    y = x[..., 0] // 86 if note == "unet" else x[..., 3, 3, 0] // 86
    np.savez(folder / f"{note}.npz", x=x, y=y.astype("int32"))


def write_model(note, folder):
    target = "mask" if note == "unet" else "class"
    spec = flat(note, "image", SHAPES[note], "uint8", target, CLASSES)
    entry = find(note)
    config = entry.config_class().model_validate(CONFIGS[note])
    keras.utils.set_random_seed(0)
    model = entry.model_class()(config, spec, [127.0], [5000.0])
    saving.save_model(model, folder / f"{note}.keras", {"note": note})


def predict(model, x):
    return np.asarray(keras.ops.convert_to_numpy(model(x, training=False)))


def read(path):
    """Returns what a file that was saved after training predicts."""
    note = path.stem.partition("-")[0]
    x = np.load(path.with_name(f"{note}.npz"))["x"][0]
    return predict(saving.load_model(path), x)


def answer(folder, name):
    """Ten training steps on the same batches on every backend."""
    answers = {}
    for note, task in NOTES.items():
        batches = np.load(folder / f"{note}.npz")
        model = saving.load_model(folder / f"{note}.keras")
        answers[f"{note}/before"] = predict(model, batches["x"][0])
        config = TrainConfig(learning_rate=3e-3, weight_decay=0.01)
        compile_model(
            model, make_task(task, model.spec), config, total_steps=STEPS
        )
        losses = [
            model.train_on_batch(x, y)[0]
            for x, y in zip(batches["x"], batches["y"], strict=True)
        ]
        answers[f"{note}/losses"] = np.array(losses, "float64")
        answers[f"{note}/after"] = predict(model, batches["x"][0])
        path = folder / f"{note}-{name}.keras"
        saving.save_model(model, path, {"note": note})
    return answers


def check(answers):
    for note in NOTES:
        before = answers[f"{note}/before"]
        assert (before.shape[0], before.shape[-1]) == (BATCH, len(CLASSES))
        assert before.std() > 0.01
        losses = answers[f"{note}/losses"]
        assert len(np.unique(losses.round(6))) == STEPS
        assert not np.allclose(before, answers[f"{note}/after"], atol=1e-3)
