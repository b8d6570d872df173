"""DDIM: the deterministic sampler of a DDPM, or part of the way to one.

`x_s = sqrt(ac_s) x_start + sqrt(1 - ac_s - var) noise' + sqrt(var) z`, with
`sqrt(var) = eta sqrt((1 - ac_s) / (1 - ac_t)) sqrt(1 - ac_t / ac_s)`;
divided by `sqrt(ac_s)`, these are `down` and `up` of `split_noise`. At
eta = 1 it is DDPM with the small variance.

Where a clipped `x_start` comes from the network, `noise'` is what fits it
(`use_clipped_model_output=True` in diffusers, whose default is the noise
before clipping).

Reference:
    Song et al., 2021, eq. (12), (16). https://arxiv.org/abs/2010.02502
"""

from itertools import pairwise

from kerasnotes.diffusion.samplers.split_noise import split_noise
from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value, noise_like


def ddim(x: Value, sigmas: Levels, *, eta: float = 0.0) -> Asks:
    """Asks once a step."""
    for sigma, target in pairwise(sigmas):
        down, up = split_noise(sigma, target, eta)
        denoised = yield x, sigma
        d = (x - denoised) / sigma
        x = denoised + down * d + up * noise_like(x)
    return x
