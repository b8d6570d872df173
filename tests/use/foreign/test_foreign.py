"""`kn eval` and `kn predict` of files that Keras alone wrote."""

import json
import os
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
from keras import ops

import kerasnotes as kn
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.sets.digits import digit_images
from tests.cli.conftest import run_kn
from tests.conftest import ROOT
from tests.use.foreign import strangers


def digits(labels=lambda y: y, channel=True):
    x, y = digit_images()
    return x[:200, ..., None] if channel else x[:200], labels(y[:200])


def rows():
    rng = np.random.default_rng(0)
    return rng.normal(size=(60, 5)).astype("float32"), rng.integers(0, 3, 60)


def scenes(classes=3):
    """Images of a size that the pooling inside divides, but 16 does not."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (6, 18, 22, 1)).astype("uint8")
    return x, rng.integers(0, classes, (6, 18, 22))


def halves(y):
    return (y > 4).astype("int32")


def softly(p):
    return np.exp(p) / np.exp(p).sum(-1, keepdims=True)


def both(p):
    return np.concatenate([1 - p, p], axis=-1)


def squashed(p):
    return both(1 / (1 + np.exp(-p)))


# What is made, the data, and the way from its own answers to probabilities.
MODELS = {
    "softmax_cnn": (digits, lambda p: p),
    "logits": (digits, softly),
    "quickstart": (lambda: digits(channel=False), lambda p: p),
    "rescaled": (digits, lambda p: p),
    "nested": (digits, lambda p: p),
    "any_size": (digits, lambda p: p["b"]),
    "table": (rows, lambda p: p),
    "sigmoid": (lambda: digits(halves), both),
    "one_logit": (lambda: digits(halves), squashed),
    "fcn": (scenes, lambda p: p),
    "sigmoid_fcn": (lambda: scenes(2), both),
}
# Keras puts the border of one logit at 0.5, finds a metric by its output's
# name, and wants masks `(H, W, 1)` of one unit.
OTHERWISE = ("one_logit", "any_size", "sigmoid_fcn")


def stirred(name, **options):
    """Makes a model whose biases and averages are not what Keras starts at."""
    keras.utils.set_random_seed(0)
    model = getattr(strangers, name)(**options)
    rng = np.random.default_rng(1)
    model.set_weights(
        [
            # Seeds of dropout are whole numbers.
            w / 4 + rng.uniform(0, 0.02, w.shape).astype("float32")
            if w.dtype == "float32"
            else w
            for w in model.get_weights()
        ]
    )
    return model


@pytest.mark.parametrize("name", MODELS)
def test_answers_and_numbers_are_those_of_keras(name, tmp_path):
    model, (make, to_p) = stirred(name), MODELS[name]
    path = tmp_path / "stranger.keras"
    model.save(path)
    x, y = make()
    raw = x.astype("float32")
    named = {"a": raw} if name == "any_size" else raw
    expected = to_p(model.predict(named, verbose=0))
    report = kn.evaluate(path, (x, y))
    assert (report.split, report.examples) == ("all", len(x))
    if name in OTHERWISE:
        accuracy = (expected.argmax(-1) == y).mean()
    else:
        measured = model.evaluate(raw, y, verbose=0, return_dict=True)
        accuracy = measured["accuracy"]
    assert report.metrics["accuracy"] == pytest.approx(accuracy, abs=1e-6)
    run = kn.load(path, data=(x, y))
    shaped = raw[..., None] if name == "quickstart" else raw
    answer = run.model.predict(shaped, verbose=0)
    np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-6)


def test_answers_for_arrays(tmp_path):
    model, (x, y) = stirred("logits"), digits()
    model.save(tmp_path / "a.keras")
    names = [f"n{9 - i}" for i in range(10)]
    labels = np.array([f"n{i}" for i in range(10)])[y]
    options = {"data": (x, labels), "classes": names, "scale": (-1, 1)}
    answers = kn.predict(tmp_path / "a.keras", x[:7], **options)
    # Pixels of type uint8 may reach 255, whatever these do.
    expected = softly(model.predict(x[:7] / 127.5 - 1.0, verbose=0))
    assert [answer.label for answer in answers] == [
        names[i] for i in expected.argmax(1)
    ]
    for answer, p in zip(answers, expected, strict=True):
        assert list(answer.probabilities) == names
        np.testing.assert_allclose(
            list(answer.probabilities.values()), p, atol=1e-6
        )
    accuracy = kn.evaluate(tmp_path / "a.keras", **options).metrics["accuracy"]
    whole = model.predict(x / 127.5 - 1.0, verbose=0).argmax(1)
    assert accuracy == pytest.approx((9 - whole == y).mean())


def test_masks_have_the_values_of_the_data(tmp_path):
    model, (x, y) = stirred("fcn"), scenes()
    model.save(tmp_path / "a.keras")
    options = {"data": (x, 10 * y), "classes": ["20", "0", "10"]}
    expected = model.predict(x.astype("float32"), verbose=0).argmax(-1)
    answers = kn.predict(tmp_path / "a.keras", x, **options)
    for answer, numbers in zip(answers, expected, strict=True):
        np.testing.assert_array_equal(
            answer.mask, np.array([20, 0, 10])[numbers]
        )
    accuracy = kn.evaluate(tmp_path / "a.keras", **options).metrics["accuracy"]
    same = np.array([2, 0, 1])[expected] == y
    assert accuracy == pytest.approx(same.mean(), abs=1e-6)


SAVE = """
import sys, keras, numpy as np
from tests.use.foreign import strangers
for name in ("rescaled", "fcn"):
    model = getattr(strangers, name)()
    model.save(f"{name}.keras")
    x = np.load(f"{name}.npy").astype("float32")
    np.save(f"{name}-p.npy", model.predict(x, verbose=0))
"""


@pytest.mark.once
def test_a_file_of_another_backend(tmp_path):
    data = {"rescaled": digits(), "fcn": scenes()}
    for name, (x, _) in data.items():
        np.save(tmp_path / f"{name}.npy", x)
    subprocess.run(
        [sys.executable, "-c", SAVE],
        check=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "KERAS_BACKEND": "torch",
            "PYTHONPATH": str(ROOT),
        },
    )
    for name, arrays in data.items():
        run = kn.load(tmp_path / f"{name}.keras", data=arrays)
        answer = ops.convert_to_numpy(run.model(arrays[0].astype("float32")))
        expected = np.load(tmp_path / f"{name}-p.npy")
        np.testing.assert_allclose(answer, expected, atol=1e-5)


@pytest.mark.once
def test_what_was_guessed_is_said(tmp_path):
    model = strangers.rescaled()
    model.save(tmp_path / "a.keras")
    x, y = digits()
    fed, order, kind = kn.load(tmp_path / "a.keras", data=(x, y)).remarks
    assert "the file's Rescaling scales" in fed
    assert "0, 1, 2, 3, 4, 5, ..., in the order of the data" in order
    assert "probabilities: it ends in softmax" in kind
    strangers.logits().save(tmp_path / "b.keras")
    names = [str(i) for i in range(10)]
    options = {"data": "digits", "classes": names}
    fed, kind = kn.load(tmp_path / "b.keras", **options).remarks
    assert "0 to 16: nothing in the file scales" in fed
    assert "--scale 0 1" in fed
    assert "SparseCategoricalCrossentropy, says from_logits=True" in kind
    fed, kind = kn.load(tmp_path / "b.keras", **options, scale=(0, 1)).remarks
    assert fed == "Raw values 0 to 16 are fed as 0 to 1."
    strangers.one_logit().save(tmp_path / "c.keras")
    halved = (x, np.array(["low", "high"])[1 - halves(y)])
    *_, kind = kn.load(tmp_path / "c.keras", data=halved).remarks
    assert "one unit answers for `low`, with logits" in kind


@pytest.mark.once
def test_the_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    strangers.rescaled().save("a.keras")
    x, _ = digits()
    np.savez("some.npz", x=x[:3])
    ended = run_kn("eval", "a.keras", "--data", "digits", "--json")
    report = json.loads(ended.out)
    assert (ended.code, report["examples"], len(report["remarks"])) == (
        0,
        359,
        3,
    )
    assert "accuracy" in report["metrics"]
    ended = run_kn("eval", "a.keras", "--data", "digits")
    assert ended.err.count("Note: ") == 3
    assert "kn predict a.keras --data digits FILE" in ended.out
    arguments = ("predict", "a.keras", "some.npz", "--data", "digits")
    ended = run_kn(*arguments)
    assert (ended.code, ended.err.count("Note: ")) == (0, 3)
    report = json.loads(run_kn(*arguments, "--json").out)
    assert (len(report["remarks"]), len(report["predictions"])) == (3, 3)
    ended = run_kn("eval", "a.keras")
    assert ended.code == 2
    assert "with kn eval a.keras --data DATA" in ended.err


@pytest.mark.once
def test_a_run_of_ours_says_itself(tmp_path):
    keras.utils.set_random_seed(0)
    run = kn.fit("mlp", epochs=1, widths=[4], out=tmp_path / "run", quiet=True)
    for place in (run, run.path):
        with pytest.raises(UsageError, match="says itself"):
            kn.evaluate(place, scale=(0, 1))
        with pytest.raises(UsageError, match="says itself"):
            kn.predict(place, np.zeros((8, 8)), data="digits")


@pytest.mark.once
def test_half_the_size_is_known_after_loading(tmp_path):
    strangers.fcn(half=True).save(tmp_path / "a.keras")
    with pytest.raises(UsageError, match="fit no task"):
        kn.load(tmp_path / "a.keras", data=scenes())


def mirror_images(x):
    return np.repeat(x, 2, axis=1)


X, Y = digits()
TWO = (X, halves(Y))
# The file, what is said, the exit code, and words of the message.
REFUSED = [
    ("with_lambda", {"data": (X, Y)}, 5, "a Lambda layer"),
    ("own_layer", {"data": (X, Y)}, 5, "Scale, from another package"),
    ("own_model", {"data": rows()}, 5, "another package"),
    ("two_inputs", {"data": (X, Y)}, 2, "2 inputs, 1 outputs"),
    ("two_outputs", {"data": (X, Y)}, 2, "1 inputs, 2 outputs"),
    ("text", {"data": rows()}, 2, "a layer Embedding"),
    ("regression", {"data": TWO}, 2, "loss: mse"),
    ("sigmoid_3", {"data": (X, Y % 3)}, 2, "as many answers"),
    ("softmax_cnn", {}, 2, "--data DATA"),
    ("softmax_cnn", {"data": TWO}, 3, "10 classes"),
    ("softmax_cnn", {"data": (mirror_images(X), Y)}, 3, "shape (16, 8, 1)"),
    ("softmax_cnn", {"data": (np.repeat(X, 3, -1), Y)}, 3, "(8, 8, 3)"),
    ("softmax_cnn", {"data": rows()}, 3, "Received: tables"),
    ("table", {"data": (X, Y)}, 3, "rows of a table"),
    ("table", {"data": rows(), "scale": (0, 1)}, 2, "--scale is for pixels"),
    ("softmax_cnn", {"data": scenes()}, 3, "shape (18, 22, 1)"),
    ("fcn", {"data": (X, Y)}, 3, "a class per pixel"),
    ("softmax_cnn", {"data": (X, Y), "answers": "logits"}, 2, "no logits"),
    ("softmax_cnn", {"data": (X, Y), "answers": "odds"}, 2, "odds"),
    ("softmax_cnn", {"data": (X, Y), "scale": (1, 1)}, 2, "no range"),
    ("softmax_cnn", {"data": (X, Y), "classes": "ab"}, 3, "lacks classes"),
    ("softmax_cnn", {"data": (X, Y), "classes": "aa"}, 2, "named twice"),
    ("renamed_torch", {"data": (X, Y)}, 5, "without config.json"),
    ("renamed_h5", {"data": (X, Y)}, 5, "an HDF5 file"),
    ("nosuch", {"data": (X, Y)}, 5, "no such file"),
]
ASK = """
import json, pickle, sys
import kerasnotes as kn
from kerasnotes.base.errors import KerasNotesError
ended = []
for name, options in pickle.load(open("requests.pickle", "rb")):
    for ask in (
        lambda: kn.evaluate(f"{name}.keras", **options),
        lambda: kn.predict(f"{name}.keras", [0.0], **options),
    ):
        try:
            ask()
            ended.append([0, "it was not refused"])
        except KerasNotesError as error:
            ended.append([error.exit_code, str(error)])
loaded = {"keras", "tensorflow", "jax", "torch"} & set(sys.modules)
print(json.dumps([ended, sorted(loaded)]))
"""


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """What a process without a framework says to all of `REFUSED`."""
    import pickle

    folder = tmp_path_factory.mktemp("strangers")
    for name in {name for name, *_ in REFUSED}:
        if hasattr(strangers, name):
            getattr(strangers, name)().save(folder / f"{name}.keras")
    strangers.sigmoid(units=3).save(folder / "sigmoid_3.keras")
    with zipfile.ZipFile(folder / "renamed_torch.keras", "w") as archive:
        # As `torch.save` lays it out.
        archive.writestr("archive/data.pkl", pickle.dumps({"w": [1.0]}))
        archive.writestr("archive/version", "3")
    (folder / "renamed_h5.keras").write_bytes(b"\x89HDF\r\n\x1a\n" + b"0" * 99)
    requests = [(name, options) for name, options, *_ in REFUSED]
    (folder / "requests.pickle").write_bytes(pickle.dumps(requests))
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return json.loads(done.stdout)


@pytest.mark.once
@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_refused(place, refused):
    name, _, code, words = REFUSED[place]
    evaluated, predicted = refused[0][2 * place : 2 * place + 2]
    assert evaluated == predicted
    assert evaluated[0] == code, (name, evaluated)
    assert words in evaluated[1]
    assert len(evaluated[1].splitlines()) <= 5


@pytest.mark.once
def test_refusals_import_no_framework(refused):
    assert refused[1] == []


@pytest.mark.once
def test_folders_are_read_at_the_size_of_the_model(tmp_path):
    from PIL import Image

    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(5):
            image = Image.new("L", (30, 20), 10 * number)
            image.save(tmp_path / "pets" / name / f"{number}.png")
    strangers.sigmoid().save(tmp_path / "a.keras")
    options = {"data": tmp_path / "pets"}
    run = kn.load(tmp_path / "a.keras", **options)
    assert run.spec.input.shape == (8, 8, 1)
    assert run.spec.target.classes == ("cat", "dog")
    report = kn.evaluate(run, split="all")
    assert report.examples == 10
    assert any("resized to 8x8" in remark for remark in report.remarks)
    again = kn.evaluate(tmp_path / "a.keras", **options, split="all")
    assert again.examples == 10
    turned = kn.load(tmp_path / "a.keras", **options, classes=("dog", "cat"))
    assert turned.spec.target.classes == ("dog", "cat")
    few = {**options, "classes": ("dog", "cat", "cow")}
    with pytest.raises(DataError, match="not as many"):
        kn.load(tmp_path / "a.keras", **few)
