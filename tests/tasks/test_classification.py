import keras
import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.config import TrainConfig
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.tasks.catalog import make_task
from tests.specs import flat

IMAGES = flat(
    "squares",
    "image",
    (8, 8, 1),
    "uint8",
    "class",
    ("dark $x", "a very long name of a class that is cut", "light"),
)
TABLE = flat("t", "table", (2,), "float32", "class", ("no", "yes"), ("u", "v"))


@pytest.fixture
def network():
    def make(spec):
        keras.utils.set_random_seed(1)
        x = keras.Input(spec.input.shape)
        y = keras.layers.Rescaling(1 / 64)(keras.layers.Flatten()(x))
        y = keras.layers.Dense(spec.target.num_classes, activation="softmax")(y)
        return keras.Model(x, y)

    return make


@pytest.fixture
def splits(rng):
    images = rng.integers(0, 256, (21, 8, 8, 1)).astype("uint8")
    rows = rng.normal(size=(21, 2)).astype("float32")
    return {
        "image": ArraySplit(images, rng.integers(0, 3, 21)),
        "table": ArraySplit(rows, rng.integers(0, 2, 21)),
    }


@pytest.mark.parametrize(
    "spec", [IMAGES, TABLE], ids=lambda spec: spec.input.kind
)
def test_report_and_figures(network, splits, spec, tmp_path):
    task, model, split = (
        make_task("classification", spec),
        network(spec),
        splits[spec.input.kind],
    )
    progress = []
    report = task.evaluate(
        model,
        split,
        Conditions(
            batch_size=8,
            progress=lambda what, done, total: progress.append((done, total)),
        ),
    )
    p = model.predict_on_batch(split.x.astype("float32"))
    assert report.metrics["accuracy"] == (p.argmax(1) == split.y).mean()
    assert progress == [(8, 21), (16, 21), (21, 21)]
    assert set(report.figures) == {"confusion", "reliability", "mistakes"}
    for name, draw in report.figures.items():
        draw(tmp_path / f"{name}.png")
    task.draw_predictions(model, split, tmp_path / "predictions.png")
    for path in tmp_path.iterdir():
        assert np.asarray(Image.open(path)).std() > 1, path.name


@pytest.mark.once
def test_a_perfect_model_has_no_mistakes_to_draw(tmp_path, fixed_model):
    spec = TABLE
    x = np.array([[1.0, 0], [2, 0]])
    eye = np.eye(2, dtype="float32")
    model = fixed_model([(1.0, eye[0]), (2.0, eye[1])])
    task = make_task("classification", spec)
    report = task.evaluate(model, ArraySplit(x, np.array([0, 1])), Conditions())
    assert report.metrics["accuracy"] == 1
    assert report.metrics["loss"] == pytest.approx(0, abs=1e-6)
    report.figures["mistakes"](tmp_path / "mistakes.png")
    assert (tmp_path / "mistakes.png").stat().st_size > 0


def test_compiles_with_what_it_offers(network, splits):
    task, split = make_task("classification", IMAGES), splits["image"]
    model = network(IMAGES)
    model.compile("sgd", task.loss(), metrics=task.metrics())
    x = split.x.astype("float32")
    logs = model.evaluate(x, split.y, verbose=0, return_dict=True)
    metrics = task.evaluate(model, split, Conditions(batch_size=5)).metrics
    for name in ("loss", "accuracy"):
        assert metrics[name] == pytest.approx(logs[name], rel=1e-5)


def test_files_get_a_row_each(network, tmp_path, rng):
    paths, images = [], rng.integers(0, 256, (3, 8, 8)).astype("uint8")
    for number, image in enumerate(images):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(image).save(paths[-1])
    model = network(IMAGES)
    answers = make_task("classification", IMAGES).predict(model, paths, 2)
    assert [answer.path for answer in answers] == paths
    for image, answer in zip(images, answers, strict=True):
        x = image.astype("float32")[None, ..., None]
        p = model.predict_on_batch(x)[0]
        row = answer.row
        assert row["class"] == IMAGES.target.classes[p.argmax()]
        assert row["probability"] == pytest.approx(p.max(), rel=1e-5)
        assert row["p_light"] == pytest.approx(p[2], rel=1e-4)
        assert list(row)[:3] == ["file", "class", "probability"]


def test_tables_get_a_row_for_each_of_theirs(network, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("v,u\n" + "2,1\n" * 5)
    task = make_task("classification", TABLE)
    answers = task.predict(network(TABLE), [path], 2)
    assert [answer.row["row"] for answer in answers] == [1, 2, 3, 4, 5]
    assert sum(answers[0].row[f"p_{n}"] for n in TABLE.target.classes) == (
        pytest.approx(1)
    )


@pytest.mark.once
def test_rare_classes_are_named_with_what_helps(network):
    y = np.repeat([0, 1, 2], [90, 8, 60])
    images = np.zeros((len(y), 8, 8, 1), "uint8")
    split = ArraySplit(images, y)
    conditions = Conditions(batch_size=64, train=split)
    task, model = make_task("classification", IMAGES), network(IMAGES)
    [told] = task.evaluate(model, split, conditions).remarks
    assert told.startswith("Rare in training: a very long name")
    assert "(8 examples, recall " in told
    assert "train.imbalance=weights" in told
    train = TrainConfig.model_validate({"imbalance": "weights"})
    task = make_task("classification", IMAGES, train)
    [told] = task.evaluate(model, split, conditions).remarks
    assert "train.imbalance" not in told
    fair = ArraySplit(images[:90], np.repeat([0, 1, 2], 30))
    conditions = Conditions(batch_size=64, train=fair)
    assert task.evaluate(model, split, conditions).remarks == ()


@pytest.mark.once
def test_a_class_that_nobody_measured_has_no_recall(network):
    y = np.repeat([0, 1, 2], [90, 8, 60])
    images = np.zeros((len(y), 8, 8, 1), "uint8")
    conditions = Conditions(batch_size=64, train=ArraySplit(images, y))
    part = ArraySplit(images[:90], y[:90])
    task = make_task("classification", IMAGES)
    absent, rare = task.evaluate(network(IMAGES), part, conditions).remarks
    names = [f"`{name}`" for name in IMAGES.target.classes[1:]]
    told = f"The data measured hold no example of {', '.join(names)}."
    assert absent == told
    assert "(8 examples)" in rare
