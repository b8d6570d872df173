"""The narrowest intervals of the trusses' loads that anything could give.

    python -m tests.bench.truss_floor [CASES]

What loads are likely, given six strains, is known: strains are linear in loads,
`e = C(E, A) p + noise`, with `E`, `A` and `p` drawn evenly. Of 60,000 drawn
trusses each has a normal distribution of `p`, as likely as it explains `e`
(importance sampling); cut off where no load is, all together are the posterior.
Told are its 95 % interval of equal tails, the best by the interval score; and
the narrowest of equal tails that hold 95 % of all loads together, a case more,
another less.
Widths are in kN.
"""

import sys

import numpy as np

from kerasnotes.data.sets.truss_loads import (
    AREA,
    LOADED,
    LOADS,
    MEASURED,
    MICRO,
    MODULUS,
    TEN_BARS,
    TrussOptions,
    draw,
)

TRUSSES, REPEATS = 60_000, 8
LEVELS = np.r_[np.linspace(0.5, 0.9, 9), np.linspace(0.91, 0.999, 90)]
TESTED = slice(3_800, 13_800)
FAR = 12.0
"""Trusses that are less likely by this factor's exponential are left out."""


def influence(rng, spread):
    """Returns strains by a load of 1 kN each, `(S, 6, 2)`, of drawn trusses."""
    low, high = 1 - spread, 1 + spread
    modulus = MODULUS * rng.uniform(low, high, (TRUSSES, 1))
    area = AREA * rng.uniform(low, high, (TRUSSES, len(TEN_BARS.bars)))
    found = []
    for node in LOADED:
        forces = np.zeros((TRUSSES, 2 * len(TEN_BARS.nodes)))
        forces[:, 2 * node + 1] = -1e3
        found.append(TEN_BARS.strains(modulus * area, forces)[:, MEASURED])
    return MICRO * np.stack(found, axis=-1)


def posterior(rng, weighted, inverse, strain):
    """Returns drawn loads `(M, 2)` and their weights, which sum to 1."""
    mean = np.einsum("sjl,sil,i->sj", inverse, weighted, strain, optimize=True)
    left = strain - np.einsum("sij,sj->si", weighted, mean)
    likely = 0.5 * np.linalg.slogdet(inverse)[1] - 0.5 * np.square(left).sum(1)
    near = likely > likely.max() - FAR
    noise = rng.standard_normal((REPEATS, near.sum(), 2))
    root = np.linalg.cholesky(inverse[near])
    loads = mean[near] + np.einsum("sij,rsj->rsi", root, noise)
    weights = np.exp(likely[near] - likely.max())
    within = ((loads >= LOADS[0]) & (loads <= LOADS[1])).all(-1)
    weights = (weights * within).ravel()
    return loads.reshape(-1, 2), weights / weights.sum()


def ends_of(loads, weights):
    """Returns ends of equal tails `(2, L)`, of each of `LEVELS`."""
    order = np.argsort(loads)
    summed, sorted_loads = np.cumsum(weights[order]), loads[order]
    tails = np.stack([1 - LEVELS, 1 + LEVELS]) / 2
    return np.interp(tails, summed, sorted_loads)


def narrowest(width, coverage=0.95):
    """Returns which level each case has; the mean width is least so."""
    low, high = 0.0, 1e4
    for _ in range(60):
        price = (low + high) / 2
        chosen = (price * LEVELS - width).argmax(axis=1)
        enough = LEVELS[chosen].mean() >= coverage
        low, high = (low, price) if enough else (price, high)
    return (high * LEVELS - width).argmax(axis=1)


def main(cases=1_000):
    told = TrussOptions(cases=TESTED.stop)
    clean, _ = draw(told.model_copy(update={"noise": 0.0}))
    noise = told.noise * np.sqrt(np.square(clean.astype("float64")).mean(0))
    strains, loads = (a[TESTED][:cases].astype("float64") for a in draw(told))
    rng = np.random.default_rng(0)
    weighted = influence(rng, told.spread) / noise[:, None]
    inverse = np.linalg.inv(np.einsum("sij,sil->sjl", weighted, weighted))
    found = []
    for strain in strains / noise:
        drawn, weights = posterior(rng, weighted, inverse, strain)
        found.append([ends_of(drawn[:, k], weights) for k in (0, 1)])
    ends = np.array(found)
    for k in (0, 1):
        low, high = ends[:, k, 0], ends[:, k, 1]
        equal = np.full(len(low), np.abs(LEVELS - 0.95).argmin())
        for name, level in (
            ("equal tails", equal),
            ("narrowest", narrowest(high - low)),
        ):
            at = np.arange(len(low)), level
            held = (low[at] <= loads[:, k]) & (loads[:, k] <= high[at])
            print(
                f"force {k + 1}, {name}: coverage {held.mean():.4f}, width "
                f"{(high - low)[at].mean():.4f}",
                flush=True,
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
