"""ARCHITECTURE.md's recipes, carried out in a copy of the package.

A block of Python is a file, a block of `diff` a change of one; the path is
the one that the text names last before it.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import scipy.integrate

from tests.conftest import ROOT

pytestmark = pytest.mark.once

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PIECE = re.compile(
    r"`((?:kerasnotes|tests)/[\w/]+\.py)`|^```(python|diff)\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def carry_out(text, root):
    """Writes every file and makes every change that `text` holds."""
    path, done = None, []
    for named, language, body in PIECE.findall(text):
        if named:
            path = root / named
            continue
        if language == "python":
            write_new(path, body)
        else:
            change(path, body)
        done.append(path.relative_to(root).as_posix())
    return done


def write_new(path, text):
    assert not path.exists(), f"{path} is there already"
    path.write_text(text, encoding="utf-8")


def change(path, diff):
    """Replaces the lines with ` ` and `-` by those with ` ` and `+`."""
    lines = diff.splitlines(keepends=True)
    assert all(line[0] in " +-" for line in lines), diff
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"not once in {path}:\n{before}"
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of the package in which every recipe was carried out."""
    root = tmp_path_factory.mktemp("house")
    junk = shutil.ignore_patterns("__pycache__", "fixtures")
    rooms = {name: name for name in ("kerasnotes", "tests")}
    for room, name in {**rooms, "cli": "kerasnotes_cli"}.items():
        shutil.copytree(ROOT / room, root / name, ignore=junk)
    shutil.copy(ROOT / "pyproject.toml", root)
    assert carry_out(TEXT, root) == [
        "kerasnotes/notes/softmax.py",
        "kerasnotes/notes/__init__.py",
        "tests/notes/small.py",
        "kerasnotes/data/sets/vintages.py",
        "kerasnotes/data/load.py",
        "kerasnotes/data/load.py",
        "kerasnotes/tasks/ranking.py",
        "kerasnotes/tasks/catalog.py",
        "kerasnotes/notes/__init__.py",
        "kerasnotes/diffusion/samplers/midpoint.py",
        "kerasnotes/diffusion/samplers/catalog.py",
    ]
    return root


def run(house, program, *args):
    """Runs a program that imports the copy; returns what it prints."""
    check = (
        "import kerasnotes, sys\n"
        f"assert kerasnotes.__file__.startswith({str(house)!r})\n"
    )
    place = house / "place"
    place.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", check + program, *args],
        capture_output=True,
        text=True,
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(house)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


VERBS = """
from kerasnotes_cli.main import main
for command in sys.argv[1:]:
    sys.argv = command.split()
    try:
        main()
    except SystemExit as ended:
        assert ended.code == 0, command
    print("=== end")
"""


@pytest.mark.large
def test_note_source_and_task_work_in_every_verb(house):
    promised = re.findall(r"^(kn \w+ .*softmax)$", TEXT, re.MULTILINE)
    first, *others = promised
    assert first == "kn fit softmax"
    assert "`kn fit softmax --data vintages`" in TEXT
    commands = [
        f"{command} --json"
        for command in ("kn fit softmax --data vintages", *others)
    ]
    ended = run(house, VERBS, *commands).split("=== end\n")
    record = json.loads(ended[0].splitlines()[-1])
    assert record["task"] == "ranking"
    metrics = record["metrics"]
    assert metrics["accuracy"] == pytest.approx(35 / 36, abs=1.01 / 36)
    assert metrics["accuracy"] < metrics["among_two"] <= 1
    measured, config, costs = map(json.loads, ended[1:-1])
    assert measured["metrics"] == pytest.approx(metrics)
    assert config["train"]["epochs"] == 40
    assert costs["parameters"] == 64 * 10 + 10


@pytest.mark.large
def test_note_is_one(house):
    program = (
        "import pytest\n"
        "sys.exit(pytest.main(['-p', 'no:cacheprovider', *sys.argv[1:]]))"
    )
    said = run(
        house, program, "../tests/notes/test_every_note.py", "-k", "softmax"
    )
    assert "1 passed" in said


TABLE = """
import json
from kerasnotes.diffusion.samplers.catalog import find_sampler

table = find_sampler("midpoint").table(json.loads(sys.argv[1]))
print(json.dumps([table.sigmas.tolist(), table.weights.tolist()]))
"""
FIRST, LAST, START = 1.0, 0.5, 0.7


def test_sampler_is_of_second_order(house):
    assert error(house, 40) / error(house, 80) == pytest.approx(4, abs=0.2)


def error(house, steps):
    """Returns the error on data that are -1 or 1, against SciPy's solver."""
    sigmas = np.linspace(FIRST, LAST, steps + 1).tolist()
    levels, weights = json.loads(run(house, TABLE, json.dumps(sigmas)))
    registers = START * np.eye(len(weights[0]))[0]
    for sigma, matrix in zip(levels, weights, strict=True):
        denoised = data_in(registers[0], sigma)
        registers = np.array(matrix) @ [*registers, denoised, 0.0]
    exact = scipy.integrate.solve_ivp(
        lambda sigma, x: (x - data_in(x, sigma)) / sigma,
        (FIRST, LAST),
        [START],
        rtol=1e-10,
        atol=1e-10,
    )
    return abs(registers[0] - exact.y[0, -1])


def data_in(x, sigma):
    """Returns the mean of data that are -1 or 1, as likely, given noisy `x`."""
    return np.tanh(x / sigma**2)
