"""Real signals, and another backend: what needs a process of its own."""

import importlib.util
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from kerasnotes.base import files
from kerasnotes.training import session, state
from tests.conftest import BACKEND, ROOT

from .conftest import Stopper, assert_same_end, read_state

pytestmark = pytest.mark.large
NEXT = {"tensorflow": "jax", "jax": "torch", "torch": "tensorflow"}
LONG = {"note": "mlp", "batch_size": 64, "epochs": 40, "augment": "none"}
FIT = (
    "from kerasnotes.training import keeper; keeper.SHARE = 0; "
    "from kerasnotes_cli.main import main; main()"
)
"""`kn`, but saving after every epoch, so that a kill soon finds a state."""
LIMIT = 300.0
"""Seconds to wait for a process at most."""


@pytest.fixture
def spawn(tmp_path):
    """Starts `kn fit` of the run `LONG` into a folder, in `tmp_path`."""
    processes = []

    def run(folder):
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", FIT, "fit", "mlp"),
                *("--out", str(folder), "--batch-size", "64"),
                *("--epochs", "40", "--augment", "none"),
                *("--set", "widths=[16]", "--set", "train.warmup=0.1"),
            ],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return tmp_path_factory.mktemp("whole") / "run"


def wait_for_steps(folder):
    """Returns once a state with steps done is on disk."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        states = state.list_states(folder / "state")
        if states and states[-1].stem != "00000000":
            return
        time.sleep(0.01)
    pytest.fail(f"no checkpoint in {folder} within {LIMIT} s")


@pytest.mark.once
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_stopped_by_a_signal(
    spawn, start, resume, whole, tmp_path, number, monkeypatch
):
    monkeypatch.setattr(session, "TICK", 0.2)
    if not whole.exists():
        start(whole, **LONG)
    folder = tmp_path / "cut"
    process = spawn(folder)
    wait_for_steps(folder)
    time.sleep(0.05)
    process.send_signal(number)
    output, errors = process.communicate(timeout=LIMIT)
    if number == signal.SIGINT:
        assert process.returncode == 130, errors
        assert "Interrupted; everything is saved in" in errors
        assert f"kn fit --resume {folder}" in errors
        assert "Traceback" not in errors
        assert "\x1b" not in output
        record = files.read_json(folder / "run.json")
        assert record["status"] == "interrupted"
    else:
        assert process.returncode == -signal.SIGKILL
    reached = state.read_progress(state.latest(folder / "state"))
    assert 0 < reached.steps_done < 40 * reached.steps_per_epoch
    resume(folder)
    assert_same_end(whole, folder)


def test_another_backend_goes_on_with_the_optimizer(start, tmp_path):
    other = NEXT[BACKEND]
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    options = {"ema": 0.9, "epochs": 2, "model": {"dropout": 0.0}}
    start("run", Stopper(1, 2), **options)
    folder = tmp_path / "run"
    before = read_state(state.latest(folder / "state"))
    subprocess.run(
        [
            *(sys.executable, "-m", "tests.training.slots_child"),
            *(str(folder), str(tmp_path / "slots.npz")),
        ],
        check=True,
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": other},
        timeout=LIMIT,
    )
    slots = dict(np.load(tmp_path / "slots.npz"))
    saved = {
        name.partition("/")[2]: array
        for name, array in before.items()
        if name.startswith("optimizer/")
    }
    assert slots.keys() == saved.keys()
    assert int(slots["iteration"]) == 3
    assert sum("momentum" in name for name in slots) > 5
    assert any(np.any(a) for n, a in slots.items() if "velocity" in n)
    for name, array in slots.items():
        np.testing.assert_allclose(array, saved[name], rtol=1e-7, err_msg=name)
    record = files.read_json(folder / "run.json")
    assert record["status"] == "finished"
    assert record["environment"]["backend"] == other
    assert len(record["sessions"]) == 2
