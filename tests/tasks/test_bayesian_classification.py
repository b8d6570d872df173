"""The report of a Bayesian network, with a network of known answers."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.tasks.bayesian_classification import BayesianClassification
from tests.specs import flat

pytestmark = pytest.mark.once

SPEC = flat("shades", "image", (8, 8, 1), "uint8", "class", ("dark", "light"))


class Doubtful:
    """Says `light` by brightness; passes differ most for middle greys."""

    def __init__(self):
        self.calls = []

    def default_samples(self):
        return 4

    def monte_carlo(self, x, samples, seed):
        self.calls.append((len(x), samples, seed))
        level = x.reshape(len(x), -1).mean(axis=1) / 255
        doubt = 0.5 - np.abs(level - 0.5)
        signs = np.where(np.arange(samples) % 2, 1, -1)
        light = level + 0.5 * signs[:, None] * doubt
        return np.stack([1 - light, light], axis=-1).astype("float32")

    def predict_on_batch(self, x):
        return self.monte_carlo(x, 1, 0)[0]

    def pruned(self, share):
        return self


@pytest.fixture
def split():
    levels = np.array([0, 20, 110, 120, 140, 230, 255], "uint8")
    x = np.broadcast_to(levels[:, None, None, None], (7, 8, 8, 1)).copy()
    return ArraySplit(x, np.array([0, 0, 0, 1, 1, 1, 1]))


def evaluate(split, **options):
    model = Doubtful()
    conditions = Conditions(batch_size=4, **options)
    return model, BayesianClassification(SPEC).evaluate(
        model, split, conditions
    )


def test_the_answer_is_the_mean_of_the_passes(split):
    model, report = evaluate(split)
    p = model.monte_carlo(split.x, 4, 0).mean(axis=0)
    right = p.argmax(axis=1) == split.y
    assert report.metrics["accuracy"] == right.mean() == 6 / 7
    nll = -np.log(p[np.arange(7), split.y] + 1e-30).mean()
    assert report.metrics["nll"] == pytest.approx(nll, rel=1e-5)
    total = (p * (1 - p)).sum(axis=1).mean()
    parts = ("aleatoric_variance", "epistemic_variance")
    assert sum(report.metrics[name] for name in parts) == pytest.approx(total)


def test_passes_and_seed_are_those_asked_for(split):
    model, report = evaluate(split, samples=9, seed=5, quick=True)
    assert report.metrics["passes"] == 9
    # Batches are filled up to a power of two.
    assert model.calls == [(4, 9, 5), (4, 9, 5)]


def test_rejecting_the_wrong_answer_raises_the_accuracy(split):
    _, report = evaluate(split)
    assert report.metrics["accuracy_20_rejected"] > report.metrics["accuracy"]


def test_foreign_data_are_told_by_their_uncertainty(split):
    x = np.full((5, 8, 8, 1), 127, "uint8")
    other = ArraySplit(x, np.zeros(5))
    _, report = evaluate(split, other=("greys", other), quick=True)
    assert report.metrics["ood_auroc_entropy"] == 1
    assert report.metrics["ood_auroc_information"] == 1
    _, same = evaluate(split, other=("same", split), quick=True)
    assert same.metrics["ood_auroc_entropy"] == 0.5


def test_figures(split, tmp_path):
    _, report = evaluate(split, other=("same", split))
    expected = {"rejection", "certainty", "ood", "pruning", "reliability"}
    assert expected <= set(report.figures)
    for name, draw in report.figures.items():
        draw(tmp_path / f"{name}.png")
        assert np.asarray(Image.open(tmp_path / f"{name}.png")).std() > 1


def test_a_quick_report_prunes_nothing(split):
    _, report = evaluate(split, quick=True)
    assert "pruning" not in report.figures


def test_files_are_told_their_uncertainty(tmp_path):
    paths = []
    for level in (10, 127):
        paths.append(tmp_path / f"{level}.png")
        Image.fromarray(np.full((8, 8), level, "uint8")).save(paths[-1])
    task = BayesianClassification(SPEC)
    sure, unsure = task.predict(Doubtful(), paths, 8)
    assert sure.row["class"] == "dark"
    for name in (
        "entropy",
        "mutual_information",
        "aleatoric_variance",
        "epistemic_variance",
    ):
        assert sure.row[name] < unsure.row[name]
    p = unsure.row["p_light"]
    total = unsure.row["aleatoric_variance"]
    total += unsure.row["epistemic_variance"]
    assert total == pytest.approx(2 * p * (1 - p), rel=1e-4)


def test_a_network_without_doubt_is_refused(split):
    with pytest.raises(UsageError, match="no distribution"):
        BayesianClassification(SPEC).evaluate(object(), split, Conditions())
