"""PyTorch's exported programs; on the backend torch only."""

import json
import warnings

import numpy as np
import pytest
from keras import ops

from kerasnotes.base.errors import UsageError
from kerasnotes.export import worker
from kerasnotes.runs import saving
from tests.conftest import BACKEND
from tests.export.notes import MAKE

pytestmark = pytest.mark.skipif(
    BACKEND != "torch", reason="PyTorch exports what runs on it"
)


def export(file, path, size=None):
    request = {
        "model": str(file),
        "format": "torch",
        "artefact": str(path),
        "size": size,
    }
    with warnings.catch_warnings():
        # What the tracer warns of is its own; a child shows none of it.
        warnings.simplefilter("ignore")
        return worker.export(json.loads(json.dumps(request)))


@pytest.mark.parametrize("name", MAKE)
def test_each_note(tmp_path, name):
    import torch

    model = MAKE[name]()
    saving.save_model(model, tmp_path / "model.keras", {})
    answer = export(tmp_path / "model.keras", tmp_path / "model.pt2")
    assert [c["shape"][0] for c in answer["checks"]] == [1, 3]
    served = model if name == "bcnn" else model.serving_model()
    rng = np.random.default_rng(4)
    arrays = {
        key: rng.normal(size=(5, *side["shape"][1:])).astype(side["dtype"])
        for key, side in answer["signature"]["inputs"].items()
    }
    program = torch.export.load(tmp_path / "model.pt2").module()
    tensors = {k: torch.from_numpy(v) for k, v in arrays.items()}
    [output] = program(tensors).values()
    inputs = list(arrays.values())
    expected = served(inputs if len(inputs) > 1 else inputs[0], training=False)
    expected = ops.convert_to_numpy(ops.stop_gradient(expected))
    np.testing.assert_allclose(
        output.detach().numpy(), expected, rtol=1e-4, atol=1e-4
    )


def test_images_of_any_size_are_refused_before(files, tmp_path):
    with pytest.raises(UsageError, match="images of one size") as caught:
        export(files["unet"], tmp_path / "unet.pt2")
    assert "--size" in caught.value.hint
    assert not list(tmp_path.iterdir())
    answer = export(files["unet"], tmp_path / "unet.pt2", size=[32, 40])
    sides = answer["signature"]
    assert sides["outputs"]["probabilities"]["shape"] == [None, 32, 40, 2]
