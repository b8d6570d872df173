"""One file, every door, one tensor: training, eval, predict, serve, export."""

import asyncio
import base64
import functools
import json
import struct

import numpy as np
import pytest

from kerasnotes.data.readers.image.images import read_input
from kerasnotes.data.readers.image_split import ImageSplit
from kerasnotes.serving.engine.images.encoded import prepare_encoded
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.v1.handler import TensorFlowServing
from kerasnotes.serving.v2.handler import OpenInference
from kerasnotes.tasks.inputs import read_examples
from tests.image_zoo import files, upright
from tests.serving.asking import Core, Model, ask, signature
from tests.specs import flat

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.once


def spec(shape, dtype, target="class", value_range=()):
    return flat(
        name="zoo",
        input="image",
        shape=shape,
        dtype=dtype,
        target=target,
        classes=("a", "b"),
        value_range=value_range,
    )


SPECS = {
    "digits": spec((8, 8, 1), "uint8", value_range=(0.0, 16.0)),
    "photographs": spec((20, 20, 3), "uint8"),
    "unit": spec((12, 12, 1), "float32", value_range=(0.0, 1.0)),
    "wide": spec((12, 30, 3), "float32", value_range=(-1.0, 1.0)),
    "deep": spec((16, 16, 1), "uint16"),
    "masks": spec((None, None, 3), "uint8", "mask"),
    "deep masks": spec((None, None, 1), "uint16", "mask"),
}
ZOO = dict(files())


@functools.cache
def graph(name):
    """The decoder of an export, as a function from bytes to values."""
    from kerasnotes.export.decoding import decode_images

    model = SPECS[name]
    height, width, channels = model.input.shape
    side = (height, width) if model.target.kind == "class" else (None, None)

    @tf.function(input_signature=[tf.TensorSpec((None,), "string")])
    def decode(data):
        shape = (None, *side, channels)
        return decode_images(data, shape, model.input.limits, model.input.dtype)

    return decode


def served(name):
    """A model that answers with what it sees, with both its signatures."""
    model = SPECS[name]
    height, width, channels = model.input.shape
    side = (height, width) if model.target.kind == "class" else (None, None)
    shape = (None, *side, channels)
    seen = {"same": ("float32", shape)}
    plain = signature("serving_default", {"image": ("float32", shape)}, seen)
    encoded = signature(
        "encoded_image", {"image_bytes": ("bytes", (None,))}, seen
    )

    def decode(image_bytes):
        data = tf.constant([bytes(one) for one in image_bytes])
        return {"same": graph(name)(data).numpy()}

    return Model(
        name,
        (plain, lambda image: {"same": image}),
        (encoded, decode),
        card={"spec": model.to_json()},
    )


@functools.cache
def core():
    return Core(*map(served, SPECS), limits=Limits(max_pixels=10**6))


def body(name, data):
    kind = {"Content-Type": "image/png"}
    path = f"/v1/models/{name}:predict".replace(" ", "%20")
    answer = ask(TensorFlowServing(core()), "POST", path, data, kind)
    return _values(answer, "v1")


def rows(name, data):
    value = {"image_bytes": {"b64": base64.b64encode(data).decode()}}
    text = {"signature_name": "encoded_image", "instances": [value]}
    path = f"/v1/models/{name}:predict".replace(" ", "%20")
    return _values(ask(TensorFlowServing(core()), "POST", path, text), "v1")


def binary(name, data):
    size = {"binary_data_size": len(data) + 4}
    value = {"name": "image_bytes", "shape": [1], "datatype": "BYTES"}
    head = json.dumps(
        {
            "parameters": {"signature_name": "encoded_image"},
            "inputs": [{**value, "parameters": size}],
        }
    ).encode()
    length = {"Inference-Header-Content-Length": str(len(head))}
    path = f"/v2/models/{name}/infer".replace(" ", "%20")
    whole = head + struct.pack("<I", len(data)) + data
    return _values(
        ask(OpenInference(core()), "POST", path, whole, length), "v2"
    )


def _values(answer, protocol):
    if answer.status != 200:
        assert answer.status == 400, answer.body
        return answer.error
    if protocol == "v1":
        (row,) = answer.json["predictions"]
        return np.array(row["same"] if isinstance(row, dict) else row)
    (output,) = answer.json["outputs"]
    return np.reshape(output["data"], output["shape"])[0]


def messages(name, data):
    """As gRPC hands tensors on, once its messages are read."""
    model = core().find(name)
    one = np.empty(1, object)
    one[0] = data
    ready = asyncio.run(
        prepare_encoded(
            model, "encoded_image", {"image_bytes": one}, core().limits
        )
    )
    return model.run("encoded_image", ready)["same"][0]


def doors(name, data, path):
    """Returns what each door makes of one file, or why it does not."""
    path.write_bytes(data)
    model = SPECS[name]
    folder = ImageSplit(path.parent, [path], np.zeros(1), model)
    found = {
        "training": lambda: folder[0][0],
        "eval": lambda: folder.read_as(model)[0][0],
        "predict": lambda: read_examples(path, model)[0],
        "body": lambda: body(name, data),
    }
    # These end in one function: each file takes one of them, in turn.
    coded = (rows, binary, messages)[len(data) % 3]
    found["encoded"] = lambda: coded(name, data)
    return {door: _try(ask_it) for door, ask_it in found.items()}


def _try(ask_it):
    try:
        return ask_it()
    except Exception as error:
        return getattr(error, "message", repr(error))


@pytest.mark.parametrize("name", SPECS)
def test_every_door_sees_the_same(name, tmp_path):
    assert len(ZOO) > 200
    apart, refused = {}, set()
    for number, (title, data) in enumerate(ZOO.items()):
        seen = doors(name, data, tmp_path / f"{number}.img")
        first = seen.pop("training")
        if "floats" in title:
            # PNG holds none: only the file itself can be sent.
            assert isinstance(seen.pop("encoded"), str)
        if isinstance(first, str):
            refused.add(title.split()[0])
            wrong = [k for k, v in seen.items() if not isinstance(v, str)]
        else:
            wrong = [k for k, v in seen.items() if _differ(first, v)]
        if wrong:
            apart[title] = {k: seen[k] for k in wrong}
    assert not apart, _show(apart)
    whole = SPECS[name].input.dtype.startswith("uint")
    assert refused == ({"floats"} if whole else set()) | (
        {"deep"} if SPECS[name].input.dtype == "uint8" else set()
    )


def test_what_is_seen_is_what_a_viewer_shows(tmp_path):
    path = tmp_path / "file.img"
    for title, data in ZOO.items():
        if title.startswith(("deep", "floats", "cmyk")):
            continue
        path.write_bytes(data)
        seen = read_input(path, SPECS["masks"]).astype("int32")
        shown = np.asarray(upright(data), "int32")
        assert seen.shape == shown.shape, title
        assert np.abs(seen - shown).max() <= 1, title


def _differ(first, other):
    if isinstance(other, str) or first.shape != other.shape:
        return True
    return np.abs(first.astype("float64") - other).max() > 1e-5


def _show(apart):
    lines = [
        f"{title}: {door}: {value if isinstance(value, str) else value.shape}"
        for title, wrong in apart.items()
        for door, value in wrong.items()
    ]
    return f"{len(lines)} differ\n" + "\n".join(lines[:20])
