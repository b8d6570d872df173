"""Fewer bits, and what they cost; on TensorFlow only."""

import json
import warnings

import numpy as np
import pytest

from kerasnotes.base.errors import DataError, StorageError, UsageError
from kerasnotes.data.sets.digits import digit_images
from kerasnotes.export import export, formats, quantization, worker
from kerasnotes.export.signature import Port, Signature
from kerasnotes.runs import saving
from tests.export.notes import DIGITS, MAKE, STATISTICS

pytestmark = pytest.mark.once


def work(file, format_name, folder, kind, **more):
    artefact = folder / f"x{formats.FORMATS[format_name].suffix}"
    request = {
        "model": str(file),
        "format": format_name,
        "artefact": str(artefact),
        "quantize": kind,
        **more,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return artefact, worker.export(json.loads(json.dumps(request)))


KNOWN = {
    "spec": DIGITS.to_json(),
    "task": "classification",
    "data": {"source": "digits"},
    "batch_size": 64,
}


@pytest.fixture(scope="module")
def nearest(tmp_path_factory):
    """A network that knows the digits: distances to the class means."""
    from kerasnotes.notes.mlp.config import MLPConfig
    from kerasnotes.notes.mlp.note import MLP

    config = MLPConfig(widths=(64,), normalization="none", dropout=0)
    model = MLP(config, DIGITS, *STATISTICS)
    x, y = digit_images()
    x = (x.reshape(len(x), -1) - 5.0) / 6.0
    means = np.stack([x[y == k].mean(0) for k in range(10)])
    # The hidden layer passes values through, shifted to be positive.
    hidden, logits = model.get_layer("dense1"), model.get_layer("logits")
    hidden.set_weights([np.eye(64), np.full(64, 2.0)])
    bias = -0.5 * (means**2).sum(1) - 2.0 * means.sum(1)
    logits.set_weights([means.T, bias])
    path = tmp_path_factory.mktemp("nearest") / "model.keras"
    saving.save_model(model, path, {})
    return path


CASES = [
    (name, kind)
    for name, export_format in formats.FORMATS.items()
    for kind in export_format.quantize
]


@pytest.mark.parametrize(("format_name", "kind"), CASES)
def test_accuracy_is_measured_on_the_test_part(
    nearest, tmp_path, format_name, kind
):
    artefact, answer = work(nearest, format_name, tmp_path, kind, **KNOWN)
    cost = answer["quantized"]
    assert (cost["kind"], cost["metric"]) == (kind, "accuracy")
    assert 0.85 < cost["before"] < 0.95
    assert abs(cost["before"] - cost["after"]) < 0.02
    assert answer["checks"] == []
    assert artefact.exists()
    if artefact.is_file() and kind == "int8":
        whole, _ = work(nearest, format_name, tmp_path / "..", None, **KNOWN)
        assert artefact.stat().st_size < 0.75 * whole.stat().st_size


def test_data_that_is_gone(nearest, tmp_path):
    gone = {**KNOWN, "data": {"source": str(tmp_path / "gone.npz")}}
    with pytest.raises(DataError):
        work(nearest, "litert", tmp_path, "int8", **gone)
    assert not list(tmp_path.iterdir())


def test_generators_are_compared_with_themselves(tmp_path):
    file = tmp_path / "gan.keras"
    saving.save_model(MAKE["gan"](), file, {})
    _, answer = work(file, "litert", tmp_path, "float16", task="generation")
    cost = answer["quantized"]
    assert cost["metric"] == "agreement"
    assert cost["before"] == 1
    assert 0.99 < cost["after"] < 1


def test_what_onnx_runtime_does_not_quantize(files, tmp_path):
    file = tmp_path / "ddpm.keras"
    saving.save_model(MAKE["ddpm"](), file, {})
    with pytest.raises(UsageError, match="inside of a loop"):
        work(file, "onnx", tmp_path, "int8")
    with pytest.raises(UsageError, match="images of one size"):
        work(files["unet"], "onnx", tmp_path, "float16")
    with pytest.raises(UsageError, match="without examples"):
        work(files["unet"], "onnx", tmp_path, "int8")
    assert [p.name for p in tmp_path.iterdir()] == ["ddpm.keras"]


def test_too_much_lost_is_refused():
    lost = quantization.Cost("int8", "accuracy", 0.97, 0.91)
    with pytest.raises(StorageError, match="more than 5 points") as caught:
        quantization.check_cost(lost)
    assert "0.9700 -> 0.9100" in caught.value.received
    assert "--force" in caught.value.hint
    quantization.check_cost(quantization.Cost("int8", "accuracy", 0.97, 0.93))


@pytest.mark.parametrize("force", [False, True])
def test_force_keeps_it(nearest, tmp_path, monkeypatch, force):
    monkeypatch.setattr(quantization, "MOST_LOST", -1.0)
    if force:
        _, answer = work(
            nearest, "litert", tmp_path, "int8", force=True, **KNOWN
        )
        assert answer["quantized"]["metric"] == "accuracy"
        return
    with pytest.raises(StorageError, match="nothing was kept"):
        work(nearest, "litert", tmp_path, "int8", **KNOWN)


@pytest.mark.parametrize("wrong", [0.0, 0.1, np.nan])
def test_agreement(wrong):
    class Model:
        def __call__(self, x, training):
            return x

    port = Port("x", (None, 3), "float32")
    signature = Signature((port,), (Port("y", (None, 3), "float32"),))
    trial = quantization.make_trial(Model(), signature, {})
    assert trial.calibration == []

    def predict(tensors):
        width = np.ptp(tensors["x"])
        return {"y": tensors["x"] + wrong * width}

    expected = 0.0 if np.isnan(wrong) else 1 - wrong
    assert trial.measure(predict) == pytest.approx(expected, abs=1e-6)


def test_formats_that_are_not_quantized(files, tmp_path):
    for format_name, kind in (
        ("saved_model", "int8"),
        ("torch", "float16"),
        ("openvino", "int8"),
    ):
        with pytest.raises(UsageError, match=f"not quantized to {kind}"):
            export.export_model(
                files["mlp"], format=format_name, quantize=kind, out=tmp_path
            )
    assert not list(tmp_path.iterdir())
