"""A schedule ends when the time does: a clock of our own tells it."""

import keras
import numpy as np
import pytest

from kerasnotes.backends.keras_internals import moving_averages
from kerasnotes.base.config import TrainConfig
from kerasnotes.contracts.report import Report
from kerasnotes.tasks.generation import Generation
from kerasnotes.training import compiling, state
from kerasnotes.training.optimizers.pace import Pace, Pacer
from kerasnotes.training.optimizers.paced import Tempo

from .conftest import Stopper, read_state

TOTAL = 10_000
SHORT = {"note": "mlp", "batch_size": 256, "augment": "none"}
"""Epochs of four steps."""


class Held:
    """Holds a pace in Python."""

    def __init__(self):
        self.pace = Pace()

    def read(self):
        return self.pace

    def write(self, pace):
        self.pace = pace


def walk(seconds_of, limit, held, step=0, now=0.0):
    """Walks until the time is up; returns the place after every step.

    Args:
        seconds_of: From a step to how long it takes.
        limit: Seconds from the first step on.
        held: Holds the pace.
        step: Steps done before.
        now: When it begins.
    """
    pacer = Pacer(TOTAL, now + limit, held)
    places = [held.pace.at(step)]
    while now < pacer.deadline and step < TOTAL:
        now += seconds_of(step)
        step += 1
        if pacer.due(now, step):
            pacer.fit(now, step)
        places.append(held.pace.at(step))
    return np.array(places)


@pytest.mark.once
@pytest.mark.parametrize(
    "seconds_of",
    [
        lambda step: 0.05,
        lambda step: 0.05 if step < 600 else 0.1,
        lambda step: 0.1 if step < 300 else 0.05,
        lambda step: 5.0 if step % 250 == 249 else 0.05,
        lambda step: 12.0 if step == 0 else 0.05,
    ],
    ids=["even", "slows down", "speeds up", "validates", "compiles"],
)
def test_the_end_of_the_schedule_meets_the_end_of_the_time(seconds_of):
    places = walk(seconds_of, 60.0, Held())
    assert len(places) < TOTAL / 5
    assert (np.diff(places) >= 0).all()
    assert places[-1] == pytest.approx(TOTAL, rel=0.02)
    # Shares of the steps, not all at once: no step walks a tenth.
    assert np.diff(places).max() < TOTAL / 10


@pytest.mark.once
def test_an_even_speed_is_an_even_pace():
    places = walk(lambda step: 0.05, 60.0, Held())
    share = np.linspace(0, 1, len(places))
    np.testing.assert_allclose(places / TOTAL, share, atol=0.01)


@pytest.mark.once
def test_time_enough_changes_no_step():
    places = walk(lambda step: 0.05, 1e6, Held())
    np.testing.assert_array_equal(places, np.arange(TOTAL + 1))


@pytest.mark.once
def test_what_goes_on_in_the_middle_never_goes_back():
    held = Held()
    before = walk(lambda step: 0.05, 60.0, held)[:600]
    held.pace = Pace(599, before[-1], held.pace.speed)
    after = walk(lambda step: 0.05, 60.0, held, step=599, now=1000.0)
    assert after[0] == before[-1]
    assert (np.diff(after) >= 0).all()
    assert after[-1] == pytest.approx(TOTAL, rel=0.02)


@pytest.mark.once
def test_more_time_is_one_run_with_the_time_that_was_used_up():
    held = Held()
    steps = len(walk(lambda step: 0.05, 60.0, held)) - 1
    held.pace = held.pace.used_up(steps)
    assert held.pace.at(steps) == held.pace.at(steps + 5)
    after = walk(lambda step: 0.05, 60.0, held, step=steps, now=1000.0)
    assert after[3] / TOTAL == pytest.approx(0.5, abs=0.02)
    assert after[-1] == pytest.approx(TOTAL, rel=0.02)


def to_float(value):
    return float(keras.ops.convert_to_numpy(value))


@pytest.mark.parametrize("repeat", [1, 5])
def test_a_paced_schedule_is_the_schedule_at_another_step(repeat):
    train = TrainConfig(learning_rate=0.02, warmup=0.1)
    tempo = Tempo()
    plain = compiling.make_optimizer(train, 200 * repeat)
    paced = compiling.make_optimizer(
        train, 200 * repeat, tempo=tempo, repeat=repeat
    )

    def rates(step, place):
        for optimizer, at in ((paced, step), (plain, place)):
            optimizer.iterations.assign(at * repeat)
        return to_float(paced.learning_rate), to_float(plain.learning_rate)

    for step in (0, 3, 20, 77, 199):
        rate, expected = rates(step, step)
        assert rate == expected
    tempo.write(Pace(10, 50, 7.5))
    assert tempo.read() == Pace(10, 50, 7.5)
    for step, place in ((10, 50), (12, 65), (20, 125), (30, 200)):
        rate, expected = rates(step, place)
        assert rate == pytest.approx(expected, rel=1e-5)


def test_hurried_averages_forget_as_fast_as_the_schedule_is_walked():
    train = TrainConfig(learning_rate=0.1, ema=0.9, warmup=0)
    tempo = Tempo()
    optimizer = compiling.make_optimizer(train, 100, tempo=tempo)
    variable = keras.Variable(np.zeros(1, "float32"), name="kernel")
    optimizer.build([variable])
    optimizer.iterations.assign(1)
    tempo.write(Pace(0, 0, 10))
    average = moving_averages(optimizer)[0]
    average.assign([1.0])
    optimizer.apply([keras.ops.zeros(1)], [variable])
    assert state.to_numpy(average)[0] == pytest.approx(0.9**10, rel=1e-4)


@pytest.fixture(autouse=True)
def without_samples(monkeypatch):
    monkeypatch.setattr(Generation, "evaluate", lambda *args: Report({}))
    monkeypatch.setattr(
        Generation, "draw_predictions", lambda task, m, s, path: path.touch()
    )


class Clock:
    """Tells a second more after every step."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now


class Ticking(Stopper):
    """Lets a clock go on by each step that is reported, from the first."""

    def __init__(self, clock, epoch=0, step=None):
        super().__init__(epoch, step)
        self.clock = clock

    def step(self, epoch, step, values):
        self.clock.now += 1.0
        super().step(epoch, step, values)


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    for name in ("session", "plan"):
        monkeypatch.setattr(f"kerasnotes.training.{name}.time", made)
    return made


def rates_of(folder):
    newest = state.latest(folder / "state")
    return [row["learning_rate"] for row in state.read_progress(newest).history]


def test_a_run_of_half_the_time_ends_at_the_smallest_rate(
    start, clock, tmp_path
):
    reporter = Ticking(clock)
    outcome = start("run", reporter, **SHORT, epochs=20, time_limit=40)
    assert outcome.stopped == "time limit"
    assert any("of 80 steps" in text for text in reporter.messages)
    rates = rates_of(tmp_path / "run")
    assert 9 <= len(rates) <= 11
    peak = outcome.record["config"]["train"]["learning_rate"]
    assert min(rates) == rates[-1] < 0.05 * peak
    assert max(rates) > 0.9 * peak


def test_time_enough_is_bit_for_bit_no_limit(start, clock, tmp_path):
    start("free", **SHORT, epochs=3)
    start("timed", Ticking(clock), **SHORT, epochs=3, time_limit=1e4)
    free, timed = [
        read_state(state.latest(tmp_path / name / "state"))
        for name in ("free", "timed")
    ]
    timed.pop("optimizer/pace")
    assert timed.keys() == free.keys()
    for name, array in free.items():
        np.testing.assert_array_equal(timed[name], array, err_msg=name)


def test_stopped_in_the_middle_the_pace_goes_on(start, resume, clock, tmp_path):
    options = {**SHORT, "epochs": 20, "time_limit": 40}
    stopped = start("run", Ticking(clock, 4, 2), **options)
    assert stopped.stopped == "interrupted"
    folder = tmp_path / "run"
    pace = read_state(state.latest(folder / "state"))["optimizer/pace"]
    assert pace[2] > 1.5
    outcome = resume(folder, Ticking(clock))
    assert outcome.stopped == "time limit"
    rates = rates_of(folder)
    top = rates.index(max(rates))
    assert rates[top:] == sorted(rates[top:], reverse=True)


@pytest.mark.once
def test_the_players_of_a_gan_keep_the_pace(start, clock, tmp_path):
    options = {
        **{"note": "gan", "source": "ring", "augment": "none"},
        **{"batch_size": 1024, "epochs": 20, "time_limit": 40},
        "model": {
            **{"widths": [8], "latent": 3, "dropout": 0.2},
            **{"loss": "wasserstein", "critic_steps": 2},
        },
    }
    outcome = start("run", Ticking(clock), **options)
    assert outcome.stopped == "time limit"
    rates = rates_of(tmp_path / "run")
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.05 * rates[0]


@pytest.mark.once
@pytest.mark.parametrize("note", ["mlp", "ddpm"])
def test_a_cut_epoch_is_validated_and_may_be_the_best(
    start, resume, clock, tmp_path, note
):
    small = {"widths": [8, 8], "timesteps": 20} if note == "ddpm" else None
    options = {**SHORT, "note": note, "model": small, "epochs": 20, "passes": 1}
    options |= {"ema": 0.9, "time_limit": 5.5}
    outcome = start("run", Ticking(clock), **options)
    newest = state.latest(tmp_path / "run" / "state")
    progress = state.read_progress(newest)
    done = progress.epochs_done
    assert (progress.epoch, done > 1) == (1, True)
    assert [row["epoch"] for row in progress.history] == [1.0, done]
    assert "val_loss" in progress.history[-1]
    if note == "ddpm":
        assert outcome.record["best"]["epoch"] == done
        check_averages_are_best(read_state(newest))
    again = resume(tmp_path / "run", Ticking(clock), time_limit=1e4, epochs=3)
    assert (again.stopped, again.record["epochs"]) == ("", 3)


def check_averages_are_best(arrays):
    averages = [v for n, v in arrays.items() if n.endswith("_average")]
    best = [v for n, v in arrays.items() if n.startswith("best/")]
    assert averages
    for array in averages:
        assert any(np.array_equal(array, value) for value in best)
