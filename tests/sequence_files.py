"""Sequences of two classes as people keep them: in folders, tables, arrays."""

import csv

import numpy as np

CLASSES = ("fast", "slow")


def make_sequences(count=40, measured=False):
    """Returns sequences of 4 to 9 rows, and the class or length of each."""
    rng = np.random.default_rng(0)
    values, targets = [], []
    for number in range(count):
        rows = int(rng.integers(4, 10))
        kind = number % 2
        level = rng.standard_normal((rows, 2)) + [3 * kind, 100.0]
        values.append(level.astype("float32"))
        targets.append(rows / 2 if measured else CLASSES[kind])
    return values, targets


def write_folder(folder, values, targets, shuffled=True):
    """Writes a folder a class, a table a sequence, its rows in any order."""
    rng = np.random.default_rng(1)
    for number, (one, target) in enumerate(zip(values, targets, strict=True)):
        (folder / target).mkdir(parents=True, exist_ok=True)
        rows = [[t, *map(str, row)] for t, row in enumerate(one)]
        order = rng.permutation(len(rows)) if shuffled else range(len(rows))
        with open(folder / target / f"{number:02d}.csv", "w") as file:
            csv.writer(file).writerows(
                [["time", "a", "b"], *(rows[i] for i in order)]
            )
    return folder


def write_table(path, values, targets, step=True):
    """Writes one long table, the rows of all sequences mixed."""
    rows = [
        [f"s{number}", *([t] if step else []), *map(str, row), target]
        for number, (one, target) in enumerate(
            zip(values, targets, strict=True)
        )
        for t, row in enumerate(one)
    ]
    if step:
        order = np.random.default_rng(1).permutation(len(rows))
        rows = [rows[i] for i in order]
    head = ["case_id", *(["time"] if step else []), "a", "b", "label"]
    with open(path, "w") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def write_ts(path, values, targets, head="@classLabel true fast slow"):
    """Writes a `.ts` file as sktime does."""
    lines = ["# toy", "@problemName Toy", "@univariate false", head, "@data"]
    for one, target in zip(values, targets, strict=True):
        columns = [",".join(map(str, column)) for column in one.T]
        lines.append(":".join([*columns, str(target)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def as_objects(values):
    """Returns an array of arrays."""
    found = np.empty(len(values), object)
    found[:] = values
    return found


def padded(values, fill=0.0):
    """Returns `(N, T, D)`, and the rows of each."""
    lengths = np.array([len(one) for one in values])
    x = np.full((len(values), lengths.max(), 2), fill, "float32")
    for row, one in zip(x, values, strict=True):
        row[: len(one)] = one
    return x, lengths
