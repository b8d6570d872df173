"""`.npy` files: one array, inputs without labels."""

import re
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.meaning import unlabelled
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems

LABELS = re.compile(r"(^|[^a-z])(y|labels?|lbls?|targets?|masks?)([^a-z]|$)")
"""What files of labels are called, in small letters."""


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads inputs without labels, for a generator.

    Raises:
        DataError: If it is damaged, or labels lie in a file beside it.
    """
    others = sorted(
        other.name
        for other in path.parent.glob("*.npy")
        if other.name != path.name
    )
    labels = next((n for n in others if LABELS.search(n.lower())), None)
    if LABELS.search(path.name.lower()):
        raise _one_of_two(path, others[0] if others else "x.npy", path.name)
    if labels is not None:
        raise _one_of_two(path, path.name, labels)
    try:
        with open(path, "rb") as file:
            x = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, EOFError, ValueError, MemoryError) as error:
        raise DataError(
            f"{path} cannot be read as .npy: {str(error).rstrip('.')}.",
            expected="an array of numbers, written by numpy.save",
            received=path.name,
        ) from None
    y = unlabelled.labels(x, str(path))
    problems.note(
        f"{path.name} holds one array, and is read as inputs without labels, "
        "for a generator; labels belong beside them in a .npz, as x and y."
    )
    target = unlabelled.target(config)
    return make_dataset(
        {"all": (x, y)},
        config,
        problems,
        name=path.stem,
        target=target,
        strange=True,
    )


def _one_of_two(path: Path, inputs: str, labels: str) -> DataError:
    """Explains how two arrays in files of their own become a data set."""
    made = path.with_suffix(".npz").name
    return DataError(
        f"{path} holds one array: inputs without labels, or the labels alone.",
        expected="a .npz with both, as x and y; for a generator, the inputs in "
        "a folder without labels",
        received=path.name,
        hint=f'in {path.parent}: python -c "import numpy as n; '
        f"n.savez('{made}', x=n.load('{inputs}'), y=n.load('{labels}'))\""
        f"; a model answers for {inputs} alone: kn predict RUN {inputs}",
    )
