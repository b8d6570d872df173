"""Every note, small, with weights that none starts from; TensorFlow exports.

Each backend loads a file that one has written, answers, and saves its own;
`read` then answers for a file that any of them has saved.
"""

import keras
import numpy as np

from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.export import worker
from kerasnotes.notes import NOTES
from kerasnotes.runs import saving
from tests.notes.small import make_small

from ..children import BACKENDS

TOLERANCES = {"before": {"atol": 1e-5, "rtol": 0}}


def write(folder):
    rng = np.random.default_rng(0)
    # Else an answer would vary enough by chance, or not.
    keras.utils.set_random_seed(0)
    for name in NOTES:
        model = make_small(name)
        for variable in model.variables:
            if "float" in str(variable.dtype):
                # Never down: variances stay positive.
                change = 0.05 * rng.random(tuple(variable.shape))
                variable.assign_add(change.astype("float32"))
        saving.save_model(model, folder / f"{name}.keras", {"note": name})


def answer(folder, name):
    answers = {}
    for note in NOTES:
        model = saving.load_model(folder / f"{note}.keras")
        answers[f"{note}/before"] = networks_answer(model)
        path = folder / f"{note}-{name}.keras"
        saving.save_model(model, path, {"note": note})
    return answers


def check(answers):
    assert answers.keys() == {f"{note}/before" for note in NOTES}
    for key, array in answers.items():
        assert np.std(array) > 0.01, key


def read(path):
    """Returns what the model of a file answers; TensorFlow exports it too.

    Of each note one file: that the others hold the same, answers tell.
    """
    tensorflow = keras.backend.backend() == "tensorflow"
    if tensorflow and path.stem.endswith(f"-{BACKENDS[-1]}"):
        # It compares what it wrote with the model, and raises.
        artefact = path.with_suffix(".exported")
        worker.export(
            {
                "model": str(path),
                "format": "saved_model",
                "artefact": str(artefact),
            }
        )
        assert (artefact / "saved_model.pb").is_file()
    return networks_answer(saving.load_model(path))


def networks_answer(model):
    """Returns all outputs of a note's networks, for fixed random inputs."""
    networks = [model]
    if isinstance(model, ObjectiveModel):
        networks = list(model.parts.values())
    outputs = []
    for network in networks:
        given = [draw(tensor, n) for n, tensor in enumerate(network.inputs)]
        found = network.predict_on_batch(given if len(given) > 1 else given[0])
        outputs += keras.tree.flatten(found)
    return np.concatenate([np.ravel(output) for output in outputs])


def draw(tensor, seed):
    shape = [size or 8 for size in tensor.shape]
    rng = np.random.default_rng(seed)
    if "int" in str(tensor.dtype):
        return rng.integers(0, 2, shape).astype("int32")
    return (8 * rng.random(shape)).astype("float32")
