"""How near a small KAN comes to `exp(sin(pi x) + y^2)`; formulae it finds.

    python -m tests.bench.kan
    python -m tests.bench.kan formulae
    python -m tests.bench.kan formulae I.12.1 II.38.14

Networks of five hidden nodes and of one, 1,000 rows to learn from, 300 that
choose, 1,000 that are measured; grids of 3, 5 and 10 cells; ten seeds.

Formulae are looked for as `kn fit kan --data formula:...` does after training,
from the same rows, the network's error taken for a millionth of a deviation.
What is found is measured in double precision on 2,000 rows of its own.
"""

import sys
import time

import numpy as np

from kerasnotes.data.sets.expressions import Expression
from kerasnotes.data.sets.feynman import FEYNMAN
from kerasnotes.data.sets.formula import draw, told_of
from kerasnotes.notes.kan.solver import Rows, best_start, solve
from kerasnotes.notes.kan.symbolic.finding import Scale, Task, find
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


def task_of(formula, told):
    """The rows of a table, seven tenths to learn from, the rest chooses."""
    x, y = (part.astype("float64") for part in draw(formula, told))
    cut = len(x) * 7 // 10
    mean, scale = float(y[:cut].mean()), float(y[:cut].std())
    scales = Scale(x[:cut].mean(0), x[:cut].std(0), mean, scale)
    y = y[:, None]
    return Task(
        x[:cut],
        y[:cut],
        x[cut:],
        y[cut:],
        list(formula.variables),
        formula.answer,
        scales,
    )


def formulae(names):
    """Prints what is found for each, and how far it is from the truth."""
    exact = 0
    for name in names:
        truth, told = told_of(f"formula:{name}")
        task = task_of(truth, told)
        began = time.process_time()
        network = 1e-6 * task.scale.answer_deviation
        found = find(task, network, 0, lambda: False)
        took = time.process_time() - began
        limits = np.array([part[1:] for part in truth.variables.values()])
        rng = np.random.default_rng(1)
        x = rng.uniform(*limits.T, (2_000, len(limits)))
        columns = dict(zip(truth.variables, x.T, strict=True))
        error = np.inf
        if found is not None:
            pair = (
                Expression(text)(columns) for text in (truth.text, found.text)
            )
            left = next(pair) - next(pair)
            error = np.sqrt(np.nanmean(left**2))
        exact += error <= 1e-9
        text = found.text if found else "none"
        print(
            f"{name or 'paper'}: {truth.text}; {text}; RMSE {error:.1e}; "
            f"{took:.1f} s of processor",
            flush=True,
        )
    print(f"{exact} of {len(names)} within 1e-9")


def main():
    if sys.argv[1:2] == ["formulae"]:
        formulae(sys.argv[2:] or ["", *FEYNMAN])
        return
    for widths in ([2, 5, 1], [2, 1, 1]):
        began = time.process_time()
        errors = [error(widths, seed) for seed in range(SEEDS)]
        each = (time.process_time() - began) / SEEDS
        told = " ".join(f"{value:.1e}" for value in errors)
        print(f"{widths}: {told}; {each:.1f} s of processor a seed", flush=True)


if __name__ == "__main__":
    main()
