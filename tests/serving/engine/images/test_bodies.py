import io
import json
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from kerasnotes.data.readers.image.images import read_form
from kerasnotes.data.readers.image.pixels import Form
from kerasnotes.serving.engine.errors import GraphError, ServingError
from kerasnotes.serving.engine.images.bodies import encode, picture
from kerasnotes.serving.engine.images.encoded import NO_IMAGE, weigh_encoded
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.v1.handler import TensorFlowServing
from kerasnotes.serving.v2.handler import OpenInference
from tests.serving.asking import Core, Model, ask, signature

pytestmark = pytest.mark.once
PNG = {"Content-Type": "image/png"}


def png(array, form="PNG", **options):
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(array, "uint8")).save(buffer, form, **options)
    return buffer.getvalue()


def bomb(side=60_000):
    """A PNG of a few bytes that claims `side * side` pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    png_file = b"\x89PNG\r\n\x1a\n"
    for chunk in (b"IHDR" + head, b"IDAT" + zlib.compress(b"\0" * 100)):
        png_file += struct.pack(">I", len(chunk) - 4) + chunk
        png_file += struct.pack(">I", zlib.crc32(chunk))
    return png_file


def decoder(shape, card=None, name="eye"):
    """Takes arrays of images, gives them back and their means."""
    info = signature(
        "serving_default",
        {"image": ("float32", (None, *shape))},
        {"mean": ("float32", (None,)), "same": ("float32", (None, *shape))},
    )

    def call(image):
        return {"mean": image.mean((1, 2, 3)), "same": image}

    return Model(name, (info, call), card=card)


def cells():
    """Takes and gives encoded images: the darker half is class 1."""
    info = signature(
        "encoded_image",
        {"image_bytes": ("bytes", (None,))},
        {
            "mask_bytes": ("bytes", (None,)),
            "probabilities": ("float32", (None, None, None, 2)),
        },
    )

    def call(image_bytes):
        arrays = [np.asarray(Image.open(io.BytesIO(b))) for b in image_bytes]
        ones = np.stack([array < 128 for array in arrays]).astype("float32")
        masks = np.empty(len(arrays), object)
        masks[:] = [encode(one.astype("uint8")) for one in ones]
        return {
            "mask_bytes": masks,
            "probabilities": np.stack([1 - ones, ones], -1),
        }

    return Model("cells", (info, call))


@pytest.fixture
def core():
    return Core(
        cells(),
        decoder((4, 4, 1)),
        decoder((None, None, 3), {"limits": [0, 1]}, "colour"),
        limits=Limits(max_pixels=10_000),
    )


@pytest.fixture
def app(core):
    return TensorFlowServing(core)


GREY = np.arange(16).reshape(4, 4) * 10


def test_a_png_is_answered_as_a_row(app):
    answer = ask(app, "POST", "/v1/models/eye:predict", png(GREY), PNG)
    assert answer.status == 200
    (row,) = answer.json["predictions"]
    assert row["mean"] == 75.0
    assert np.array(row["same"])[..., 0].tolist() == GREY.tolist()


def test_a_jpeg_is_read_and_scaled_to_the_models_range(app):
    colour = np.full((8, 6, 3), 51)
    body = png(colour, "JPEG", quality=100)
    headers = {"Content-Type": "image/jpeg"}
    answer = ask(app, "POST", "/v1/models/colour:predict", body, headers)
    (row,) = answer.json["predictions"]
    assert np.shape(row["same"]) == (8, 6, 3)
    assert row["mean"] == pytest.approx(0.2, abs=0.01)


def test_another_size_is_read_as_kn_predict_does(app, tmp_path):
    wide = np.random.default_rng(0).integers(0, 256, (8, 16))
    (tmp_path / "wide.png").write_bytes(png(wide))
    answer = ask(app, "POST", "/v1/models/eye:predict", png(wide), PNG)
    (row,) = answer.json["predictions"]
    expected = read_form(tmp_path / "wide.png", Form((4, 4), 1))
    np.testing.assert_array_equal(row["same"], expected)


def form(*files, name="file"):
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="%s"; '
        b'filename="a.png"\r\nContent-Type: image/png\r\n\r\n%s\r\n'
        % (name.encode(), data)
        for data in files
    ]
    parts.append(
        b'--edge\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n'
    )
    kind = "multipart/form-data; boundary=edge"
    return b"".join([*parts, b"--edge--\r\n"]), {"Content-Type": kind}


def test_a_form_of_several_images(app):
    body, headers = form(png(GREY), png(GREY + 10))
    answer = ask(app, "POST", "/v1/models/eye:predict", body, headers)
    means = [row["mean"] for row in answer.json["predictions"]]
    assert means == [75.0, 85.0]
    # More than what a form keeps in memory by default.
    noise = np.random.default_rng(0).integers(0, 256, (99, 99, 3))
    body, headers = form(*[png(noise)] * 50)
    assert len(body) > 2**20
    answer = ask(app, "POST", "/v1/models/colour:predict", body, headers)
    assert answer.status == 400
    assert "pixels" in answer.error


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data; boundary=other",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\xff",
    ],
)
def test_damaged_forms(app, kind):
    body, _ = form(png(GREY))
    headers = {"Content-Type": kind}
    answer = ask(app, "POST", "/v1/models/eye:predict", body, headers)
    assert answer.status == 400
    assert answer.error.startswith("The form ")
    answer = ask(app, "POST", "/v1/models/eye:predict", b"", headers)
    assert answer.status == 400


def test_a_form_of_two_names_or_sizes_of_one_file(app):
    body, headers = form(png(GREY))
    twice = body.replace(b'filename="a.png"', b'filename="a"; filename="b"')
    assert twice != body
    answer = ask(app, "POST", "/v1/models/eye:predict", twice, headers)
    assert answer.status == 200
    twice = body.replace(
        b"Content-Type: image", b"Content-Length: 1\r\nContent-Type: image"
    )
    answer = ask(app, "POST", "/v1/models/eye:predict", twice, headers)
    assert answer.status == 200


def test_png_in_png_out(app):
    image = np.zeros((5, 7))
    image[:, 3:] = 255
    headers = {**PNG, "Accept": "image/png"}
    answer = ask(app, "POST", "/v1/models/cells:predict", png(image), headers)
    assert answer.headers["content-type"] == "image/png"
    mask = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert mask.tolist() == (image < 128).astype(int).tolist()
    answer = ask(app, "POST", "/v1/models/cells:predict", png(image), PNG)
    (row,) = answer.json["predictions"]
    assert set(row["mask_bytes"]) == {"b64"}
    # What is not one image is answered in JSON.
    answer = ask(app, "POST", "/v1/models/eye:predict", png(GREY), headers)
    assert answer.headers["content-type"] == "application/json"


def test_photographs_are_turned_upright(app):
    """Both ways: decoded here, and decoded by the graph."""
    dark = np.zeros((4, 8))
    dark[:, 4:] = 255
    tag = Image.Exif()
    tag[0x0112] = 6  # The camera was turned to the left.
    data = png(dark, "JPEG", quality=95, exif=tag)
    headers = {"Content-Type": "image/jpeg", "Accept": "image/png"}
    answer = ask(app, "POST", "/v1/models/cells:predict", data, headers)
    mask = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert mask.shape == (8, 4)
    assert (mask[:4] == 1).all()
    assert (mask[4:] == 0).all()
    colour = png(np.repeat(dark[..., None], 3, 2), "JPEG", exif=tag)
    answer = ask(app, "POST", "/v1/models/colour:predict", colour, headers)
    assert np.shape(answer.json["predictions"][0]["same"]) == (8, 4, 3)
    buffer = io.BytesIO()
    inks = Image.new("CMYK", (8, 4), (9, 9, 9, 9))
    inks.save(buffer, "JPEG", exif=tag)
    for model in ("colour", "cells"):
        path = f"/v1/models/{model}:predict"
        answer = ask(app, "POST", path, buffer.getvalue(), headers)
        assert answer.status == 200
    damaged = data.replace(b"Exif\0\0MM", b"Exif\0\0XX")
    assert damaged != data
    answer = ask(app, "POST", "/v1/models/cells:predict", damaged, headers)
    assert answer.status in (200, 400)


def image_requests(data):
    """Returns a way to send an encoded image in each form of HTTP."""
    from kerasnotes.serving.http.json_tensor import encode_base64

    text = encode_base64(data)
    value = {"name": "image_bytes", "shape": [1], "datatype": "BYTES"}
    binary = {**value, "parameters": {"binary_data_size": len(data) + 4}}
    name = {"signature_name": "encoded_image"}
    head = json.dumps({"parameters": name, "inputs": [binary]}).encode()
    coded = {**value, "parameters": {"content_type": "base64"}, "data": [text]}
    return {
        "rows": ("v1", {**name, "instances": [{"b64": text}]}, {}),
        "columns": ("v1", {**name, "inputs": [{"b64": text}]}, {}),
        "json": ("v2", {"parameters": name, "inputs": [coded]}, {}),
        "binary": (
            "v2",
            head + struct.pack("<I", len(data)) + data,
            {"Inference-Header-Content-Length": str(len(head))},
        ),
    }


def ask_encoded(core, form, data):
    protocol, body, headers = image_requests(data)[form]
    if protocol == "v1":
        path, app = "/v1/models/cells:predict", TensorFlowServing(core)
    else:
        path, app = "/v2/models/cells/infer", OpenInference(core)
    return ask(app, "POST", path, body, headers)


FORMS = list(image_requests(b""))


@pytest.mark.parametrize("form", FORMS)
def test_images_are_upright_by_every_protocol(core, form):
    received = []
    call = core.models["cells"].functions["encoded_image"]

    def look(image_bytes):
        received.extend(image_bytes)
        return call(image_bytes)

    core.models["cells"].functions["encoded_image"] = look
    tag = Image.Exif()
    tag[0x0112] = 6
    data = png(np.zeros((4, 8)), "JPEG", exif=tag)
    assert ask_encoded(core, form, data).status == 200
    plain = png(np.zeros((4, 8)), "JPEG")
    assert ask_encoded(core, form, plain).status == 200
    assert Image.open(io.BytesIO(received[0])).size == (4, 8)
    assert received[1] == plain


@pytest.mark.parametrize("form", FORMS)
def test_other_images_are_redrawn_for_the_graph(core, form):
    """TensorFlow's decoder of PNG takes GIF too, whose size we do not know."""
    received = []
    call = core.models["cells"].functions["encoded_image"]
    core.models["cells"].functions["encoded_image"] = lambda image_bytes: (
        received.extend(image_bytes) or call(image_bytes)
    )
    pixels = np.array([[0, 255, 0], [255, 255, 255]])
    for other in ("GIF", "BMP", "TIFF"):
        assert ask_encoded(core, form, png(pixels, other)).status == 200
        with Image.open(io.BytesIO(received.pop())) as redrawn:
            assert redrawn.format == "PNG"
            assert np.array_equal(redrawn.convert("L"), pixels)
    answer = ask_encoded(core, form, bomb())
    assert answer.status == 400
    assert "at most 10000 pixels" in answer.error
    answer = ask_encoded(core, form, png(np.zeros((101, 100)), "WEBP"))
    assert "at most 10000 pixels, received 100 x 101." in answer.error


@pytest.mark.parametrize("model", ["eye", "cells"])
def test_texts_in_images_are_never_inflated(core, app, model, monkeypatch):
    inflated = []
    monkeypatch.setattr(
        PngImagePlugin,
        "_safe_zlib_decompress",
        lambda data: inflated.append(1) or b"",
    )
    text = PngImagePlugin.PngInfo()
    text.add_text("a", "x" * 2**20, zip=True)
    body = png(GREY, pnginfo=text)
    Image.open(io.BytesIO(body))
    assert inflated.pop()
    handed = []
    call = core.models["cells"].functions["encoded_image"]
    core.models["cells"].functions["encoded_image"] = lambda image_bytes: (
        handed.extend(image_bytes) or call(image_bytes)
    )
    answer = ask(app, "POST", f"/v1/models/{model}:predict", body, PNG)
    assert answer.status == 200
    assert not inflated
    assert not any(b"zTXt" in data for data in handed)


@pytest.mark.parametrize("model", ["cells", "colour"])
def test_images_of_two_sizes_are_refused_in_our_words(core, app, model):
    images = [np.zeros((4, 8, 3)), np.zeros((8, 4, 3))]
    body, headers = form(*map(png, images))
    path = f"/v1/models/{model}:predict"
    answer = ask(app, "POST", path, body, headers)
    assert (answer.status, answer.error) == (
        400,
        "The images of one request must have one size.",
    )
    # The camera was turned for one of them: upright they are equal.
    tag = Image.Exif()
    tag[0x0112] = 6
    turned = png(images[0], "JPEG", exif=tag)
    body, headers = form(turned, png(images[1], "JPEG"))
    assert ask(app, "POST", path, body, headers).status == 200


def test_images_of_two_sizes_become_one_where_the_model_has_one(core):
    model = core.models["cells"]
    fixed = decoder((4, 4, 1))
    model.signatures["serving_default"] = fixed.signatures["serving_default"]
    received = []
    model.functions["encoded_image"] = lambda image_bytes: (
        received.extend(image_bytes) or {"n": np.zeros(len(image_bytes))}
    )
    body, headers = form(png(GREY), png(np.zeros((9, 5))))
    app = TensorFlowServing(core)
    answer = ask(app, "POST", "/v1/models/cells:predict", body, headers)
    assert answer.status == 200
    assert len(received) == 2


@pytest.mark.parametrize("form", FORMS)
def test_what_a_graph_cannot_decode_is_said_in_our_words(core, form):
    def refuse(image_bytes):
        raise GraphError("{{node DecodePng}} Invalid PNG data, size 20")

    core.models["cells"].functions["encoded_image"] = refuse
    answer = ask_encoded(core, form, png(GREY))
    assert (answer.status, answer.error) == (
        400,
        "An image cannot be decoded.",
    )


def test_too_many_images_are_not_looked_at(core):
    core.limits = Limits(max_rows=2)
    app = TensorFlowServing(core)
    rows = [{"b64": "AA=="}] * 3
    body = {"signature_name": "encoded_image", "inputs": rows}
    answer = ask(app, "POST", "/v1/models/cells:predict", body)
    assert answer.error == "Expected at most 2 examples, received 3."


def test_probabilities_of_pixels_become_a_mask():
    chances = np.zeros((1, 2, 3, 4), "float32")
    chances[0, 1, 2, 3] = chances[0, 0, 0, 2] = 1
    data = picture({"probabilities": chances})
    mask = np.asarray(Image.open(io.BytesIO(data)))
    assert mask.tolist() == [[2, 0, 0], [0, 0, 3]]
    assert picture({"probabilities": np.zeros((2, 2, 3, 4))}) is None
    assert picture({"probabilities": np.zeros((1, 4))}) is None


@pytest.mark.parametrize("model", ["eye", "cells"])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", NO_IMAGE),
        (b"GIF89a", NO_IMAGE),
        (png(GREY)[:20], NO_IMAGE),
        (bomb(), "at most 10000 pixels"),
        (bomb(200), "at most 10000 pixels, received 200 x 200."),
    ],
    ids=["empty", "gif", "head", "bomb", "large"],
)
def test_bad_images(app, model, body, text):
    answer = ask(app, "POST", f"/v1/models/{model}:predict", body, PNG)
    assert answer.status == 400
    assert text in answer.error


def test_a_cut_off_image(app):
    body = png(np.random.default_rng(0).integers(0, 256, (50, 50)))[:-500]
    answer = ask(app, "POST", "/v1/models/eye:predict", body, PNG)
    assert (answer.status, answer.error) == (
        400,
        "The image cannot be decoded.",
    )


def test_a_model_of_numbers_takes_no_image():
    info = signature("serving_default", {"x": ("float32", (None,))}, {})
    app = TensorFlowServing(Core(Model("table", (info, None))))
    answer = ask(app, "POST", "/v1/models/table:predict", png(GREY), PNG)
    assert answer.status == 415
    assert answer.error == "The model table takes no images: send JSON."


def test_the_limit_is_for_all_images_together():
    data = np.array([png(np.zeros((10, 10)))] * 3, object)
    assert weigh_encoded({"image_bytes": data}, 300) == 300
    mixed = np.array([data[0], b"words", png(np.zeros((2, 3, 3)), "JPEG")])
    mixed = {"t": mixed.astype(object), "x": np.zeros(9)}
    assert weigh_encoded(mixed, 300) == 100 + 5 + 18
    with pytest.raises(ServingError, match="at most 99 pixels"):
        weigh_encoded({"image_bytes": data}, 299)
