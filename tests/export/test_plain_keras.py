"""`--format keras`: the file opens where kerasnotes is not."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.export.examples import make_requests
from kerasnotes.export.formats import plain_keras
from kerasnotes.export.signature import ask_model, read_signature
from tests.conftest import BACKEND
from tests.export.conftest import IMAGES, make_mlp
from tests.export.notes import make_bcnn, make_ddpm, make_gan, make_vae

STRANGER = """
import pathlib, sys
sys.modules["kerasnotes"] = None  # its import raises
import keras, numpy as np
for file in pathlib.Path(sys.argv[1]).glob("*/plain.keras"):
    model = keras.saving.load_model(file, safe_mode=True)
    for path in file.parent.glob("*.npz"):
        given = [array for array in np.load(path).values()]
        answer = model.predict_on_batch(given if len(given) > 1 else given[0])
        np.save(path.with_suffix(".npy"), answer)
"""


def make_unet(padding="same"):
    from kerasnotes.notes.unet.config import UNetConfig
    from kerasnotes.notes.unet.note import UNet

    config = UNetConfig(width=2, depth=2, dropout=0.1, padding=padding)
    return UNet(config, IMAGES, [127.0], [4000.0])


MAKE = {
    "mlp": make_mlp,
    "unet": make_unet,
    "bcnn": make_bcnn,
    "vae": lambda: make_vae().serving_model(),
    "gan": lambda: make_gan().serving_model(),
}


def stir(model):
    """Moves every weight off its first value, normalization's included."""
    rng = np.random.default_rng(1)
    model.set_weights(
        [
            # Seeds of dropout are whole numbers.
            w + rng.uniform(0, 0.2, w.shape).astype(w.dtype)
            if w.dtype.kind == "f"
            else w
            for w in model.get_weights()
        ]
    )


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Files, opened and asked by one process that has nothing but Keras.

    Returns:
        By name: what each was asked and should answer, and what it did.
    """
    folder = tmp_path_factory.mktemp("plain")
    expected = {name: write_and_ask(name, folder / name) for name in MAKE}
    subprocess.run(
        [sys.executable, "-I", "-c", STRANGER, str(folder)],
        check=True,
        env={**os.environ, "KERAS_BACKEND": BACKEND},
    )
    return {
        name: [
            (answer, np.load(folder / name / f"{number}.npy"))
            for number, answer in enumerate(answers)
        ]
        for name, answers in expected.items()
    }


def write_and_ask(name, folder):
    """Writes a plain file and requests; returns our own answers to them."""
    folder.mkdir()
    keras.utils.set_random_seed(0)
    model = MAKE[name]()
    stir(model)
    # An odd size: the crop of the skip connections has something to cut.
    signature = read_signature(model, (15, 21) if name == "unet" else None)
    plain_keras.write(model, signature, folder / "plain.keras")
    answers = []
    for number, tensors in enumerate(make_requests(model, signature)):
        np.savez(folder / f"{number}.npz", **tensors)
        [answer] = ask_model(model, signature, tensors).values()
        answers.append(answer)
    return answers


@pytest.mark.parametrize("name", MAKE)
def test_opens_without_us_with_equal_answers(name, opened):
    assert opened[name]
    for expected, answer in opened[name]:
        scale = max(1.0, np.abs(expected).max())
        assert np.abs(answer - expected).max() / scale <= 1e-6


@pytest.mark.once
@pytest.mark.parametrize(
    ("make", "size", "message"),
    [
        (lambda: make_ddpm().serving_model(), None, "no equal among Keras"),
        (lambda: make_unet("valid"), (16, 16), "`mirror`"),
        (make_unet, None, "--size HEIGHT WIDTH"),
    ],
    ids=["ddpm", "mirror", "size"],
)
def test_what_keras_has_no_equal_of_is_refused(make, size, message, tmp_path):
    model = make()
    with pytest.raises(UsageError, match=message):
        plain_keras.write(
            model, read_signature(model, size), tmp_path / "plain.keras"
        )
    assert not list(tmp_path.iterdir())
