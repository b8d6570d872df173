"""What each signature of a SavedModel answers; on TensorFlow only."""

import io
import json
import warnings

import numpy as np
import pytest
from PIL import Image

from kerasnotes.diffusion.samplers.catalog import find_sampler
from kerasnotes.diffusion.sampling_loop import loop_rows
from kerasnotes.diffusion.sigmas import noise_levels
from kerasnotes.export import worker
from kerasnotes.export.formats import saved_model
from kerasnotes.metrics.monte_carlo import MonteCarlo
from kerasnotes.runs import saving
from tests.export.conftest import IMAGES, TABLE
from tests.export.notes import DIGITS, MAKE, make_record

pytestmark = pytest.mark.once
RNG = np.random.default_rng(8)


class Exported:
    """A note, its SavedModel, and what the exporting process told of it."""

    def __init__(self, file, folder, **known):
        self.model = saving.load_model(file)
        self.path = folder / "served"
        request = {
            "model": str(file),
            "format": "saved_model",
            "artefact": str(self.path),
            "name": "served",
            **known,
        }
        with warnings.catch_warnings():
            # What the converters warn of is theirs; a child shows none of it.
            warnings.simplefilter("ignore")
            self.answer = worker.export(json.loads(json.dumps(request)))
        self.signatures = self.answer["signatures"]
        self.ask = saved_model.load_signatures(self.path)

    def sides(self, name):
        signature = self.signatures[name]
        return [
            {key: (tuple(p["shape"]), p["dtype"]) for key, p in side.items()}
            for side in (signature["inputs"], signature["outputs"])
        ]


@pytest.fixture(scope="module")
def note(tmp_path_factory):
    """Exports a note once; returns the function that does."""
    done = {}

    def export(name):
        if name not in done:
            folder = tmp_path_factory.mktemp(name)
            file = folder / "model.keras"
            saving.save_model(MAKE[name](), file, {})
            known = make_record(name)
            done[name] = Exported(
                file, folder, spec=known["spec"], task=known["task"]
            )
        return done[name]

    return export


@pytest.fixture(scope="module")
def unet(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unet")
    return Exported(files["unet"], folder, spec=IMAGES.to_json())


@pytest.fixture(scope="module")
def mlp(files, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlp")
    return Exported(files["mlp"], folder, spec=TABLE.to_json())


IMAGE = ((None, 8, 8, 1), "float32")
LABEL = ((None,), "int32")
NUMBER = ((None,), "float32")
BYTES = ((None,), "bytes")
TEN = ((None, 10), "float32")
THREE = ((None, 3), "float32")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "bcnn",
            {
                "serving_default": ({"image": IMAGE}, {"probabilities": TEN}),
                "encoded_image": (
                    {"image_bytes": BYTES},
                    {"probabilities": TEN},
                ),
                "classify": (
                    {"inputs": BYTES},
                    {"classes": ((None, 10), "bytes"), "scores": TEN},
                ),
                "uncertainty": (
                    {"image": IMAGE},
                    {
                        "probabilities": TEN,
                        "predictive_entropy": NUMBER,
                        "aleatoric": NUMBER,
                        "epistemic": NUMBER,
                    },
                ),
            },
        ),
        (
            "vae",
            {
                "serving_default": ({"noise": THREE}, {"image": IMAGE}),
                "encoded_sample": ({"noise": THREE}, {"image_bytes": BYTES}),
                "encode": ({"image": IMAGE}, {"mean": THREE, "log_var": THREE}),
                "decode": ({"z": THREE}, {"image": IMAGE}),
            },
        ),
        (
            "gan",
            {
                "serving_default": ({"noise": THREE}, {"image": IMAGE}),
                "encoded_sample": ({"noise": THREE}, {"image_bytes": BYTES}),
            },
        ),
        (
            "ddpm",
            {
                "serving_default": (
                    {"noise": IMAGE, "label": LABEL},
                    {"image": IMAGE},
                ),
                "encoded_sample": (
                    {"noise": IMAGE, "label": LABEL},
                    {"image_bytes": BYTES},
                ),
                "denoise": (
                    {
                        "x": IMAGE,
                        "sigma": NUMBER,
                        "time": NUMBER,
                        "label": LABEL,
                        "guidance": NUMBER,
                    },
                    {"x_start": IMAGE},
                ),
            },
        ),
    ],
)
def test_signatures_of_a_note(note, name, expected):
    exported = note(name)
    assert set(exported.signatures) == set(expected)
    assert next(iter(exported.signatures)) == "serving_default"
    for signature, sides in expected.items():
        assert exported.sides(signature) == list(sides)
    tried = {(c["signature"], c["shape"][0]) for c in exported.answer["checks"]}
    assert tried == {(s, batch) for s in expected for batch in (1, 3)}


def to_file(pixels, kind="PNG", **options):
    file = io.BytesIO()
    image = pixels
    if isinstance(pixels, np.ndarray):
        image = Image.fromarray(pixels)
    image.save(file, format=kind, **options)
    return file.getvalue()


def strings(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


def test_a_mask_comes_back_as_a_picture_of_class_numbers(unet):
    pixels = RNG.integers(0, 256, (2, 23, 31), "uint8")
    data = strings(*map(to_file, pixels))
    answer = unet.ask["encoded_image"]({"image_bytes": data})
    x = pixels[..., None].astype("float32")
    expected = unet.model.predict(x, verbose=0)
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-6)
    for file, p in zip(answer["mask_bytes"], expected, strict=True):
        mask = np.asarray(Image.open(io.BytesIO(file)))
        assert mask.dtype == np.uint8
        assert (mask == p.argmax(-1)).mean() > 0.99


def test_images_of_two_sizes_in_one_request_are_refused(unet):
    import tensorflow as tf

    data = strings(
        to_file(np.zeros((8, 8), "uint8")), to_file(np.zeros((8, 9), "uint8"))
    )
    with pytest.raises(tf.errors.InvalidArgumentError):
        unet.ask["encoded_image"]({"image_bytes": data})
    with pytest.raises(tf.errors.InvalidArgumentError):
        unet.ask["encoded_image"]({"image_bytes": strings(b"no image")})


def smooth(height, width, channels):
    """Returns a picture with edges and slopes, as photographs have."""
    y, x = np.mgrid[:height, :width]
    planes = [
        127 + 120 * np.sin(x / (5 + c)) * np.cos(y / 7) * (x > y / (c + 1))
        for c in range(channels)
    ]
    pixels = np.stack(planes, axis=-1).astype("uint8")
    return pixels[..., 0] if channels == 1 else pixels


FILES = {
    "grey": (lambda: to_file(smooth(40, 57, 1)), 1),
    "colour": (lambda: to_file(smooth(40, 57, 3)), 1),
    "opacity": (lambda: to_file(smooth(40, 57, 4) | 255 * np.array(
        [0, 0, 0, 1], "uint8")), 1),
    "palette": (lambda: to_file(
        Image.fromarray(smooth(40, 57, 3)).quantize(200)), 1),
    "jpeg": (lambda: to_file(smooth(30, 30, 3), "JPEG", quality=90), 1),
    "grey jpeg": (lambda: to_file(smooth(12, 9, 1), "JPEG"), 1),
    "small": (lambda: to_file(smooth(5, 4, 1)), 1),
    "to colour": (lambda: to_file(smooth(21, 34, 1)), 3),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("side", [None, 8])
def test_files_are_decoded_as_kn_predict_reads_them(tmp_path, kind, side):
    import tensorflow as tf

    from kerasnotes.data.readers.image.images import read_form
    from kerasnotes.data.readers.image.pixels import Form
    from kerasnotes.export.decoding import decode_images

    make, channels = FILES[kind]
    path = tmp_path / "file.img"
    path.write_bytes(make())
    shape = (None, side, side, channels)
    [decoded] = decode_images(
        tf.constant([make()]), shape, (0.0, 255.0)
    ).numpy()
    size = None if side is None else (side, side)
    expected = read_form(path, Form(size, channels)).astype("float32")
    np.testing.assert_array_equal(decoded, expected)
    assert expected.std() > 3


def test_pixels_are_scaled_to_the_models_range():
    import tensorflow as tf

    from kerasnotes.export.decoding import decode_images

    pixels = np.array([[0, 51], [204, 255]], "uint8")
    data = tf.constant([to_file(pixels)])

    def decode(limits):
        return decode_images(data, (None, None, None, 1), limits)[0, ..., 0]

    np.testing.assert_allclose(decode((0.0, 16.0)), pixels / 255 * 16)
    np.testing.assert_allclose(decode((-1.0, 1.0)), pixels / 127.5 - 1, 1e-6)
    np.testing.assert_array_equal(decode((0.0, 65535.0)), pixels * 257.0)
    deep = np.array([[0, 300], [40_000, 65_535]], "uint16")
    data = tf.constant([to_file(deep)])
    np.testing.assert_array_equal(decode((0.0, 65535.0)), deep)
    np.testing.assert_allclose(decode((0.0, 1.0)), deep / 65535, 1e-6)
    with pytest.raises(tf.errors.InvalidArgumentError, match="16 bits"):
        decode_images(data, (None, None, None, 1), (0.0, 255.0), "uint8")


def test_classify_as_tensorflow_serving_calls_it(mlp):
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    rows = RNG.normal(size=(3, 4)).astype("float32")
    examples = []
    for row in rows:
        values = tf.train.FloatList(value=row)
        feature = {"features": tf.train.Feature(float_list=values)}
        features = tf.train.Features(feature=feature)
        examples.append(tf.train.Example(features=features).SerializeToString())
    answer = mlp.ask["classify"]({"inputs": strings(*examples)})
    assert answer["classes"].tolist() == [[b"x", b"y", b"z"]] * 3
    expected = mlp.model.predict(rows, verbose=0)
    np.testing.assert_allclose(answer["scores"], expected, atol=1e-6)
    data = (mlp.path / "saved_model.pb").read_bytes()
    graph = saved_model_pb2.SavedModel.FromString(data).meta_graphs[0]
    methods = {k: v.method_name for k, v in graph.signature_def.items()}
    assert methods["classify"] == "tensorflow/serving/classify"
    assert methods["serving_default"] == "tensorflow/serving/predict"
    assert "encoded_image" not in methods


def test_uncertainty_is_that_of_kn_predict(note):
    bcnn = note("bcnn")
    x = RNG.integers(0, 17, (5, 8, 8, 1)).astype("float32")
    answer = bcnn.ask["uncertainty"]({"image": x})
    expected = MonteCarlo(bcnn.model).uncertainty(x)
    information = expected.mutual_information
    assert information.min() > 1e-3
    for name, value in (
        ("probabilities", expected.mean),
        ("predictive_entropy", expected.total_entropy),
        ("aleatoric", expected.total_entropy - information),
        ("epistemic", information),
    ):
        np.testing.assert_allclose(answer[name], value, atol=1e-5)
    alone = bcnn.ask["uncertainty"]({"image": x[2:3]})
    np.testing.assert_allclose(alone["epistemic"], information[2:3], atol=1e-5)


def test_encode_and_decode(note):
    vae = note("vae")
    x = RNG.integers(0, 17, (2, 8, 8, 1)).astype("float32")
    answer = vae.ask["encode"]({"image": x})
    for name, value in vae.model.encode(x).items():
        np.testing.assert_allclose(answer[name], value, atol=1e-5)
    z = RNG.normal(size=(2, 3)).astype("float32")
    image = vae.model.decode(z)
    for signature, name in (("decode", "z"), ("serving_default", "noise")):
        answer = vae.ask[signature]({name: z})["image"]
        np.testing.assert_allclose(answer, image, atol=1e-4)
    files = vae.ask["encoded_sample"]({"noise": z})["image_bytes"]
    for file, raw in zip(files, image, strict=True):
        pixels = np.asarray(Image.open(io.BytesIO(file)), "float32")
        np.testing.assert_allclose(pixels, raw[..., 0] * 255 / 16, atol=0.51)


def test_every_example_has_a_noise_level_of_its_own(note):
    ddpm = note("ddpm")
    x = RNG.normal(size=(3, 8, 8, 1)).astype("float32")
    sigma = np.array([0.3, 2.0, 9.0], "float32")
    time = np.array([100.5, 600.0, 900.25], "float32")
    label = np.array([4, 10, 0], "int32")
    plain = ddpm.model.process
    guided = plain.guided(10)
    for guidance in (np.ones(3), np.array([1.0, 0.0, 2.5])):
        tensors = {"x": x, "sigma": sigma, "time": time, "label": label}
        tensors["guidance"] = guidance.astype("float32")
        x_start = ddpm.ask["denoise"](tensors)["x_start"]
        for i in range(3):
            one = {"label": label[i : i + 1]}
            process = plain
            if guidance[i] != 1:
                process = guided
                one["guidance"] = np.float32(guidance[i])
            expected = process.denoise(x[i : i + 1], sigma[i], time[i], one)
            assert np.abs(expected).max() > 0.01
            np.testing.assert_allclose(x_start[i], expected[0], atol=1e-5)


def test_a_server_can_sample_with_what_it_is_told(note):
    """The sampler's table over `denoise` gives what `kn sample` draws."""
    from kerasnotes.diffusion.noise_schedule import make_schedule

    ddpm = note("ddpm")
    sampler = ddpm.answer["sampler"]
    assert sampler["null_label"] == 10
    assert sampler["guidance"] is True
    schedule = make_schedule(**sampler["schedule"])
    quick = sampler["default"]
    levels = noise_levels(schedule, quick["steps"], quick["schedule"])
    table = find_sampler(quick["sampler"]).table(levels)
    rows = loop_rows(table, schedule, "float32")
    noise = RNG.normal(size=(2, 8, 8, 1)).astype("float32")
    label = np.array([3, 10], "int32")
    registers = [noise * np.sqrt(1 + table.sigmas[0] ** 2, dtype="float32")]
    registers += [np.zeros_like(noise)] * (table.registers - 1)
    for weights, sigma, time in zip(
        rows["weights"], rows["sigmas"], rows["times"], strict=True
    ):
        tensors = {"x": registers[0], "label": label}
        for name, value in (("sigma", sigma), ("time", time), ("guidance", 1)):
            tensors[name] = np.full(2, value, "float32")
        x_start = ddpm.ask["denoise"](tensors)["x_start"]
        terms = np.stack([*registers, x_start])
        sums = np.tensordot(weights[:, : len(terms)], terms, 1)
        registers = list(sums.astype("float32"))
    raw = registers[0] * sampler["spread"] + sampler["offset"]
    raw = np.clip(raw, *ddpm.answer["limits"])
    answer = ddpm.ask["serving_default"]({"noise": noise, "label": label})
    assert raw.std() > 0.5
    np.testing.assert_allclose(answer["image"], raw, atol=1e-3)


@pytest.mark.parametrize("name", ["bcnn", "ddpm"])
def test_the_warm_up_asks_every_signature(note, name):
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    exported = note(name)
    path = exported.path / "assets.extra" / "tf_serving_warmup_requests"
    replayed = set()
    for record in tf.data.TFRecordDataset(str(path)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        kind = log.WhichOneof("log_type")
        request = getattr(log, kind).request
        signature = request.model_spec.signature_name
        replayed.add(signature)
        assert request.model_spec.name == "served"
        if kind == "classify_log":
            [example] = request.input.example_list.examples
            tensors = {"inputs": strings(example.SerializeToString())}
        else:
            tensors = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
        assert {len(array) for array in tensors.values()} == {1}
        exported.ask[signature](tensors)
    assert replayed == set(exported.signatures)


def test_without_a_record_there_is_one_signature(files, tmp_path):
    exported = Exported(files["unet"], tmp_path)
    assert list(exported.signatures) == ["serving_default"]
    assert exported.answer["spec"] is None
    broken = {"name": 3, "unknown": []}
    assert worker._read_spec(broken) is None
    assert worker._read_spec(["a"]) is None


def test_pictures_need_a_range_and_one_or_three_channels():

    from kerasnotes.export.encoded import can_encode

    assert can_encode(DIGITS)
    assert not can_encode(None)
    assert not can_encode(TABLE)
    for changes in (
        {"shape": (8, 8, 2)},
        {"value_range": (4.0, 4.0)},
        {"shape": (8, 8, None)},
    ):
        assert not can_encode(DIGITS.with_input(**changes))
