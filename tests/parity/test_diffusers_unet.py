"""Our U-Net and that of `diffusers`, weights copied over: one answer."""

import keras
import numpy as np
import pytest

from kerasnotes.notes.ddpm.network import Sizes, build_unet

from .diffusers_weights import build_twin

CASES = {
    "grey": ((16, 16, 1), Sizes((16, 32), attention=(1,))),
    "odd": ((7, 7, 3), Sizes((8,), attention=(0,), blocks=1)),
    "three": ((12, 20, 3), Sizes((16, 24, 32), attention=(1, 2), time=16)),
    "classes": ((8, 8, 1), Sizes((16, 16), num_classes=3)),
}


def shake(model, rng):
    """Gives every weight a random value: zeros would hide what they do."""
    model.set_weights(
        [
            (w + 0.1 * rng.standard_normal(w.shape)).astype("float32")
            for w in model.get_weights()
        ]
    )


# That the three agree on such networks, test_parity.py asks.
@pytest.mark.once
@pytest.mark.large
@pytest.mark.parametrize("name", CASES)
def test_the_same_answer(name):
    torch = pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    shape, sizes = CASES[name]
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    sizes = Sizes(**{**vars(sizes), "time": sizes.widths[0]})
    unet = build_unet(shape, sizes)
    shake(unet, rng)
    twin = build_twin(unet, shape, sizes).eval()
    x = rng.standard_normal((2, *shape)).astype("float32")
    t = np.array([3.0, 977.5], "float32")
    label = np.array([1, 3], "int32")
    inputs = [x, t] + [label] * bool(sizes.num_classes)
    ours = unet.predict_on_batch(inputs)
    with torch.inference_mode():
        theirs = twin(
            torch.from_numpy(x.transpose(0, 3, 1, 2)),
            torch.from_numpy(t),
            torch.from_numpy(label).long() if sizes.num_classes else None,
        ).sample.numpy()
    assert ours.std() > 0.1
    np.testing.assert_allclose(ours, theirs.transpose(0, 2, 3, 1), atol=1e-4)
