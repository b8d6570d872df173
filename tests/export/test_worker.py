"""What the child process does, in this process: TensorFlow only."""

import json
import warnings

import keras
import numpy as np
import pytest

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.export import compare, formats, worker
from kerasnotes.export.signature import Port, Signature, read_signature
from kerasnotes.runs import saving

pytestmark = pytest.mark.once

X = np.random.default_rng(5).integers(0, 256, (2, 23, 31, 1)).astype("float32")


HERE = [n for n, f in formats.FORMATS.items() if f.backend == "tensorflow"]


def export(model, format_name, folder, size=None, **more):
    artefact = folder / f"served{formats.FORMATS[format_name].suffix}"
    request = {
        "model": str(model),
        "format": format_name,
        "artefact": str(artefact),
        "size": size,
        **more,
    }
    with warnings.catch_warnings():
        # What the converters warn of is theirs; a child shows none of it.
        warnings.simplefilter("ignore")
        return artefact, worker.export(json.loads(json.dumps(request)))


# No layer of Keras mirrors the margin of this U-Net, as `keras` would need.
@pytest.mark.parametrize("format_name", [n for n in HERE if n != "keras"])
def test_unet_of_any_size(files, tmp_path, format_name):
    artefact, answer = export(files["unet"], format_name, tmp_path)
    assert artefact.exists()
    sides = answer["signature"]
    assert sides["inputs"]["image"]["shape"] == [None, None, None, 1]
    assert sides["outputs"]["probabilities"]["shape"] == [None, None, None, 2]
    first, second = (check["shape"] for check in answer["checks"])
    assert first[0] != second[0]
    assert first[1:3] != second[1:3]
    assert all(check["difference"] <= 1e-4 for check in answer["checks"])
    # A size that the comparison did not try.
    model = saving.load_model(files["unet"])
    module = formats.FORMATS[format_name].load_module()
    predict = module.load(artefact, read_signature(model, None))
    answer = predict({"image": X})["probabilities"]
    np.testing.assert_allclose(answer, model.predict(X, verbose=0), atol=1e-5)


@pytest.mark.parametrize("format_name", HERE)
def test_mlp(files, tmp_path, format_name):
    _, answer = export(files["mlp"], format_name, tmp_path)
    assert list(answer["signature"]["inputs"]) == ["features"]
    assert list(answer["signature"]["outputs"]) == ["probabilities"]
    assert [c["shape"] for c in answer["checks"]] == [[1, 4], [3, 4]]
    assert answer["tolerance"] == 1e-4


def test_saved_model_as_tensorflow_serving_reads_it(files, tmp_path):
    import tensorflow as tf

    artefact, _ = export(files["unet"], "saved_model", tmp_path)
    loaded = tf.saved_model.load(str(artefact))
    function = loaded.signatures["serving_default"]
    [name] = function.structured_input_signature[1]
    assert name == "image"
    assert list(function.structured_outputs) == ["probabilities"]
    total = function(image=tf.constant(X))["probabilities"].numpy().sum(-1)
    np.testing.assert_allclose(total, 1, atol=1e-5)


def test_onnx_names_and_free_axes(files, tmp_path):
    import onnxruntime

    artefact, _ = export(files["unet"], "onnx", tmp_path)
    session = onnxruntime.InferenceSession(
        str(artefact), providers=["CPUExecutionProvider"]
    )
    [entry], [answer] = session.get_inputs(), session.get_outputs()
    assert entry.name == "image"
    assert entry.shape == ["batch", "height", "width", 1]
    assert (answer.name, answer.shape[0]) == ("probabilities", "batch")


def test_size_can_be_fixed(files, tmp_path):
    _, answer = export(files["unet"], "litert", tmp_path, size=(17, 20))
    sides = answer["signature"]
    assert sides["inputs"]["image"]["shape"] == [None, 17, 20, 1]
    assert sides["outputs"]["probabilities"]["shape"] == [None, 17, 20, 2]
    assert [c["shape"][1:3] for c in answer["checks"]] == [[17, 20]] * 2


def test_size_of_a_model_with_its_own(files, tmp_path):
    with pytest.raises(UsageError, match="its own size"):
        export(files["mlp"], "onnx", tmp_path, size=(3, 4))


def test_mixed_precision_is_exported_in_float32(tmp_path):
    policy = "mixed_float16"
    model = keras.Sequential(
        [
            keras.Input((4,), name="features"),
            keras.layers.Dense(3, dtype=policy),
            keras.layers.Dense(2, dtype=policy, name="scores"),
        ]
    )
    model.save(tmp_path / "mixed.keras")
    _, answer = export(tmp_path / "mixed.keras", "onnx", tmp_path)
    side = answer["signature"]["outputs"]["scores"]
    assert side == {"shape": [None, 2], "dtype": "float32"}


@pytest.mark.parametrize("format_name", HERE)
def test_two_inputs_and_two_outputs(tmp_path, format_name):
    noise = keras.Input((2, 2, 1), name="noise")
    label = keras.Input((), dtype="int32", name="label")
    scale = keras.layers.Embedding(3, 4, name="scale")(label)
    flat = keras.layers.Flatten()(noise)
    product = keras.layers.Multiply(name="product")([flat, scale])
    path = tmp_path / "two.keras"
    keras.Model(
        [noise, label], {"product": product, "flat": flat}, name="two"
    ).save(path)
    artefact, answer = export(path, format_name, tmp_path)
    sides = answer["signature"]
    assert list(sides["inputs"]) == ["noise", "label"]
    assert set(sides["outputs"]) == {"product", "flat"}
    model = keras.models.load_model(path)
    module = formats.FORMATS[format_name].load_module()
    inputs = {
        "noise": np.arange(8, dtype="float32").reshape(2, 2, 2, 1),
        "label": np.array([2, 0], "int32"),
    }
    outputs = module.load(artefact, read_signature(model, None))(inputs)
    weights = model.get_layer("scale").get_weights()[0]
    flat = inputs["noise"].reshape(2, 4)
    np.testing.assert_allclose(outputs["flat"], flat, atol=1e-6)
    np.testing.assert_allclose(
        outputs["product"], flat * weights[[2, 0]], atol=1e-6
    )


def test_a_model_without_a_graph_is_not_exported(tmp_path):
    class Bare:
        inputs = outputs = None

    with pytest.raises(StorageError, match="functional") as caught:
        read_signature(Bare(), None)
    assert caught.value.received == "0 inputs, 0 outputs"


def test_network_that_needs_multiples_of_its_stride(tmp_path):
    image = keras.Input((None, None, 1), name="image")
    small = keras.layers.MaxPooling2D(4)(image)
    large = keras.layers.UpSampling2D(4)(small)
    path = tmp_path / "strict.keras"
    keras.Model(image, keras.layers.Add(name="sum")([image, large])).save(path)
    _, answer = export(path, "saved_model", tmp_path)
    shapes = [tuple(c["shape"]) for c in answer["checks"]]
    assert shapes == [(1, 64, 64, 1), (3, 64, 96, 1)]


class Fake:
    """A model that doubles; `wrong` is what an artefact adds."""

    signature = Signature(
        (Port("x", (None, 3), "float32"),), (Port("y", (None, 3), "float32"),)
    )

    def __call__(self, x, training):
        return 2 * x

    def artefact(self, wrong):
        return lambda tensors: {"y": 2 * tensors["x"] + wrong}


@pytest.mark.parametrize("wrong", [1.0, -3e-3, np.nan, np.zeros((1, 1, 1, 1))])
def test_an_artefact_that_differs_is_refused(wrong):
    model = Fake()
    with pytest.raises(StorageError, match="does not answer") as caught:
        compare.compare(model, model.artefact(wrong), model.signature)
    assert "0.0001" in caught.value.expected


def test_a_small_difference_is_measured():
    model = Fake()
    checks = compare.compare(model, model.artefact(1e-4), model.signature)
    assert [check.shape for check in checks] == [(1, 3), (3, 3)]
    assert 1e-6 < checks[0].difference < 1e-4


def test_a_model_that_gives_nan_is_refused():
    class Broken(Fake):
        def __call__(self, x, training):
            return x * np.nan

    model = Broken()
    with pytest.raises(StorageError, match="own output holds NaN"):
        compare.compare(model, model.artefact(0), model.signature)


def test_errors_become_answers():
    def work(request):
        raise UsageError("wrong", expected="a", received="b", hint="c")

    assert worker.answer("{}", work)["error"] == {
        "kind": "UsageError",
        "message": "wrong",
        "expected": "a",
        "received": "b",
        "hint": "c",
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [(KeyError("x"), "StorageError"), (MemoryError(), "OutOfMemoryError")],
)
def test_accidents_become_answers(error, kind):
    def work(request):
        raise error

    answer = worker.answer("{}", work)["error"]
    assert answer["kind"] == kind
    assert type(error).__name__ in answer["received"]
    assert worker.answer("no JSON")["error"]["kind"] == "StorageError"
