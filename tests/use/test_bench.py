import json

import numpy as np
import pytest
from click.testing import CliRunner

from kerasnotes.base.errors import KerasNotesError, UsageError
from kerasnotes.runtime import child
from kerasnotes.runtime import choose as choosing
from kerasnotes.use import bench
from kerasnotes_cli.bench import command
from tests.conftest import BACKEND

TIMES = ("compile_s", "step_ms", "predict_1_ms", "predict_batch_ms")


def test_measure():
    request = bench.Request(
        "unet",
        batch_size=2,
        size=16,
        steps=2,
        settings=("width=2", "depth=1"),
    )
    result = bench.measure(request)
    assert result["backend"] == BACKEND
    assert result["batch_size"] == 2
    assert all(result[name] >= 0 for name in TIMES)
    expected = 2 / (result["step_ms"] * 1e-3)
    assert result["examples_per_s"] == pytest.approx(expected, rel=0.01)
    assert result["peak_memory_mib"] > 50
    assert json.loads(json.dumps(result)) == result


@pytest.mark.once
@pytest.mark.parametrize(
    ("task", "target", "shape"),
    [
        ("segmentation", "mask", (64, 64, 1)),
        ("classification", "class", (8, 8, 1)),
    ],
)
def test_random_data(task, target, shape):
    spec = bench.make_spec(task)
    assert (spec.target.kind, spec.input.shape) == (target, shape)
    x, y = bench.random_batch(spec, 3)
    assert x.shape == (3, *shape)
    assert x.dtype == "uint8"
    assert y.shape == ((3, *shape[:2]) if target == "mask" else (3,))
    assert y.max() < spec.target.num_classes
    split = bench.repeat(x, y, 5)
    assert len(split) == 15
    np.testing.assert_array_equal(split[13][0], x[1])


@pytest.mark.once
def test_random_series():
    spec = bench.make_spec("forecasting")
    x, y = bench.random_batch(spec, 3)
    assert x.shape == (3, *spec.input.shape)
    assert y.shape == (3, *spec.target.shape)


@pytest.mark.once
@pytest.mark.parametrize("note", ["lstm", "tcn", "ucnn"])
def test_notes_of_other_data(note):
    request = bench.Request(note, batch_size=4, steps=1)
    model, batches = bench._prepare(request)
    x, y = batches[0]
    assert model.compute_loss(x, y, model(x)).shape == ()


@pytest.mark.once
def test_a_childs_mistake_is_ours():
    with pytest.raises(UsageError, match="no setting called") as caught:
        bench.run(bench.Request("mlp", settings=("widht=3",)), ["jax"])
    assert caught.value.hint


@pytest.mark.once
def test_unknown_note_starts_no_child(monkeypatch):
    monkeypatch.setattr(child, "ask", None)
    with pytest.raises(UsageError, match="no note called"):
        bench.run(bench.Request("unett"), ["jax"])


@pytest.mark.once
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; sys.exit('lost a library')", "lost a library"),
        ("import os; os.abort()", "killed by signal 6"),
        ("print('no json')", "exit code 0"),
        ("print([1])", "exit code 0"),
        ("import time; time.sleep(9)", "no answer within 0.5 seconds"),
    ],
)
def test_child_that_fails(tmp_path, monkeypatch, code, words):
    (tmp_path / "failing.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = child.ask("failing", backend="jax", timeout=0.5)
    if "time" not in code and "no answer" in answer["error"]:
        answer = child.ask("failing", backend="jax", timeout=30)
    assert words in answer["error"]


RESULT = {
    "backend": "jax",
    "device": "cpu",
    "device_name": "a processor",
    "parameters": 1234,
    "batch_size": 4,
    "examples_per_s": 100.0,
    "peak_memory_mib": None,
    **dict.fromkeys(TIMES, 2.5),
}


@pytest.fixture
def answers(monkeypatch):
    """Replaces the children: what each backend answers."""
    results = {}
    monkeypatch.setattr(
        child, "ask", lambda *args, backend, **more: results[backend]
    )
    monkeypatch.setattr(choosing, "installed_backends", lambda: set(results))
    return results


@pytest.mark.once
def test_table_and_file(answers, tmp_path):
    answers["jax"] = RESULT
    answers["torch"] = {"error": "ImportError: libtorch"}
    path = tmp_path / "numbers.json"
    done = CliRunner().invoke(command, ["mlp", "--out", str(path)])
    assert done.exit_code == 0, done.output
    assert "torch: ImportError: libtorch" in done.output
    assert "kn fit mlp --backend jax" in done.output
    results = json.loads(path.read_text())["results"]
    assert [result["backend"] for result in results] == ["torch", "jax"]


@pytest.mark.once
def test_json_is_one_object(answers):
    answers["jax"] = RESULT
    done = CliRunner().invoke(command, ["mlp", "--json", "--steps", "7"])
    assert json.loads(done.output)["request"]["steps"] == 7


@pytest.mark.once
def test_no_backend_works(answers):
    answers["jax"] = {"error": "broken"}
    done = CliRunner().invoke(command, ["mlp"])
    assert isinstance(done.exception, KerasNotesError)
    assert "jax: broken" in done.output


@pytest.mark.once
@pytest.mark.parametrize(
    "arguments",
    [[], ["mlp", "--steps", "0"], ["mlp", "--backend", "theano"]],
)
def test_bad_use(arguments):
    assert CliRunner().invoke(command, arguments).exit_code == 2
