"""scikit-learn's 1,797 real handwritten digits: needs no download.

Source: the test part of E. Alpaydin & C. Kaynak, Optical Recognition of
Handwritten Digits, UCI, 1998. https://doi.org/10.24432/C50P49
"""

import functools

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.meaning import labels
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.spec import Spec

COUNT = 1797
VALUES = (0.0, 16.0)


@functools.cache
def digit_images() -> tuple[Array, Array]:
    """Returns images `(1797, 8, 8)` uint8, 0 to 16, and digits `(1797,)`."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype("uint8"), digits.target.astype("int32")


def outline(config: DataConfig) -> tuple[Spec, range]:
    """Returns the description of `load`'s set, and as many training rows."""
    names = [str(digit) for digit in range(10)]
    spec = Spec(
        name="digits",
        inputs=(fields.image((8, 8, 1), "uint8", VALUES),),
        targets=(fields.one_class(labels.rename(names, config.classes)),),
    )
    return spec, range(splitting.count_training(COUNT, config))


def load(config: DataConfig, problems: Problems) -> Dataset | None:
    """Returns the digits as grey images of 8x8 pixels, values 0 to 16."""
    x, y = digit_images()
    return make_dataset(
        {"all": (np.array(x), np.array(y))},
        config,
        problems,
        name="digits",
        value_range=VALUES,
    )
