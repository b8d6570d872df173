"""What another backend makes of a note's file; see `checks.check_note`.

    python -m tests.notes.other_backend MODEL.keras FOLDER

On `KERAS_BACKEND` it writes `FOLDER/BACKEND.npz`, the outputs of the note's
networks; on TensorFlow also the SavedModel `FOLDER/exported`.
"""

import sys
from pathlib import Path

import numpy as np

from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.export import worker
from kerasnotes.runs import saving
from kerasnotes.runtime import setup
from tests.conftest import BACKEND


def answer(model):
    """Returns outputs of every network of a note, for fixed random inputs."""
    networks = {"model": model}
    if isinstance(model, ObjectiveModel):
        networks = model.parts
    answers = {}
    for name, network in networks.items():
        given = [
            _draw(tensor, number)
            for number, tensor in enumerate(network.inputs)
        ]
        found = network.predict_on_batch(given if len(given) > 1 else given[0])
        named = found if isinstance(found, dict) else {"out": found}
        answers |= {f"{name}-{key}": np.asarray(v) for key, v in named.items()}
    return answers


def _draw(tensor, seed):
    shape = [size or 8 for size in tensor.shape]
    rng = np.random.default_rng(seed)
    if "int" in str(tensor.dtype):
        return rng.integers(0, 2, shape).astype("int32")
    return (8 * rng.random(shape)).astype("float32")


def export(path, folder):
    """Exports a SavedModel, compared with its model; raises if it fails."""
    artefact = folder / "exported"
    worker.export(
        {"model": str(path), "format": "saved_model", "artefact": str(artefact)}
    )


def main(path, folder):
    setup.setup()
    np.savez(folder / f"{BACKEND}.npz", **answer(saving.load_model(path)))
    if BACKEND == "tensorflow":
        export(path, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
