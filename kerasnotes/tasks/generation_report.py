"""What generated examples are worth: every score, and the pictures to it."""

import dataclasses
import functools
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.generation import Generated
from kerasnotes.contracts.report import Conditions, Draw, Report
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.figures import generation_figures as figures
from kerasnotes.figures.sample_grid import to_bytes
from kerasnotes.metrics import feature_classifier, modes
from kerasnotes.metrics import sample_scores as scores
from kerasnotes.metrics.feature_classifier import FeatureClassifier
from kerasnotes.metrics.frechet import moments
from kerasnotes.metrics.two_sample import pick

Metrics = dict[str, float]
FLOOR, GAUSSIAN = "_floor", "_gaussian"
"""Endings of the names of what real and Gaussian examples score."""
QUICK = 1_000
MOST_REAL = 10_000
SHOWN = 10
WORSE = 0.2
"""How far above such a Gaussian samples are told apart that are no better."""
FITTING = 0.05
"""How far above real examples a Gaussian that fits the data is told apart."""


@dataclasses.dataclass(frozen=True)
class Real:
    """Real examples to compare with, raw.

    Args:
        test: `(M, ...)`.
        train: `(N, ...)`; as many as is reasonable.
        labels: Classes of `test`, `(M,)`.
        scale: To the space of distances.
    """

    test: Array
    train: Array
    labels: Array
    scale: scores.Scale


def compare(
    generated: Generated, spec: Spec, split: Split, conditions: Conditions
) -> Report:
    """Measures generated examples against the real ones of `split`.

    Args:
        generated: What a model drew.
        spec: The data's description.
        split: The real examples held against it: the test part.
        conditions: `train` gives floors and Gaussian, `folder` the classifier.

    Returns:
        The report: no numbers where there are too few examples.
    """
    refusal = _refuse(generated, split, conditions)
    if refusal is not None:
        return refusal
    real = _read_real(spec, split, conditions)
    sets = _make_sets(generated, real, spec, conditions.seed)
    remarks = [_describe_sizes(sets, real)]
    draws: dict[str, Draw] = {}
    metrics = _score_values(sets, real, spec)
    classifier = _find_classifier(spec, conditions)
    if classifier is not None:
        classified, shares = _score_classified(
            classifier, sets, real, generated.labels
        )
        metrics |= classified
        draws["classes"] = functools.partial(
            figures.draw_class_shares, *shares, spec.target.classes
        )
    else:
        metrics |= _score_unclassified(sets, real)
    if spec.input.kind == "table":
        metrics |= _score_modes(sets, conditions)
    elif classifier is None:
        remarks.append(_unjudged(spec))
    remarks += describe_noise(metrics)
    memory, neighbours = _score_memory(sets, real, spec)
    if spec.input.kind == "image":
        draws["neighbours"] = neighbours
    return Report(metrics | memory, draws, tuple(remarks))


def _unjudged(spec: Spec) -> str:
    if not spec.target.classes:
        return "Without labels no classifier judged them: pixels alone did."
    return "No classifier judged them; `kn eval` trains one."


def _refuse(
    generated: Generated, split: Split, conditions: Conditions
) -> Report | None:
    """Returns the report on what cannot be compared, or `None`."""
    if conditions.train is None:
        return Report({}, remarks=("No training part: nothing is compared.",))
    least = min(len(split), len(conditions.train), len(generated.values))
    if least < scores.LEAST:
        remark = f"{least} examples are too few: nothing is compared."
        return Report({}, remarks=(remark,))
    flat = generated.values.reshape(len(generated.values), -1)
    broken = 1.0 - float(np.isfinite(flat).all(axis=1).mean())
    if broken:
        remark = "Some samples hold NaN or infinity: nothing is compared."
        return Report({"not_finite": broken}, remarks=(remark,))
    return None


def _read_real(spec: Spec, split: Split, conditions: Conditions) -> Real:
    most = QUICK if conditions.quick else MOST_REAL
    test, labels = scores.read_some(split, scores.affordable(split, spec, most))
    reference = conditions.train or split
    most = QUICK if conditions.quick else 10**9
    train, _ = scores.read_some(
        reference, scores.affordable(reference, spec, most)
    )
    return Real(test, train, labels, scores.make_scale(spec, train))


def _make_sets(
    generated: Generated, real: Real, spec: Spec, seed: int
) -> dict[str, Array]:
    """Returns samples, real and Gaussian examples, raw, by their ending."""
    count = len(generated.values)
    rng = np.random.default_rng(seed)
    scaled = real.scale(pick(real.train, MOST_REAL, rng))
    gauss = scores.draw_gaussian(moments(scaled), count, spec, rng)
    return {
        "": generated.values,
        FLOOR: pick(real.train, count, rng),
        GAUSSIAN: real.scale.undo(gauss, real.train.shape[1:]),
    }


def _score_each(score: Any, sets: dict[str, Array], *others: Any) -> Metrics:
    """Calls `score(values, *others)`; names end as the sets do."""
    scored = [(end, score(values, *others)) for end, values in sets.items()]
    names = list(scored[0][1])
    return {f"{n}{end}": metrics[n] for n in names for end, metrics in scored}


def _score_values(sets: dict[str, Array], real: Real, spec: Spec) -> Metrics:
    name = "pixels" if spec.input.kind == "image" else "columns"
    test = real.scale(real.test)
    scaled = {end: real.scale(values) for end, values in sets.items()}
    return _score_each(scores.score_values, scaled, test, moments(test), name)


def _score_unclassified(sets: dict[str, Array], real: Real) -> Metrics:
    """Returns precision and recall in the space of pixels or columns."""
    scaled = {end: real.scale(values) for end, values in sets.items()}
    return _score_each(scores.score_manifold, scaled, real.scale(real.test))


def _find_classifier(
    spec: Spec, conditions: Conditions
) -> FeatureClassifier | None:
    """Returns the classifier; trains it unless seconds count."""
    train, folder = conditions.train, conditions.folder
    if (
        train is None
        or spec.input.kind != "image"
        or spec.target.num_classes < 2
    ):
        return None
    classifier = feature_classifier.find_classifier(train, spec, folder)
    if classifier is not None or conditions.quick:
        return classifier
    return feature_classifier.make_classifier(
        train, spec, folder, conditions.progress
    )


def _score_classified(
    classifier: FeatureClassifier,
    sets: dict[str, Array],
    real: Real,
    requested: Array | None,
) -> tuple[Metrics, tuple[Array, Array]]:
    """Returns scores by features and classes, and both class shares."""
    features, probabilities = classifier(real.test)
    accuracy = float(np.mean(probabilities.argmax(axis=1) == real.labels))
    answered = {end: classifier(values) for end, values in sets.items()}
    by_features = {end: pair[0] for end, pair in answered.items()}
    # It knows the training part by heart; unseen images are fairer.
    by_class = {end: pair[1] for end, pair in answered.items()} | {
        FLOOR: probabilities
    }
    metrics = {"judge_accuracy": accuracy}
    metrics |= _score_each(
        scores.score_features, by_features, features, moments(features)
    )
    metrics |= _score_each(scores.score_manifold, by_features, features)
    metrics |= _score_each(scores.score_classes, by_class)
    if requested is not None:
        answers = answered[""][1].argmax(axis=1)
        metrics["recognised_as_asked"] = float(np.mean(answers == requested))
        metrics["recognised_as_asked_floor"] = accuracy
    shares = (
        scores.class_shares(by_class[""]),
        scores.class_shares(probabilities),
    )
    return metrics, shares


def _score_memory(
    sets: dict[str, Array], real: Real, spec: Spec
) -> tuple[Metrics, Draw]:
    """Measures how near samples lie to training examples.

    Much nearer than unseen real examples means that they are copies.
    """
    train = real.scale(real.train)
    unseen = pick(real.test, len(sets[""]), np.random.default_rng(0))
    neighbours = {
        end: scores.nearest(real.scale(values), train)
        for end, values in (("", sets[""]), (FLOOR, unseen))
    }
    metrics = {
        f"nearest_train{end}": float(np.median(gaps))
        for end, (gaps, _) in neighbours.items()
    }
    gaps, rows = neighbours[""]
    # The nearest of all first: a copy should not hide.
    nearest = np.argsort(gaps, kind="stable")[:SHOWN]

    def draw(path: Any) -> None:
        figures.draw_neighbours(
            to_bytes(sets[""][nearest], spec.input.limits),
            to_bytes(real.train[rows[nearest]], spec.input.limits),
            gaps[nearest],
            path,
        )

    return metrics, draw


def _score_modes(sets: dict[str, Array], conditions: Conditions) -> Metrics:
    """Counts the classes that samples of a narrow table reach."""
    train = conditions.train
    if train is None or not modes.is_low_dimensional(sets[""]):
        return {}
    x, y = scores.read_some(train, MOST_REAL)
    metrics = _score_each(modes.measure, sets, x, y)
    return {k: v for k, v in metrics.items() if k not in _SAME_MODES}


_SAME_MODES = {f"modes{end}" for end in (FLOOR, GAUSSIAN)}
"""How many modes there are does not depend on the samples."""


def describe_noise(metrics: Metrics) -> list[str]:
    """Says so if samples are no better than a Gaussian's draws.

    Both numbers must say it: samples that a nearest neighbour tells from
    data as easily, and moments that are no nearer. Data that a Gaussian fits
    well say nothing, unless samples are told apart far more easily.
    """
    name = "nn_two_sample"
    accuracy, gauss = metrics[name], metrics[name + GAUSSIAN]
    fits = gauss < metrics[name + FLOOR] + FITTING
    distances = [n for n in metrics if n + GAUSSIAN in metrics]
    far = [n for n in distances if n.startswith("frechet_")]
    nearer = any(metrics[n] < metrics[n + GAUSSIAN] for n in far)
    told_apart = accuracy >= gauss + (WORSE if fits else 0)
    if nearer or not told_apart:
        return []
    return [
        "The samples are no better than noise: their nearest neighbours tell "
        f"{accuracy:.0%} of them and the real ones apart, and {gauss:.0%} for "
        "draws from a Gaussian with the data's mean and covariance. Longer "
        "training may help."
    ]


def _describe_sizes(sets: dict[str, Array], real: Real) -> str:
    return (
        f"Held against {len(real.test):,} real examples; the floor is "
        f"{len(sets[FLOOR]):,} of the training part, the Gaussian has its "
        "mean and covariance."
    )
