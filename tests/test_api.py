"""The Python API: what its documentation says, run; mistakes; arrays."""

import dataclasses
import doctest
import inspect
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import kerasnotes as kn
from kerasnotes import api
from kerasnotes.base.errors import (
    DataError,
    InterruptedRunError,
    StorageError,
    UsageError,
)
from kerasnotes.training.progress import Plain
from tests.conftest import BACKEND

OTHER = "jax" if BACKEND != "jax" else "torch"
QUICK = {"epochs": 1, "widths": [4], "quiet": True}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tables(count=60, seed=0):
    """Returns a table of two columns and labels that they decide."""
    x = np.random.default_rng(seed).normal(size=(count, 2)).astype("float32")
    return x, np.where(x[:, 0] > 0, "right", "left")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A small run on a table in memory; tests only read it."""
    out = tmp_path_factory.mktemp("runs") / "table"
    return kn.fit(
        "mlp",
        tables(),
        epochs=3,
        widths=[16],
        settings={"train.learning_rate": 0.05},
        out=out,
        quiet=True,
    )


def test_a_run_holds_numbers_pictures_and_the_model(run):
    assert run.record["environment"]["backend"] == BACKEND
    assert run.record["config"]["train"]["learning_rate"] == 0.05
    assert run.record["config"]["model"]["widths"] == [16]
    assert run.record["data"]["source"] == "<arrays>"
    command = run.record["sessions"][0]["command"]
    assert command.startswith("kerasnotes.fit(note='mlp', data=<tuple>, ")
    assert run.history["epoch"] == [1, 2, 3]
    assert set(run.metrics) == set(kn.evaluate(run).metrics)
    assert run.spec.target.classes == ("left", "right")
    assert isinstance(run.figures["curves"], Image.Image)
    assert "metrics" not in repr(run)
    assert f"accuracy {run.metrics['accuracy']:.4f}" in repr(run)
    shown = run._repr_html_()
    assert "data:image/png;base64," in shown
    assert f"<td>{run.metrics['accuracy']:.4f}</td>" in shown


def test_loaded_it_is_the_same(run):
    x, _ = tables()
    for place in (run.path, str(run.path), run.path / "model.keras"):
        again = kn.load(place)
        assert type(again) is kn.TrainedRun
        assert again.metrics == run.metrics
        for one, other in zip(run.predict(x), again.predict(x), strict=True):
            assert one.label == other.label
            assert one.probability == pytest.approx(other.probability, abs=1e-6)
    assert again.history == {}
    assert dict(again.figures) == {}


def test_predict_takes_one_example_a_batch_and_files(run, place):
    x, _ = tables()
    batch = kn.predict(run, x)
    (one,) = kn.predict(run, x[3])
    assert one.row["class"] == one.label == batch[3].label
    assert one.probabilities == pytest.approx(batch[3].probabilities, abs=1e-5)
    wanted = run.model.predict(x, verbose=0)
    found = [list(answer.probabilities.values()) for answer in batch]
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    np.savetxt("a.csv", x[:2], "%.9g", ",", header="x0,x1", comments="")
    for paths in ("a.csv", ["a.csv"], place):
        files = kn.predict(run.path, paths)
        assert [a.label for a in files] == [a.label for a in batch[:2]]


def test_arrays_are_checked_when_a_run_goes_on(run, place):
    import shutil

    shutil.copytree(run.path, "table")
    with pytest.raises(DataError, match="arrays in memory"):
        kn.fit(resume="table", epochs=4, quiet=True)
    with pytest.raises(DataError, match="is not what this run"):
        kn.fit(resume="table", data=tables(seed=1), epochs=4, quiet=True)
    x, y = tables()
    longer = kn.fit(resume="table", data={"x": x, "y": y}, epochs=4, quiet=True)
    assert longer.history["epoch"] == [1, 2, 3, 4]
    again = kn.fit(resume=longer, epochs=5, quiet=True)
    assert again.history["epoch"] == [1, 2, 3, 4, 5]
    assert again.record["environment"]["reason"] == "as the run before"


def test_arrays_are_measured(run):
    x, y = tables()
    loaded = kn.load(run.path)
    with pytest.raises(DataError, match="arrays in memory"):
        kn.evaluate(loaded)
    same = kn.evaluate(loaded, (x, y))
    assert (same.split, same.examples) == ("test", 12)
    assert same.metrics == pytest.approx(run.metrics, abs=1e-6)
    new = tables(seed=7)
    other = kn.evaluate(loaded, new)
    assert (other.split, other.examples) == ("all", 60)
    right = [answer.label for answer in run.predict(new[0])] == new[1]
    assert other.metrics["accuracy"] == pytest.approx(right.mean())
    assert other._repr_html_().count("<img") == 1


def test_a_second_run_in_one_process_is_the_same(place):
    first, second = (kn.fit("mlp", tables(), **QUICK) for _ in range(2))
    assert (first.path.name, second.path.name) == ("mlp", "mlp-2")
    assert first.history["loss"] == second.history["loss"]


@pytest.mark.once
def test_a_name_is_a_run_below_ckpts(run, place):
    (place / "ckpts").mkdir()
    (place / "ckpts" / "table").symlink_to(run.path)
    assert kn.load("table").metrics == run.metrics
    # As of the command line: a folder that is no run is not meant.
    (place / "table").mkdir()
    assert kn.load("table").metrics == run.metrics
    with pytest.raises(StorageError, match="no run in `tables`"):
        kn.load("tables")


@pytest.mark.once
def test_parts_stay_as_they_are_given(place):
    parts = {"train": tables(40), "test": tables(8, seed=1)}
    run = kn.fit("mlp", parts, **QUICK)
    assert run.record["data"]["counts"]["test"] == 8
    x, y = tables(8, seed=1)
    again = kn.fit(
        "mlp",
        {"x_train": parts["train"][0], "y_train": parts["train"][1]}
        | {"x_test": x, "y_test": y},
        **QUICK,
    )
    names = ("fingerprint", "counts")
    assert [run.record["data"][n] for n in names] == [
        again.record["data"][n] for n in names
    ]


@pytest.mark.once
def test_a_test_part_alone_is_measured(run):
    parts = {"test": tables(8, seed=1)}
    told = kn.evaluate(run, parts)
    assert (told.split, told.examples) == ("test", 8)
    bare = kn.evaluate(run, parts["test"])
    assert told.metrics == pytest.approx(bare.metrics)
    with pytest.raises(UsageError, match="no label column"):
        kn.evaluate(run, parts, target="y")


def test_masks_are_answered(place):
    x = np.zeros((24, 16, 16), "uint8")
    x[:, 4:9, 5:12] = 200
    run = kn.fit(
        "unet",
        {"x": x, "y": x > 100},
        epochs=1,
        width=2,
        depth=1,
        classes=("ground", "square"),
        quiet=True,
    )
    (answer,) = run.predict(x[0])
    assert answer.mask.shape == (16, 16)
    assert set(answer.parts) == {"ground", "square"}
    assert sum(answer.parts.values()) == pytest.approx(1)
    assert answer._repr_png_().startswith(b"\x89PNG")
    assert len(run.predict(x[:3])) == len(run.predict(x[:3, ..., None])) == 3


@pytest.fixture(scope="module")
def vae(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "vae"
    small = {"network": "mlp", "widths": [8], "latent": 2}
    return kn.fit("vae", epochs=1, out=out, quiet=True, **small)


def test_samples(vae, place):
    drawn = kn.sample(vae, 4, seed=3)
    assert drawn.values.shape == (4, 8, 8, 1)
    assert [image.size for image in drawn.images] == [(8, 8)] * 4
    assert list(place.iterdir()) == []
    again = kn.sample(vae.path, 4, seed=3, out="a.png")
    np.testing.assert_array_equal(drawn.values, again.values)
    assert again.places.grid.name == "a.png"
    repeated = kn.sample(vae, recipe="a.png")
    assert repeated.same is True
    assert len(repeated) == 4


@pytest.mark.once
def test_a_generator_rebuilds_arrays(vae):
    x, _ = kn.data("digits").arrays("test")
    (answer,) = vae.predict(x[0])
    assert answer.restored.shape == (8, 8)
    assert answer.row["change"] > 0


@pytest.mark.once
def test_what_is_no_generator_draws_nothing(run):
    with pytest.raises(UsageError, match="does not draw"):
        kn.sample(run)


MISTAKES = [
    (lambda: kn.fit("mlp", lr=3), UsageError, "did you mean `learning_rate`"),
    (lambda: kn.fit(resume="a", epoch=3), UsageError, "did you mean `epochs`"),
    (lambda: kn.fit("mlp", data=""), UsageError, "no name"),
    (
        lambda: kn.fit("mlp", "digits", settings={"data.source": "ring"}),
        UsageError,
        "`data` is given twice",
    ),
    (
        lambda: kn.fit("mlp", epochs=1, settings={"train.epochs": 2}),
        UsageError,
        "`epochs` is given twice",
    ),
    (lambda: kn.fit("mlp", epochs=True), UsageError, "epochs"),
    (lambda: kn.load(None), UsageError, "NoneType"),
    (lambda: kn.load(5), UsageError, "int: 5"),
    (lambda: kn.evaluate(5), UsageError, "no run"),
    (
        lambda: kn.fit("mlp", ([[1.0], [2.0]], ["a", None])),
        DataError,
        "label of arrays is missing",
    ),
    (
        lambda: kn.fit("mlp", ([[1.0], [2.0]], np.array(["a", np.nan], "O"))),
        DataError,
        "label of arrays is missing",
    ),
    (lambda: kn.fit("unte"), UsageError, "did you mean `unet`"),
    (lambda: kn.fit("mlp", widht=3), UsageError, "did you mean `widths`"),
    (lambda: kn.fit("mlp", epoch=3), UsageError, "did you mean `epochs`"),
    (lambda: kn.fit("mlp", epochs=0), UsageError, "at least 1"),
    (lambda: kn.fit("mlp", widths=[0]), UsageError, "at least 1"),
    (
        lambda: kn.fit("mlp", settings={"train.eam": 0.9}),
        UsageError,
        "did you mean `train.ema`",
    ),
    (lambda: kn.fit("mlp", backend="theano"), UsageError, "cannot switch"),
    (lambda: kn.fit("mlp", precision="half"), UsageError, "no precision"),
    (lambda: kn.fit("mlp", "digts"), UsageError, "did you mean `digits`"),
    (lambda: kn.fit(), UsageError, "one of the two"),
    (lambda: kn.fit("mlp", resume="a"), UsageError, "one of the two"),
    (lambda: kn.fit(resume="a", widths=[3]), UsageError, "keeps its settings"),
    (lambda: kn.fit(resume="a", data="digits"), StorageError, "no run"),
    (lambda: kn.fit(resume="nosuch"), StorageError, "no run"),
    (
        lambda: kn.fit("mlp", np.zeros((40, 2))),
        UsageError,
        "Received: no label",
    ),
    (lambda: kn.fit("vae", {"x": np.zeros(9)}), DataError, "of shape \\(9,\\)"),
    (lambda: kn.fit("mlp", {"train": 3}), DataError, "Received: int"),
    (
        lambda: kn.fit("mlp", {"train": tables(), "tset": tables()}),
        DataError,
        "'tset'",
    ),
    (lambda: kn.fit("mlp", ([[1], [1, 2]], [0, 1])), DataError, "too few"),
    (lambda: kn.fit("mlp", ([["a"], ["b"]], [0, 1])), DataError, "not numbers"),
    (lambda: kn.load("nosuch"), StorageError, "no run"),
    (lambda: kn.load("nosuch.keras"), StorageError, "nosuch.keras"),
    (lambda: kn.data("nosuch"), UsageError, "known names"),
    (lambda: kn.data("digits", sauce=1), UsageError, "did you mean `source`"),
    (lambda: kn.sample(), UsageError, "Name a run"),
    (lambda: kn.export("nosuch"), StorageError, "no run"),
]


@pytest.mark.once
@pytest.mark.parametrize(("call", "error", "words"), MISTAKES)
def test_mistake(call, error, words, place):
    with pytest.raises(error) as caught:
        call()
    assert caught.match(words)
    assert list(place.iterdir()) == []


@pytest.mark.once
def test_inputs_that_do_not_fit(run, vae):
    for inputs in (np.zeros((3, 5)), np.array(["a"]), None, [], "nosuch.csv"):
        with pytest.raises(DataError):
            run.predict(inputs)
    with pytest.raises(UsageError, match="mode L"):
        vae.predict(Image.new("L", (8, 8)))
    with pytest.raises(UsageError, match="did you mean `steps`"):
        kn.evaluate(vae, stesp=3)
    with pytest.raises(UsageError, match="no use for"):
        kn.evaluate(run, steps=3)


def test_another_backend_is_refused(run):
    for call in (
        lambda: kn.fit("mlp", tables(), backend=OTHER, **QUICK),
        lambda: kn.load(run.path, backend=OTHER),
        lambda: kn.predict(run, tables()[0], backend=OTHER),
    ):
        with pytest.raises(UsageError, match="cannot switch"):
            call()


@pytest.mark.once
def test_interrupted_it_is_saved_and_goes_on(place, monkeypatch):
    def press(self, row):
        if row["epoch"] == 2:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(Plain, "epoch", press)
        with pytest.raises(InterruptedRunError, match="saved in ckpts/mlp"):
            kn.fit("mlp", tables(), epochs=4, widths=[4])
    run = kn.fit(resume="ckpts/mlp", data=tables(), quiet=True)
    assert run.history["epoch"] == [1, 2, 3, 4]


@pytest.mark.once
def test_evaluate_writes_where_it_is_told(run, place):
    told = kn.evaluate(run, tables(seed=3), out="figures")
    names = sorted(path.name for path in (place / "figures").iterdir())
    assert names == sorted(path.name for path in told.files)
    assert "eval-arrays-all-predictions.png" in names


@pytest.fixture(scope="module")
def documented(tmp_path_factory):
    """A folder with the runs that the examples speak of."""
    folder = tmp_path_factory.mktemp("documented")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        small = {"network": "mlp", "widths": [8], "latent": 2}
        kn.fit("vae", epochs=1, quiet=True, **small)
        yield folder


PUBLIC = ("fit", *sorted({*kn.__all__} - {"fit", "TrainedRun", "__version__"}))


@pytest.mark.once
@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_in_the_documentation(name, documented, monkeypatch):
    """Runs in the order of `PUBLIC`: `fit` first, the rest uses its run."""
    monkeypatch.chdir(documented)
    function = getattr(api, name)
    (test,) = doctest.DocTestFinder(recurse=False).find(
        function, name, globs={}
    )
    assert test.examples
    said = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)


HEAVY = ["keras", "tensorflow", "jax", "torch", "numpy", "pydantic"]


def in_a_new_process(program, cwd=None):
    done = subprocess.run(
        [sys.executable, "-W", "error::ImportWarning", "-c", program],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.once
def test_importing_it_imports_no_framework():
    program = (
        "import json, sys\n"
        "before = set(sys.modules)\n"
        "import kerasnotes as kn\n"
        "new = len(sys.modules) - len(before)\n"
        "kn.__version__, kn.fit, kn.data, kn.export, kn.notes()\n"
        f"found = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(json.dumps([found, new, dir(kn)]))"
    )
    found, new, names = in_a_new_process(program)
    assert found == []
    # Few modules are little time, 0.03 s; a clock here would be a lottery.
    assert new <= 20
    assert {"fit", "__version__", "data", "TrainedRun"} <= set(names)


@pytest.mark.once
def test_a_package_and_its_function_are_one():
    import kerasnotes.data.load
    import kerasnotes.export.formats
    import kerasnotes.notes

    assert callable(kerasnotes.data.load.load)
    assert kn.data("ring").spec.name == "ring"
    assert "saved_model" in kerasnotes.export.formats.FORMATS
    assert kn.notes() == kerasnotes.notes.NOTES
    assert list(inspect.signature(kn.data).parameters) == ["source", "settings"]
    with pytest.raises(AttributeError, match="nosuch"):
        _ = kn.nosuch
    with pytest.raises(AttributeError):
        _ = kn.data.nosuch


LOAD = (
    "import json\n"
    "{imports}\n"
    "model = keras.saving.load_model('model.keras')\n"
    "import sys\n"
    "notes = [m for m in sys.modules if m.endswith('.note')]\n"
    "notes = [m for m in notes if m.startswith('kerasnotes.notes.')]\n"
    "print(json.dumps([type(model).__name__, notes]))"
)


@pytest.mark.once
@pytest.mark.parametrize(
    "imports",
    ["import keras, kerasnotes", "import kerasnotes, keras"],
)
def test_keras_itself_loads_a_model(imports, run):
    found = in_a_new_process(LOAD.format(imports=imports), run.path)
    assert found == ["MLP", ["kerasnotes.notes.mlp.note"]]


def test_answers_are_small_frozen_and_readable(run):
    (answer,) = run.predict(tables()[0][0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.label = "other"
    assert repr(answer) == (
        f"ClassAnswer(source='array', label='{answer.label}', "
        f"probability={answer.probability})"
    )


@pytest.fixture(scope="module")
def pets(tmp_path_factory):
    """A run whose label values 0 and 1 got names."""
    x, y = tables()
    out = tmp_path_factory.mktemp("runs") / "pets"
    names = ("cat", "dog")
    return kn.fit("mlp", (x, y == "right"), classes=names, out=out, **QUICK)


@pytest.mark.once
def test_names_of_the_training_rename_no_other_labels(pets):
    x, y = tables(seed=5)
    for values in ((7, -3), ("aardvark", "zebra"), (0, 1)):
        with pytest.raises(DataError, match="not those of the model"):
            kn.evaluate(pets, (x, np.where(y == "right", *values)))
    told = kn.evaluate(pets, (x, np.where(y == "right", "dog", "cat")))
    right = [answer.label == "dog" for answer in pets.predict(x)]
    assert told.metrics["accuracy"] == np.mean(right == (y == "right"))
    same = tables()
    own = kn.evaluate(kn.load(pets.path), (same[0], same[1] == "right"))
    assert own.split == "test"
    assert own.metrics["accuracy"] == pytest.approx(pets.metrics["accuracy"])


@pytest.mark.once
def test_examples_of_one_class_are_measured(run):
    x, y = tables(seed=5)
    lefts = x[y == "left"]
    for some in (lefts, lefts[:1]):
        told = kn.evaluate(run, (some, ["left"] * len(some)))
        assert told.examples == len(some)
        found = [answer.label == "left" for answer in run.predict(some)]
        assert told.metrics["accuracy"] == np.mean(found)
    with pytest.raises(DataError, match="single class"):
        kn.fit("mlp", (lefts, ["left"] * len(lefts)), **QUICK)


def pictures(count=40, seed=0):
    """Returns grey images `(N, 4, 4)` of 0 to 255, and labels."""
    y = np.arange(count) % 2
    x = np.random.default_rng(seed).integers(0, 128, (count, 4, 4))
    return (x + 127 * y[:, None, None]).astype("uint8"), y


@pytest.fixture(scope="module", params=["uint8", "unit", "bool"])
def scaled(request, tmp_path_factory):
    """A run on images of one scale, with what fits it and what does not."""
    x, y = pictures()
    made = {"uint8": x, "unit": x / 255.0, "bool": x > 127}
    out = tmp_path_factory.mktemp("scaled") / request.param
    run = kn.fit("mlp", (made[request.param], y), out=out, **QUICK)
    return run, made.pop(request.param), made, y


@pytest.mark.once
def test_pixels_of_another_scale_are_refused(scaled):
    run, own, others, y = scaled
    assert len(run.predict(own)) == 40
    assert kn.evaluate(run, (own, y)).metrics == run.metrics
    for name, other in others.items():
        if run.path.name != "uint8" and name != "uint8":
            continue  # 0 to 1 either way.
        for call in (run.predict, lambda x: kn.evaluate(run, (x, y))):
            with pytest.raises(DataError, match="another scale") as caught:
                call(other)
            assert "as the model was trained on" in caught.value.expected


@pytest.mark.once
def test_values_beyond_float32_are_refused(run, place):
    x, y = tables()
    huge = x.astype("float64")
    huge[3, 1] = 1e300
    with pytest.raises(DataError, match="NaN or infinity"):
        run.predict(huge)
    for call in (lambda d: kn.evaluate(run, d), lambda d: kn.fit("mlp", d)):
        with pytest.raises(DataError, match="NaN or infinity"):
            call((huge, y))


@pytest.mark.once
def test_measuring_names_what_is_misspelt(run):
    with pytest.raises(UsageError, match="did you mean `test`"):
        kn.evaluate(run, tables(), split="tset")
    for size in (0, -1, 1.5, True):
        for call in (
            lambda size=size: kn.evaluate(run, tables(), batch_size=size),
            lambda size=size: run.predict(tables()[0], batch_size=size),
        ):
            with pytest.raises(UsageError, match="at least one example"):
                call()


@pytest.mark.once
def test_a_tensor_with_gradients_is_refused(run):
    torch = pytest.importorskip("torch")
    x = torch.ones((2, 2), requires_grad=True)
    for call in (run.predict, lambda x: kn.evaluate(run, (x, ["left"] * 2))):
        with pytest.raises(DataError, match="detach"):
            call(x)


@pytest.mark.once
def test_settings_of_the_data_are_keywords(place):
    x, y = tables()
    rows = zip(x[:, 0], x[:, 1], y, x[:, 0], strict=True)
    lines = [",".join(map(str, row)) for row in rows]
    Path("t.csv").write_text("\n".join(["a,b,side,more", *lines]))
    run = kn.fit("mlp", "t.csv", target="side", leave_out=["more"], **QUICK)
    assert run.spec.input.names == ("a", "b")
    assert run.spec.target.classes == ("left", "right")
    with pytest.raises(UsageError, match="no setting called `tagret`"):
        kn.fit("mlp", "t.csv", tagret="side", **QUICK)


@pytest.mark.once
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_of_a_data_frame_go_by_name(library, place):
    frame = pytest.importorskip(library).DataFrame
    x, y = tables()
    table = frame({"long": x[:, 0], "wide": x[:, 1]})
    turned = frame({"wide": x[:, 1], "long": x[:, 0]})
    run = kn.fit("mlp", (table, y), **QUICK)
    assert run.spec.input.names == ("long", "wide")
    wanted = [answer.probabilities for answer in run.predict(x)]
    for same in (table, turned):
        found = [answer.probabilities for answer in run.predict(same)]
        assert found == wanted
        assert kn.evaluate(run, (same, y)).metrics == run.metrics
    assert kn.evaluate(run, (x, y)).metrics == run.metrics
    other = frame({"long": x[:, 0], "wdie": x[:, 1]})
    with pytest.raises(DataError, match="missing: wide; did you mean `wdie`"):
        run.predict(other)
    with pytest.raises(DataError, match="does not fit the model"):
        kn.evaluate(run, (other, y))
    more = frame({"long": x[:, 0], "wide": x[:, 1], "id": x[:, 0]})
    # As in a file: what the model does not take is passed over.
    assert [a.probabilities for a in run.predict(more)] == wanted
    with pytest.raises(DataError, match="leave out id"):
        kn.fit("mlp", {"train": (table, y), "test": (more, y)}, **QUICK)


@pytest.mark.once
def test_parts_are_of_one_kind():
    x, y = pictures()
    y = np.where(y, "b", "a")
    for test, words in (
        ((x / 255.0, y), "another kind"),
        ((x[:, :3], y), "another shape"),
        ((x, np.where(y == "a", "a", "c")), "also c"),
    ):
        with pytest.raises(DataError, match=words):
            kn.data({"train": (x, y), "test": test})
    with pytest.raises(DataError, match="another scale"):
        kn.data({"train": (x / 1.0, y), "test": (x / 255.0, y)})


@pytest.mark.once
def test_no_command_is_told_to_read_arrays():
    x, y = pictures()
    with pytest.raises(DataError, match="single class") as caught:
        kn.data((x, y * 0))
    assert caught.value.hint is None
    with pytest.raises(UsageError, match="does not fit") as caught:
        kn.fit("unet", (x, y), quiet=True)
    assert "<arrays>" not in caught.value.hint
