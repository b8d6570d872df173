"""A run that was stopped goes on as if it had never been."""

import shutil

import numpy as np
import pytest

from kerasnotes.base import files
from kerasnotes.base.errors import (
    DataError,
    InterruptedRunError,
    StorageError,
    UsageError,
)
from kerasnotes.runs import run
from kerasnotes.training import state

from .conftest import (
    STEPS,
    Stopper,
    assert_same_arrays,
    assert_same_end,
    read_state,
)

EMA = {"ema": 0.9}


SHORT = {"note": "mlp", "batch_size": 256, "epochs": 2}
"""Two epochs of four steps."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def stopped(start, tmp_path, cache):
    """A `SHORT` run that Ctrl-C ended after its first epoch."""
    if not (cache / "stopped").exists():
        outcome = start(cache / "stopped", Stopper(1), **SHORT)
        assert outcome.stopped == "interrupted"
    return shutil.copytree(cache / "stopped", tmp_path / "stopped")


@pytest.fixture
def short(start, tmp_path, cache):
    """A `SHORT` run that nothing interrupted."""
    if not (cache / "short").exists():
        start(cache / "short", **SHORT)
    return shutil.copytree(cache / "short", tmp_path / "short")


def test_stopped_anywhere_it_ends_bit_identical(start, resume, tmp_path):
    start("whole", **EMA)
    first = start("cut", Stopper(1, 2), **EMA)
    folder = tmp_path / "cut"
    assert first.stopped == "interrupted"
    # The signal comes with step 2; the step after it is finished and kept.
    assert state.latest(folder / "state").stem == f"{3:08d}"
    reporter = Stopper(2)
    assert resume(folder, reporter).stopped == "interrupted"
    assert state.latest(folder / "state").stem == f"{2 * STEPS:08d}"
    assert any("Going on at epoch 1, step 3" in t for t in reporter.messages)
    assert resume(folder, Stopper(3, STEPS - 2)).stopped == "interrupted"
    assert state.latest(folder / "state").stem == f"{3 * STEPS - 1:08d}"
    last = resume(folder)
    assert (last.stopped, last.record["status"]) == ("", "finished")
    assert len(last.record["sessions"]) == 4
    assert_same_end(tmp_path / "whole", folder)
    whole = files.read_json(tmp_path / "whole" / "run.json")
    assert last.record["metrics"] == whole["metrics"]


def test_an_interrupt_in_the_last_but_one_step_ends_at_the_epoch(
    start, resume, short, tmp_path
):
    # Seen after step 4, the last of the epoch.
    start("cut", Stopper(1, 3), **SHORT)
    folder = tmp_path / "cut"
    assert state.latest(folder / "state").stem == f"{4:08d}"
    assert state.read_progress(state.latest(folder / "state")).epoch == 1
    resume(folder)
    assert_same_end(short, folder)


def test_a_finished_run_is_extended(start, resume, tmp_path):
    options = {**SHORT, "schedule": "constant", "warmup": 0}
    start("long", **{**options, "epochs": 4})
    start("extended", **options)
    folder = tmp_path / "extended"
    before = read_state(state.latest(folder / "state"))
    reporter = Stopper(99)
    resume(folder, reporter)
    assert any("is finished: 2 epochs" in text for text in reporter.messages)
    assert_same_arrays(before, read_state(state.latest(folder / "state")))
    outcome = resume(folder, epochs=4)
    assert outcome.record["epochs"] == 4
    assert outcome.record["config"]["train"]["epochs"] == 4
    # With a constant rate, longer from the start is the same.
    assert_same_end(tmp_path / "long", folder)


@pytest.mark.once
def test_no_checkpoint_is_an_error_and_nothing_restarts(stopped, resume):
    for path in state.list_states(stopped / "state"):
        path.unlink()
    before = sorted(path.name for path in stopped.rglob("*"))
    with pytest.raises(StorageError, match="There is no checkpoint"):
        resume(stopped)
    assert sorted(path.name for path in stopped.rglob("*")) == before


@pytest.mark.once
def test_no_run_is_an_error(resume, tmp_path):
    with pytest.raises(StorageError, match="There is no run in"):
        resume(tmp_path / "nowhere")


def test_killed_before_the_first_checkpoint_it_starts_at_step_0(
    start, resume, short, tmp_path, monkeypatch
):
    from kerasnotes.training import loop

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop, "_save_first", killed)
        with pytest.raises(
            InterruptedRunError, match="Stopped at once"
        ) as told:
            start("cut", **SHORT)
    assert f"kn fit --resume {tmp_path / 'cut'}" in str(told.value)
    reporter = Stopper(99)
    resume(tmp_path / "cut", reporter)
    assert (
        "Stopped before its first step: starting at step 0."
        in reporter.messages
    )
    assert_same_end(short, tmp_path / "cut")


def test_killed_after_the_last_epoch_only_the_end_is_done_again(
    start, resume, short, tmp_path, monkeypatch
):
    from kerasnotes.training import fit

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fit, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            start("cut", **SHORT)
    outcome = resume(tmp_path / "cut")
    whole = files.read_json(short / "run.json")
    assert outcome.record["metrics"] == whole["metrics"]
    assert_same_end(short, tmp_path / "cut")


@pytest.mark.once
@pytest.mark.parametrize("keep", [0, 0.3, 0.99])
def test_a_truncated_checkpoint_says_what_to_delete(stopped, resume, keep):
    older, newest = state.list_states(stopped / "state")
    content = newest.read_bytes()
    newest.write_bytes(content[: int(keep * len(content))])
    if not keep:
        # An empty file is no checkpoint at all: the older one is taken.
        assert state.latest(stopped / "state") == older
        return
    with pytest.raises(StorageError, match="cannot be used") as caught:
        resume(stopped)
    assert newest.name in caught.value.hint
    newest.unlink()
    assert resume(stopped).record["epochs"] == 2


@pytest.mark.once
def test_a_flipped_byte_never_ends_in_a_traceback(stopped, make_job):
    """Values may change unseen; the structure may not."""
    path = state.latest(stopped / "state")
    content = path.read_bytes()
    model = make_job(**SHORT).model
    state.restore(path, model)
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 40):
            damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        try:
            state.read_progress(path)
            state.restore(path, model)
            state.restore_metrics(path, model)
        except StorageError:
            refused += 1
    assert refused > 20


@pytest.mark.once
def test_a_checkpoint_of_another_model_is_refused(stopped, make_job):
    path = state.latest(stopped / "state")
    other = make_job(**SHORT, model={"widths": [17]}).model
    with pytest.raises(StorageError, match="cannot be used") as caught:
        state.restore(path, other)
    assert "the checkpoint" in caught.value.received


@pytest.mark.once
def test_changed_data_is_refused(start, resume, write_scenes, tmp_path):
    path = write_scenes("own")
    start("run", Stopper(1), source=path, epochs=2)
    arrays = dict(np.load(path))
    arrays["x_train"][3, 2, 1] += 1
    np.savez(path, **arrays)
    with pytest.raises(DataError, match="is not what this run was trained"):
        resume(tmp_path / "run")


@pytest.mark.once
@pytest.mark.parametrize(
    "changes", [{"batch_size": 4}, {"seed": 1}, {"learning_rate": 0.1}]
)
def test_what_would_change_the_run_is_refused(stopped, resume, changes):
    (name,) = changes
    with pytest.raises(UsageError, match=f"`{name}` cannot change"):
        resume(stopped, **changes)


@pytest.mark.once
def test_the_record_stays_true_while_interrupted(stopped):
    record = run.open_run(stopped).read_record()
    assert record["status"] == "interrupted"
    assert record["epochs"] == 1
    assert record["best"]["epoch"] == 1


@pytest.mark.parametrize("optimizer", ["nesterov", "yogi", "lion", "muon"])
def test_every_optimizer_goes_on_where_it_stopped(
    start, resume, tmp_path, optimizer
):
    options = {**SHORT, "optimizer": optimizer, "schedule": "one-cycle"}
    start("whole", **options)
    start("cut", Stopper(1, 2), **options)
    resume(tmp_path / "cut")
    assert_same_end(tmp_path / "whole", tmp_path / "cut")


MIXED = {
    "note": "mlp",
    "batch_size": 256,
    "augment": "rand+mixup+cutmix+erasing",
    "label_smoothing": 0.1,
}


@pytest.mark.parametrize("imbalance", ["weights", "sampling"])
def test_mixed_and_balanced_batches_are_the_same_again(
    imbalance, start, resume, tmp_path
):
    start("whole", imbalance=imbalance, **MIXED)
    first = start("cut", Stopper(2, 2), imbalance=imbalance, **MIXED)
    assert first.stopped == "interrupted"
    resume(tmp_path / "cut")
    assert_same_end(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.once
def test_an_end_that_lies_behind_is_refused(short, resume):
    with pytest.raises(UsageError, match="trained 2 epochs already"):
        resume(short, epochs=1)
