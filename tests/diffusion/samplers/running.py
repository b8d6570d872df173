"""Running a sampler's table: by the compiled loop, or on variances."""

import numpy as np

from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.samplers.catalog import find_sampler
from kerasnotes.diffusion.sampling_loop import SamplingLoop, loop_rows

from .oracles import bent


def levels_to_zero(levels):
    return np.append(levels, 0.0)


def gaussian(x, sigma, spread):
    """The best denoiser of data `N(0, spread^2)`."""
    return x * (spread**2 / (spread**2 + sigma**2))


def keras_gaussian(spread):
    return lambda x, sigma, t, c: gaussian(x, sigma, spread)


def keras_bent(x, sigma, t, c):
    return bent(x, sigma)


def run_path(loop, table, x, *, schedule, noise=None):
    """Runs a table on given noise, without the driver that draws it.

    Args:
        loop: A `SamplingLoop`.
        table: The sampler.
        x: Array `(B, ...)`, `x_start + sigma n` at the first level.
        schedule: Gives the times.
        noise: Arrays `(B, ...)`, one for each noisy row.

    Returns:
        Array `(steps, B, ...)`: the points at the levels.
    """
    dtype = loop.compute_dtype
    rows = loop_rows(table, schedule, dtype)
    rest = [np.zeros(x.shape, dtype) for _ in range(table.registers - 1)]
    registers = (np.asarray(x, dtype), *rest)
    if table.stochastic:
        draws = np.maximum(np.cumsum(table.noisy) - 1, 0)
        rows["draws"] = draws.astype("int32")
        rows["noise"] = np.stack(noise).astype(dtype)
    points, done = [], 0
    for end in table.step_rows:
        turned = {k: np.roll(v, -done, 0) for k, v in rows.items()}
        if "noise" in rows:
            turned["noise"] = rows["noise"]
        count = np.array(end - done, "int32")
        registers = loop.predict_on_batch(
            {**turned, "registers": registers, "count": count}
        )
        registers = tuple(np.asarray(each) for each in registers)
        points.append(registers[0])
        done = end
    return np.stack(points)


def run_loop(loop, table, x, *, noise=None):
    """Returns the last point of `run_path`."""
    schedule = make_schedule("scaled_linear")
    return run_path(loop, table, x, schedule=schedule, noise=noise)[-1]


def exact_spread(table, spread, first):
    """Returns the standard deviation that a sampler ends with.

    Samples of Gaussian data are sums of Gaussian draws: their covariance
    follows from the table alone.

    Args:
        table: The sampler.
        spread: Standard deviation of the data.
        first: That of `x` at the first level.
    """
    n = table.registers
    covariance = np.zeros((n, n))
    covariance[0, 0] = first**2
    for sigma, weights in zip(table.sigmas, table.weights, strict=True):
        step = weights[:, :n].copy()
        step[:, 0] += weights[:, n] * spread**2 / (spread**2 + sigma**2)
        covariance = step @ covariance @ step.T
        covariance += np.outer(weights[:, n + 1], weights[:, n + 1])
    return np.sqrt(covariance[0, 0])


def make(name, sigmas, **options):
    return find_sampler(name).table(sigmas, **options)


def new_loop(denoise, dtype="float64"):
    return SamplingLoop(denoise, dtype=dtype)
