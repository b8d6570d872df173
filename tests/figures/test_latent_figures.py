"""Pictures of a latent space, and the points they are made of."""

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.figures import latent_figures
from tests.specs import flat

pytestmark = pytest.mark.once


class Mirror:
    """Codes an example by its first values, and fills up with zeros."""

    def __init__(self, spec, latent):
        self.spec = spec
        self.note_config = type(
            "Config", (), {"latent": latent, "latent_kind": "gaussian"}
        )
        self.encoded = 0

    def encode(self, x):
        self.encoded += len(x)
        flat = np.asarray(x, "float32").reshape(len(x), -1)
        mean = flat[:, : self.note_config.latent]
        return {"mean": mean, "log_var": 0 * mean}

    def decode(self, z):
        flat = np.zeros(
            (len(z), int(np.prod(self.spec.input.shape))), "float32"
        )
        flat[:, : z.shape[1]] = z
        return flat.reshape(-1, *self.spec.input.shape)


def make(latent, count=40, *, classes=3, table=False):
    names = tuple(f"class {n}" for n in range(classes))
    shape = (6,) if table else (4, 5, 1)
    kind = "table" if table else "image"
    dtype = "float32" if table else "uint8"
    spec = flat("s", kind, shape, dtype, "class", names)
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (count, *shape)).astype(dtype)
    y = rng.integers(0, classes, count).astype("int32")
    return Mirror(spec, latent), ArraySplit(x, y)


@pytest.mark.parametrize(
    ("latent", "table", "names"),
    [
        (1, False, ["reconstructions", "interpolation", "latent_map"]),
        (
            2,
            False,
            ["reconstructions", "interpolation", "latent_grid", "latent_map"],
        ),
        (5, False, ["reconstructions", "interpolation", "latent_map"]),
        (2, True, ["latent_map"]),
    ],
)
def test_what_is_drawn(latent, table, names, tmp_path):
    model, split = make(latent, table=table)
    found = latent_figures.figures(model, split, Conditions())
    assert list(found) == names
    # Nothing before it is asked for, and then once for all.
    assert model.encoded == 0
    for name, draw in found.items():
        draw(tmp_path / f"{name}.png")
        with Image.open(tmp_path / f"{name}.png") as picture:
            assert min(picture.size) > 50
    assert model.encoded == len(split)


@pytest.mark.parametrize(("classes", "count"), [(1, 2), (10, 3), (30, 11)])
def test_few_examples_and_many_classes(classes, count, tmp_path):
    model, split = make(3, count, classes=classes)
    for name, draw in latent_figures.figures(
        model, split, Conditions()
    ).items():
        draw(tmp_path / f"{name}.png")


def test_one_example_has_no_pictures():
    model, split = make(2, 1)
    assert latent_figures.figures(model, split, Conditions()) == {}


def test_no_more_than_the_most_are_encoded(monkeypatch, tmp_path):
    monkeypatch.setattr(latent_figures, "MAPPED", 20)
    monkeypatch.setattr(latent_figures, "BATCH", 8)
    model, split = make(2, 40)
    found = latent_figures.figures(model, split, Conditions())
    found["latent_map"](tmp_path / "map.png")
    assert model.encoded == 20


def test_reconstructions_stand_below_their_images(tmp_path, monkeypatch):
    sheets = []
    monkeypatch.setattr(
        latent_figures,
        "tile",
        lambda pictures, columns: (
            sheets.append((pictures, columns)) or pictures[0]
        ),
    )
    model, split = make(20, 25)
    mean = model.encode(split.x)["mean"]
    latent_figures.draw_reconstructions(
        model, split.x, mean, tmp_path / "r.png"
    )
    pictures, columns = sheets[0]
    assert (len(pictures), columns) == (40, 10)
    # All 20 pixels are coded: what is below equals what is above.
    np.testing.assert_array_equal(pictures[:10], split.x[:10, ..., 0])
    np.testing.assert_array_equal(pictures[10:20], pictures[:10])
    np.testing.assert_array_equal(pictures[20:30], split.x[10:20, ..., 0])
    np.testing.assert_array_equal(pictures[30:], pictures[20:30])


def test_an_interpolation_is_a_line_with_both_ends():
    first, last = np.float32([[0, 1], [2, 2]]), np.float32([[4, -1], [2, 3]])
    ways = latent_figures.interpolate(first, last, 5)
    assert ways.shape == (2, 5, 2)
    np.testing.assert_allclose(ways[:, 0], first)
    np.testing.assert_allclose(ways[:, -1], last)
    np.testing.assert_allclose(ways[0, :, 0], [0, 1, 2, 3, 4])
    np.testing.assert_allclose(np.diff(ways, n=2, axis=1), 0, atol=1e-6)


def test_pairs_are_of_two_classes_where_there_are_two():
    labels = np.array([0, 0, 0, 1, 2, 0, 1])
    first, last = latent_figures.choose_pairs(labels, 3)
    assert len(first) == len(last) >= 2
    assert (labels[first] != labels[last]).all()
    first, last = latent_figures.choose_pairs(np.zeros(4, int), 3)
    assert len(first) >= 1
    assert (first != last).all()
    first, last = latent_figures.choose_pairs(np.array([1, 0]), 6)
    assert (first.tolist(), last.tolist()) == ([0], [1])


def test_cells_of_the_grid_are_equally_probable():
    grid = latent_figures.quantile_grid(4)
    assert grid.shape == (16, 2)
    cells = grid.reshape(4, 4, 2)
    right = [0.125, 0.375, 0.625, 0.875]
    np.testing.assert_allclose(stats.norm.cdf(cells[0, :, 0]), right, atol=1e-6)
    # Upwards, as in a plot.
    np.testing.assert_allclose(
        stats.norm.cdf(cells[:, 0, 1]), right[::-1], atol=1e-6
    )


def test_two_latents_stay_and_more_are_turned():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(50, 2)).astype("float32")
    points, names = latent_figures.flatten(flat)
    np.testing.assert_array_equal(points, flat)
    assert names == ("first latent", "second latent")
    # Two directions of spread 3 and 1 hidden in five latents.
    axes = np.linalg.qr(rng.normal(size=(5, 2)))[0]
    spread = rng.normal(size=(500, 2)) * [3, 1]
    points, names = latent_figures.flatten((spread @ axes.T).astype("float32"))
    spread -= spread.mean(axis=0)
    # Principal directions have the variance, whatever their sign.
    values = np.linalg.svd(spread, compute_uv=False) ** 2
    np.testing.assert_allclose(np.square(points).sum(axis=0), values, rtol=1e-3)
    assert "90%" in names[0] or "89%" in names[0]


def test_one_latent_is_spread_out():
    points, names = latent_figures.flatten(np.float32([[2], [-1], [5]]))
    np.testing.assert_allclose(points, [[2, 0.5], [-1, 0], [5, 1]])
    assert names == ("latent", "part below")


def test_collapsed_latents_can_be_drawn(tmp_path):
    latent_figures.draw_map(
        np.zeros((9, 4), "float32"), np.zeros(9, int), ("a",), tmp_path / "m"
    )
    assert (tmp_path / "m").stat().st_size > 1000
