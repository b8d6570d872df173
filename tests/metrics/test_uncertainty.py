"""Monte-Carlo answers taken apart, against sums written out."""

import math

import numpy as np
import pytest

from kerasnotes.metrics.uncertainty import (
    accuracy_by_rejection,
    auroc,
    decompose,
    entropy,
)

pytestmark = pytest.mark.once


@pytest.fixture
def passes():
    rng = np.random.default_rng(2)
    return rng.dirichlet([0.3, 0.5, 1.0, 2.0], (7, 5))


def test_entropy_of_known_distributions():
    assert entropy(np.array([1.0, 0, 0])) == 0
    assert entropy(np.full(8, 1 / 8)) == pytest.approx(math.log(8))
    two = -(0.9 * math.log(0.9) + 0.1 * math.log(0.1))
    assert entropy(np.array([[0.9, 0.1]])) == pytest.approx([two])


def test_variances_add_up_to_that_of_the_answer(passes):
    parts = decompose(passes)
    mean = passes.mean(axis=0)
    np.testing.assert_allclose(
        parts.aleatoric + parts.epistemic, mean * (1 - mean), atol=1e-15
    )


def test_variances_are_the_diagonals_of_kwon_et_al(passes):
    parts = decompose(passes)
    for b in range(passes.shape[1]):
        mean = passes[:, b].mean(axis=0)
        aleatoric = sum(np.diag(p) - np.outer(p, p) for p in passes[:, b]) / 7
        epistemic = sum(np.outer(p - mean, p - mean) for p in passes[:, b]) / 7
        np.testing.assert_allclose(parts.aleatoric[b], np.diag(aleatoric))
        np.testing.assert_allclose(parts.epistemic[b], np.diag(epistemic))


def test_mutual_information_is_the_mean_divergence_from_the_mean(passes):
    mean = passes.mean(axis=0)
    divergence = (passes * np.log(passes / mean)).sum(axis=-1).mean(axis=0)
    parts = decompose(passes)
    np.testing.assert_allclose(parts.mutual_information, divergence)
    np.testing.assert_allclose(
        parts.total_entropy, -(mean * np.log(mean)).sum(axis=-1)
    )


def test_passes_that_agree_have_no_epistemic_part(passes):
    parts = decompose(np.repeat(passes[:1], 3, axis=0))
    np.testing.assert_allclose(parts.mutual_information, 0, atol=1e-15)
    np.testing.assert_allclose(parts.epistemic, 0, atol=1e-30)


def test_rejection_takes_the_least_certain_first():
    uncertain = np.array([0.9, 0.1, 0.5, 0.2])
    right = np.array([False, True, False, True])
    np.testing.assert_allclose(
        accuracy_by_rejection(uncertain, right), [2 / 4, 2 / 3, 1, 1]
    )


def test_auroc_counts_pairs():
    inside, outside = np.array([0.1, 0.4, 0.35]), np.array([0.4, 0.8])
    pairs = [(o > i) + 0.5 * (o == i) for o in outside for i in inside]
    assert auroc(inside, outside) == pytest.approx(np.mean(pairs))
