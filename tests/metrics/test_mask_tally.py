import numpy as np
import pytest
from skimage.metrics import adapted_rand_error

from kerasnotes.inference.tiling import Piece
from kerasnotes.losses.segmentation import CrossEntropyDice
from kerasnotes.metrics.mask_tally import MOST_IMAGES, MaskTally, score_image

CLASSES = ("ground", "a b", "c", "never")


def whole(p):
    return [Piece(slice(0, p.shape[0]), slice(0, p.shape[1]), p)]


def halves(p):
    columns = (slice(0, 3), slice(3, p.shape[1]))
    return [Piece(slice(0, p.shape[0]), c, p[:, c]) for c in columns]


@pytest.fixture
def answers(rng):
    p = rng.dirichlet((2, 1, 1, 1e-3), (6, 8, 7)).astype("float32")
    p[..., 3] = 0
    y = rng.integers(0, 3, (6, 8, 7))
    y[1], p[1, ..., 2] = 0, 0  # image 1 has no class 2, nor finds any
    return y, p


def tally_of(y, p, classes=CLASSES):
    tally = MaskTally(classes)
    for index, (truth, one) in enumerate(zip(y, p, strict=True)):
        tally.add(index, truth, score_image(halves(one), truth, len(classes)))
    return tally


def dice(truth, answer, k, empty):
    a, b = truth == k, answer == k
    total = a.sum() + b.sum()
    return 2 * (a & b).sum() / total if total else empty


def test_metrics_are_the_formulas(answers):
    y, p = answers
    metrics = tally_of(y, p).metrics()
    guess = p.argmax(-1)
    assert metrics["accuracy"] == pytest.approx((guess == y).mean())
    counts = np.bincount(y.ravel())
    assert metrics["constant_accuracy"] == counts.max() / y.size
    names = ("ground", "a_b", "c")
    ious, pooled = [], []
    for k, name in enumerate(names):
        a, b = y == k, guess == k
        ious.append((a & b).sum() / (a | b).sum())
        pooled.append(dice(y, guess, k, 1))
        each = [dice(t, g, k, 1) for t, g in zip(y, guess, strict=True)]
        assert metrics[f"iou_{name}"] == pytest.approx(ious[k])
        assert metrics[f"dice_{name}"] == pytest.approx(pooled[k])
        per_image = metrics[f"dice_per_image_{name}"]
        assert per_image == pytest.approx(np.mean(each))
    assert metrics["mean_iou"] == pytest.approx(np.mean(ious))
    assert metrics["mean_dice"] == pytest.approx(np.mean(pooled))
    # The class in neither truth nor answers: no pooled score, 1 an image.
    assert "iou_never" not in metrics
    assert "dice_never" not in metrics
    assert metrics["dice_per_image_never"] == 1
    assert "adapted_rand_error" not in metrics


def test_loss_is_the_one_that_was_trained(answers):
    y, p = answers
    expected = float(CrossEntropyDice()(y.astype("int32"), p))
    loss = tally_of(y, p).metrics()["loss"]
    assert loss == pytest.approx(expected, rel=1e-5)


def test_pieces_and_whole_agree(answers):
    y, p = answers
    a, b = (score_image(cut(p[0]), y[0], 4) for cut in (whole, halves))
    assert a.loss == pytest.approx(b.loss)
    np.testing.assert_array_equal(a.confusion, b.confusion)
    np.testing.assert_array_equal(a.answer, b.answer)


def test_two_classes_have_a_rand_error(rng):
    truth = np.ones((12, 12), "int64")
    truth[5] = 0
    p = np.eye(2, dtype="float32")[truth.copy()]
    p[5, 3] = (0.2, 0.8)
    metrics = tally_of(truth[None], p[None], ("wall", "cell")).metrics()
    regions = np.repeat([1, 0, 2], [5, 1, 6])[:, None] + np.zeros(12, int)
    error, precision, recall = adapted_rand_error(
        regions, np.where(p.argmax(-1) == 1, 1, 0)
    )
    assert metrics["adapted_rand_error"] == pytest.approx(error)
    assert metrics["adapted_rand_precision"] == pytest.approx(precision)
    assert metrics["adapted_rand_recall"] == pytest.approx(recall)
    assert error > 0.1


def test_keeps_the_worst_images_worst_first(answers):
    y, p = answers
    tally = tally_of(y, p)
    means = []
    for truth, guess in zip(y, p.argmax(-1), strict=True):
        each = [dice(truth, guess, k, np.nan) for k in range(4)]
        means.append(np.nanmean(each))
    order = np.argsort(means)[:MOST_IMAGES]
    assert [index for index, _, _ in tally.worst] == order.tolist()
    np.testing.assert_allclose(
        [d for _, d, _ in tally.worst], np.sort(means)[:MOST_IMAGES]
    )


def test_pixels_left_out_change_no_metric(answers):
    """Left out below, the rest is measured as if it were the whole image."""
    y, p = answers
    padded = np.concatenate([y, np.full_like(y, -1)], axis=1)
    wide = np.concatenate([p, p[:, ::-1]], axis=1)
    expected, metrics = (
        tally_of(y, p).metrics(),
        tally_of(padded, wide).metrics(),
    )
    assert metrics == pytest.approx(expected, rel=1e-6)
    loss = CrossEntropyDice(ignore=True)
    assert float(loss(padded.astype("int32"), wide)) == pytest.approx(
        metrics["loss"], rel=1e-5
    )
