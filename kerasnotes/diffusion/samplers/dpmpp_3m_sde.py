"""SDE-DPM-Solver++(3M): multistep with fresh noise, three answers deep.

In `lambda = -log(sigma)`, with steps `h`, before it `h_1`, before that
`h_2`, and `k = (1 + eta) h`, `r_0 = h_1 / h`, `r_1 = h_2 / h`:

    phi_2 = (e^{-k} - 1) / k + 1          phi_3 = phi_2 / k - 1/2
    a = (D - D_1) / r_0                   b = (D_1 - D_2) / r_1
    D' = a + (a - b) r_0 / (r_0 + r_1)    D'' = (a - b) / (r_0 + r_1)
    x' = e^{-k} x - (e^{-k} - 1) D + phi_2 D' - bend phi_3 D''
         + sigma' sqrt(1 - e^{-2 eta h}) z

`D''` is half the second derivative (a divided difference), so order 3 needs
bend = 2. Released implementations have 1, which leaves order 2; so has this
one, to draw the same samples. Measured at eta = 0 on Gaussian data, both
orders show.

One call a step; the first two steps have orders 1 and 2, and the step to
level 0 takes what the network says.

Reference:
    Lu et al., 2022b, section 4.3; Gonzalez et al., 2023 (SEEDS); the form
    is k-diffusion's. https://arxiv.org/abs/2211.01095
"""

import math
from itertools import pairwise

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value, noise_like


def dpmpp_3m_sde(
    x: Value, sigmas: Levels, *, eta: float = 1.0, bend: float = 1.0
) -> Asks:
    """Asks once a step.

    Args:
        x: The point at the first level.
        sigmas: Noise levels.
        eta: Share of fresh noise, `0 .. 1`.
        bend: Factor of the second difference, see above.
    """
    answers: list[Value] = []
    steps: list[float] = []
    for sigma, target in pairwise(sigmas):
        answers = [(yield x, sigma), *answers][:3]
        if target == 0:
            return answers[0]
        h = math.log(sigma / target)
        k = (1 + eta) * h
        up = target * math.sqrt(-math.expm1(-2 * eta * h))
        x = math.exp(-k) * x - math.expm1(-k) * answers[0] + up * noise_like(x)
        if steps:
            ratios = [step / h for step in steps]
            x = x + _correction(k, answers, ratios, bend)
        steps = [h, *steps][:2]
    return x


def _correction(
    k: float, answers: list[Value], ratios: list[float], bend: float
) -> Value:
    """Returns the terms of the differences between the answers."""
    phi_2 = math.expm1(-k) / k + 1
    a = (answers[0] - answers[1]) / ratios[0]
    if len(ratios) == 1:
        return phi_2 * a
    r_0, r_1 = ratios
    b = (answers[1] - answers[2]) / r_1
    first = a + r_0 / (r_0 + r_1) * (a - b)
    second = (a - b) / (r_0 + r_1)
    return phi_2 * first - bend * (phi_2 / k - 0.5) * second
