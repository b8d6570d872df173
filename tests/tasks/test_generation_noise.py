"""A generator that is no better than noise is told so, and no other."""

import pytest

from kerasnotes.tasks.generation_report import describe_noise

pytestmark = pytest.mark.once

NOISE = {
    "frechet_pixels": 15.96,
    "frechet_pixels_gaussian": 1.5,
    "nn_two_sample": 0.93,
    "nn_two_sample_floor": 0.49,
    "nn_two_sample_gaussian": 0.88,
}
"""What an unfinished diffusion model scored on the digits."""


def test_noise_is_called_noise():
    (remark,) = describe_noise(NOISE)
    assert "no better than noise" in remark
    assert "93%" in remark
    assert "88%" in remark


def test_worse_than_a_gaussian_that_fits_a_few_data_is_noise_as_well():
    few = {"nn_two_sample_floor": 0.625, "nn_two_sample_gaussian": 0.625}
    assert describe_noise({**NOISE, "nn_two_sample": 1.0, **few})


@pytest.mark.parametrize(
    "better",
    [
        {"frechet_pixels": 1.23},
        {"nn_two_sample": 0.74},
        # By a classifier's features they are nearer.
        {"frechet_features": 2.0, "frechet_features_gaussian": 3.0},
        # A Gaussian that fits the data is no noise.
        {"nn_two_sample": 0.66, "nn_two_sample_gaussian": 0.51},
    ],
)
def test_other_samples_are_not(better):
    assert describe_noise({**NOISE, **better}) == []
