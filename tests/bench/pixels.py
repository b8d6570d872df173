"""Drawing from `pixelcnn`: by rows, against one network call a pixel.

    python -m tests.bench.pixels [--run RUN] [--images N] [--side N]

Both are compiled, and asked on the backend of KERAS_BACKEND; that they draw
the same images from the same numbers is checked. Without a run the network
is the default one, untrained: the work is the same.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
from keras import ops

from kerasnotes.backends.jit import jit_compile
from kerasnotes.contracts.generation import Request
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.inference.latent_drawing import draw
from kerasnotes.layers.pixel_levels import to_uniform
from kerasnotes.notes import find
from kerasnotes.runs import saving


def make(side):
    """Returns an untrained network for `side` x `side` images."""
    spec = Spec(
        name="random",
        inputs=(fields.image((side, side, 1), "uint8"),),
        targets=(fields.one_class(tuple("0123456789")),),
    )
    note = find("pixelcnn")
    config = note.config_class()()
    return note.model_class()(config, spec, [127.5], [5418.75])


def draw_naively(model, noise):
    """Returns raw images, `(B, H, W, 1)`: a call of the network a pixel."""
    network, levels = model.network, model.levels
    uniform = ops.convert_to_numpy(to_uniform(ops.convert_to_tensor(noise)))
    image = np.zeros_like(noise)
    for row, column in np.ndindex(noise.shape[1:3]):
        x = np.asarray(ops.convert_to_numpy(levels.scaled(image)))
        logits = network.predict_on_batch(x)[:, row, column]
        level = levels.draw(
            ops.convert_to_tensor(logits), uniform[:, row, column]
        )
        image[:, row, column] = ops.convert_to_numpy(level)
    return np.asarray(levels.to_raw(image))


def timed(function):
    """Returns what a function returns, wall and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = function()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--side", type=int, default=28)
    given = parser.parse_args()
    if given.run:
        model = saving.load_model(given.run / "model.keras")
    else:
        model = make(given.side)
    model.network.jit_compile = jit_compile()
    shape = model.spec.input.shape
    request = Request(given.images)
    model.generate(request)  # compiles
    rows, *by_rows = timed(lambda: model.generate(request))
    kept = []
    size = int(np.prod(shape))
    draw(lambda noise, _: kept.append(noise) or noise, size, request)
    noise = np.concatenate(kept)[: given.images].reshape(-1, *shape)
    model.network.predict_on_batch(noise)  # compiles
    naive, *by_pixels = timed(lambda: draw_naively(model, noise))
    same = float((naive == rows.values).all(axis=(1, 2, 3)).mean())
    print(f"{keras.backend.backend()}: {given.images} images of {shape}")
    for name, (wall, cpu) in (
        ("a call a pixel", by_pixels),
        ("by rows", by_rows),
    ):
        print(f"  {name:16} {wall:8.2f} s   CPU {cpu:8.2f} s")
    print(f"  {by_pixels[1] / by_rows[1]:.0f} times less processor time")
    print(f"  equal images: {same:.1%}")


if __name__ == "__main__":
    main()
