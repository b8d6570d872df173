"""How near a small KAN comes to `exp(sin(pi x) + y^2)`, from ten seeds.

    python -m tests.bench.kan

Networks of five hidden nodes and of one, 1,000 rows to learn from, 300 that
choose, 1,000 that are measured; grids of 3, 5 and 10 cells.
"""

import time

import numpy as np

from kerasnotes.notes.kan.solver import Rows, best_start, solve
from kerasnotes.notes.kan.twin import Twin

GRIDS, ITERATIONS, SEEDS = (3, 5, 10), 1_000, 10


def formula(x):
    return np.exp(np.sin(np.pi * x[:, :1]) + x[:, 1:] ** 2)


def never(part, loss):
    return False


def error(widths, seed):
    """Root mean square error on rows that were not learned from."""
    rng = np.random.default_rng(seed)
    parts = [rng.uniform(-1, 1, (n, 2)) for n in (1_000, 300, 1_000)]
    mean, scale = formula(parts[0]).mean(), formula(parts[0]).std()
    train, choosing, test = (
        Rows(x, (formula(x) - mean) / scale) for x in parts
    )
    twin: Twin = best_start(widths, 3, GRIDS[0], "squared", train, rng, never)
    least = twin.measure(choosing.x, choosing.y)
    for cells in GRIDS:
        new = twin.refitted(train.x, cells)
        new = solve(new, train, choosing, ITERATIONS, never)
        reached = new.measure(choosing.x, choosing.y)
        if reached < least:
            twin, least = new, reached
    return scale * twin.measure(test.x, test.y) ** 0.5


def main():
    for widths in ([2, 5, 1], [2, 1, 1]):
        began = time.process_time()
        errors = [error(widths, seed) for seed in range(SEEDS)]
        each = (time.process_time() - began) / SEEDS
        told = " ".join(f"{value:.1e}" for value in errors)
        print(f"{widths}: {told}; {each:.1f} s of processor a seed", flush=True)


if __name__ == "__main__":
    main()
