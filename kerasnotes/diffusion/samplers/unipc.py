"""UniPC: a multistep predictor, and a corrector that costs nothing, order 2.

The network's answer at the predicted point corrects that point before the
next step starts from it. In `lambda = -log(sigma)`, with a step `h` from
`D_0` and differences `d_k = (D_k - D_0) / r_k`, `r_k = (lambda_k -
lambda_0) / h`:

    x' = (sigma' / sigma) x - (e^{-h} - 1) (D_0 + sum_k rho_k d_k)

The weights solve `sum_k rho_k r_k^{n-1} = b_n`; the corrector has the new
answer as one more point, `r = 1`. `B(h) = e^{-h} - 1` is the paper's
variant 2.

Reference:
    Zhao et al., 2023, algorithms 1 and 2, B_2(h).
    https://arxiv.org/abs/2302.04867
"""

import math

import numpy as np

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value

ORDER = 2


def unipc(x: Value, sigmas: Levels) -> Asks:
    """Asks once a step."""
    start, used, answers = x, list[Value](), list[Value]()
    last = len(sigmas) - 1
    for i in range(last):
        denoised = yield x, sigmas[i]
        if i:
            # What this answer says of the step that led here.
            start = _step(sigmas, i - 1, start, used, new=denoised)
        answers = [denoised, *answers][:ORDER]
        used = answers[: min(ORDER, last - i)]
        x = _step(sigmas, i, start, used)
    return x


def _step(
    sigmas: Levels,
    i: int,
    start: Value,
    answers: list[Value],
    new: Value | None = None,
) -> Value:
    """Returns the point at level `i + 1`, predicted, or corrected by `new`.

    Args:
        sigmas: Noise levels.
        i: Level that the step starts from.
        start: The point there.
        answers: The network's, at level `i`, `i - 1`, ..., as many as the
            order.
        new: The network's answer at level `i + 1`.
    """
    sigma, target = sigmas[i], sigmas[i + 1]
    if target == 0:
        return answers[0]
    h = math.log(sigma / target)
    ratios = [
        math.log(sigma / sigmas[i - k]) / h for k in range(1, len(answers))
    ]
    differences = [
        (answer - answers[0]) / ratio
        for answer, ratio in zip(answers[1:], ratios, strict=True)
    ]
    if new is not None:
        ratios, differences = [*ratios, 1.0], [*differences, new - answers[0]]
    change = answers[0]
    for weight, d in zip(_weights(ratios, h), differences, strict=True):
        change = change + weight * d
    return (target / sigma) * start - math.expm1(-h) * change


def _weights(ratios: list[float], h: float) -> list[float]:
    """Solves `sum_k rho_k r_k^{n-1} = b_n`, `n = 1 .. len(ratios)`."""
    if len(ratios) <= 1:
        # The paper's simplification, right to order 2.
        return [0.5] * len(ratios)
    phi, factorial, b = math.expm1(-h) / -h - 1, 1.0, []
    for n in range(1, len(ratios) + 1):
        factorial *= n
        b.append(phi * factorial / math.expm1(-h))
        phi = phi / -h - 1 / (factorial * (n + 1))
    powers = np.vander(ratios, increasing=True).T
    return [float(weight) for weight in np.linalg.solve(powers, b)]
