"""The smallest of each note, and data for it: one table."""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.series.pictures import series_of
from kerasnotes.data.spec import Spec
from kerasnotes.notes import NOTES
from tests.specs import flat, reflat

DIGITS = flat(
    "digits",
    "image",
    (8, 8, 1),
    "uint8",
    "class",
    tuple("0123456789"),
    value_range=(0.0, 16.0),
)
SCENES = flat(
    "scenes",
    "image",
    (16, 16, 1),
    "uint8",
    "mask",
    ("background", "square"),
    mask_values=(0, 1),
)
ODD = reflat(DIGITS, name="odd", shape=(6, 6, 1))
TABLE = flat("table", "table", (3,), "uint8", "class", ("a", "b"))
MEASURED = Spec(
    "measured",
    (fields.table(("a", "b", "c"), "uint8"),),
    (fields.values([Column("u"), Column("v", mean=1.0, deviation=2.0)]),),
)
STATISTICS = ([5.0], [36.0])


@dataclasses.dataclass(frozen=True)
class Small:
    """How to make a note small.

    Args:
        settings: Of its own fields.
        wrong: Data that it must refuse.
        spec: Data that it takes.
    """

    settings: dict[str, Any]
    wrong: Spec
    spec: Spec = DIGITS


SMALL = {
    "mlp": Small({"widths": [8]}, wrong=SCENES),
    "kan": Small(
        {"widths": [4], "products": [1], "grids": [3], "order": 2},
        wrong=SCENES,
    ),
    "inn": Small(
        {"widths": [8, 8], "normalization": "batch", "linear_path": True},
        wrong=DIGITS,
        spec=MEASURED,
    ),
    "cnn": Small({"width": 0.2}, wrong=TABLE),
    "ucnn": Small(
        {"filters": 4, "units": 8, "depth": 1, "activation": "tanh"},
        wrong=TABLE,
    ),
    "vgg16": Small(
        {"blocks": [1, 2], "filters": [3, 4], "dense": [8]}, wrong=TABLE
    ),
    "resnet": Small({"depth": 8, "width": 3}, wrong=TABLE),
    "backbone": Small(
        # Dark enough, that random weights tell images from one another.
        {"stages": 1, "dropout": 0.3, "scale": [1 / 16] * 3, "offset": [0] * 3},
        wrong=TABLE,
    ),
    "rnn": Small({"widths": [4], "recurrent_dropout": 0.2}, wrong=TABLE),
    "lstm": Small(
        {"cell": "gru", "widths": [16, 16], "bidirectional": True}
        | {"recurrent_dropout": 0.2},
        wrong=TABLE,
    ),
    "tcn": Small({"filters": 4, "levels": 2}, wrong=TABLE),
    "transformer": Small(
        {"width": 8, "heads": 2, "depth": 1, "network": "encoder-decoder"},
        wrong=TABLE,
    ),
    "snn": Small(
        {"widths": [6], "steps": 4, "population": 2, "dropout": 0.2}
        | {"threshold": 0.25, "learn_beta": True, "loss": "membrane"},
        wrong=SCENES,
    ),
    "unet": Small({"width": 2, "depth": 1, "dropout": 0.3}, DIGITS, SCENES),
    "bcnn": Small({"width": 0.3, "kl": "blundell"}, wrong=TABLE),
    "vae": Small(
        {"latent": 3, "network": "mlp", "widths": [8]}
        | {"binarize": "stochastic"},
        wrong=SCENES,
    ),
    "pixelcnn": Small(
        {"filters": 4, "layers": 2, "hidden": 8, "first_kernel": 3},
        wrong=SCENES,
    ),
    "made": Small(
        {"widths": [8], "order": "random", "orders": 2, "dropout": 0.2},
        wrong=TABLE,
    ),
    "gan": Small(
        {"latent": 3, "width": 2, "hidden": 8, "dropout": 0.2}, wrong=ODD
    ),
    "ddpm": Small(
        {"widths": [8], "dropout": 0.2, "timesteps": 20}, wrong=SCENES
    ),
}
"""Every note's line. A new note adds its own."""


def make_small(name: str) -> Any:
    """Returns a new small model of the note called `name`."""
    note, small = NOTES[name], SMALL[name]
    config = note.config_class()(**small.settings)
    spec = small.spec
    if config.reads_images != "images":
        spec = series_of(spec, config.reads_images)
    width = spec.input.shape[-1]
    statistics = (values * width for values in STATISTICS)
    return note.model_class()(config, spec, *statistics)


def write_small(name: str, path: Any, spec: Spec | None = None) -> Any:
    """Writes 24 + 8 + 8 random examples of the note's data as `.npz`."""
    spec = spec or SMALL[name].spec
    rng = np.random.default_rng(0)
    low, high = (int(limit) for limit in spec.input.limits)
    arrays = {}
    for part, count in (("train", 24), ("val", 8), ("test", 8)):
        x = rng.integers(low, high + 1, (count, *spec.input.shape))
        shape = (
            (count, *spec.input.shape[:2])
            if spec.target.kind == "mask"
            else (count,)
        )
        if spec.target.kind == "values":
            y = rng.normal(size=(count, *spec.target.shape)).astype("float32")
        else:
            y = rng.integers(0, spec.target.num_classes, shape)
            numbers = np.arange(spec.target.num_classes)
            y.flat[: len(numbers)] = numbers[: y.size]
        arrays |= {f"x_{part}": x.astype("uint8"), f"y_{part}": y}
    np.savez(path, **arrays)
    return path
