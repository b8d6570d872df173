import numpy as np
import pytest
from PIL import Image

from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.segmentation import number_objects, raw_mask
from tests.specs import reflat


@pytest.fixture
def task(mask_spec):
    return make_task("segmentation", mask_spec)


def test_report_and_figures(task, make_network, mask_split, tmp_path):
    model = make_network()
    progress = []
    report = task.evaluate(
        model,
        mask_split,
        Conditions(
            batch_size=2,
            progress=lambda what, done, total: progress.append(done),
        ),
    )
    answer = model.predict_on_batch(mask_split.x.astype("float32")).argmax(-1)
    right = (answer == mask_split.y).mean()
    assert report.metrics["accuracy"] == pytest.approx(right)
    assert progress == [1, 2, 3, 4, 5]
    assert set(report.figures) == {"confusion", "per_class", "worst"}
    for name, draw in report.figures.items():
        draw(tmp_path / f"{name}.png")
    task.draw_predictions(model, mask_split, tmp_path / "predictions.png")
    for path in tmp_path.iterdir():
        assert np.asarray(Image.open(path)).std() > 1, path.name


def test_compiles_with_what_it_offers(task, make_network, mask_split):
    model = make_network()
    model.compile("sgd", task.loss(), metrics=task.metrics())
    x = mask_split.x.astype("float32")
    logs = model.evaluate(x, mask_split.y, verbose=0, return_dict=True)
    metrics = task.evaluate(model, mask_split, Conditions(batch_size=2)).metrics
    for name in ("loss", "accuracy", "mean_iou"):
        assert metrics[name] == pytest.approx(logs[name], rel=1e-5)
    model.train_on_batch(x, mask_split.y)


def test_images_of_various_sizes(task, mask_spec, make_network, rng):
    class Various(ArraySplit):
        def __getitem__(self, index):
            side = 16 + 7 * index
            x = rng.integers(0, 256, (side, 20, 1)).astype("uint8")
            return x, np.zeros((side, 20), "int32")

    spec = reflat(mask_spec, shape=(None, None, 1))
    split = Various(np.zeros(4), np.zeros(4))
    report = make_task("segmentation", spec).evaluate(
        make_network(), split, Conditions(batch_size=4)
    )
    assert report.metrics["constant_accuracy"] == 1


def test_files_get_a_mask_and_an_overlay(task, make_network, tmp_path, rng):
    model, paths, images = make_network(), [], []
    for number, size in enumerate([(30, 22), (16, 16), (30, 22)]):
        paths.append(tmp_path / f"{number}.png")
        images.append(rng.integers(0, 256, size).astype("uint8"))
        Image.fromarray(images[-1]).save(paths[-1])
    answers = task.predict(model, paths, 4)
    assert [answer.path for answer in answers] == paths
    alone = task.predict(model, paths[:1], 4)[0]
    x = images[0].astype("float32")[None, ..., None]
    want = model.predict_on_batch(x)[0].argmax(-1) * 10
    np.testing.assert_array_equal(alone.images["mask"], want)
    for image, answer in zip(images, answers, strict=True):
        mask, shown = answer.images["mask"], answer.images["overlay"]
        assert mask.shape == image.shape
        assert shown.shape == (*image.shape, 3)
        parts = [answer.row[f"part_{n}"] for n in task.spec.target.classes]
        assert sum(parts) == pytest.approx(1)
        assert parts[1] == pytest.approx((mask == 10).mean())


@pytest.mark.once
def test_masks_are_written_as_they_were_read():
    answer = np.array([[0, 1, 2]])
    assert raw_mask(answer, (0, 7, 255)).tolist() == [[0, 7, 255]]
    assert raw_mask(answer, (0, 7, 255)).dtype == np.uint8
    assert raw_mask(answer, (0, 7, 999)).dtype == np.uint16
    assert raw_mask(answer, ()).tolist() == [[0, 1, 2]]
    colours = raw_mask(answer, (0, 0x0000FF, 0xFF8000))
    assert colours.tolist() == [[[0, 0, 0], [0, 0, 255], [255, 128, 0]]]


def test_pixels_left_out_in_training_and_measuring(
    mask_spec, make_network, mask_split, tmp_path
):
    spec = reflat(mask_spec, ignore=(255,))
    task, model = make_task("segmentation", spec), make_network()
    y = mask_split.y.copy()
    y[:, :5] = -1
    split = ArraySplit(mask_split.x, y)
    model.compile("sgd", task.loss(), metrics=task.metrics())
    x = mask_split.x.astype("float32")
    logs = model.evaluate(x, y, verbose=0, return_dict=True)
    report = task.evaluate(model, split, Conditions(batch_size=2))
    for name in ("loss", "accuracy", "mean_iou"):
        assert report.metrics[name] == pytest.approx(logs[name], rel=1e-5)
    right = (model.predict_on_batch(x).argmax(-1) == y)[:, 5:].mean()
    assert report.metrics["accuracy"] == pytest.approx(right)
    assert np.isfinite(float(np.asarray(model.train_on_batch(x, y)[0])))
    report.figures["worst"](tmp_path / "worst.png")
    task.draw_predictions(model, split, tmp_path / "predictions.png")
    assert len(list(tmp_path.iterdir())) == 2


def test_joined_instances_are_counted(mask_spec, make_network, tmp_path, rng):
    spec = reflat(mask_spec, instances=True)
    path = tmp_path / "0.png"
    Image.fromarray(rng.integers(0, 256, (30, 22)).astype("uint8")).save(path)
    [answer] = make_task("segmentation", spec).predict(
        make_network(), [path], 1
    )
    mask, objects = answer.images["mask"] == 10, answer.images["objects"]
    np.testing.assert_array_equal(objects > 0, mask)
    assert answer.row["objects"] == objects.max()


def test_regions_are_numbered():
    mask = np.zeros((7, 9), bool)
    mask[0, 0] = mask[1, 1] = mask[4:, :3] = mask[2:5, 6:] = True
    numbers, count = number_objects(mask)
    assert count == 3
    assert numbers.dtype == np.uint16
    assert numbers[0, 0] == numbers[1, 1] != 0
    assert number_objects(mask[3:4, :2])[1] == 0
