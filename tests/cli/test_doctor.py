import json
import sys

import pytest
from click.testing import CliRunner

from kerasnotes.runtime import choose as choosing
from kerasnotes.runtime import machine, probe
from kerasnotes.use import doctor
from kerasnotes_cli.doctor import command
from tests.conftest import BACKEND

WORKS = {
    "devices": [["cpu", "CPU"]],
    "import_s": 2.0,
    "compile_s": 1.0,
    "step_ms": 3.0,
    "loss": 2.3,
}
ON_GPU = {**WORKS, "devices": [["gpu", "H100"], ["cpu", "CPU"]]}
BROKEN = {"error": "ImportError: libfoo.so: cannot open"}


@pytest.fixture
def answers(monkeypatch, tmp_path):
    """Replaces what the backends answer; no wish, no GPU, own folders."""
    given = {}
    monkeypatch.setattr(probe, "ask", lambda what, name: given[name])
    monkeypatch.setattr(choosing, "installed_backends", lambda: set(given))
    monkeypatch.setattr(machine, "find_gpus", list)
    monkeypatch.delenv("KERAS_BACKEND")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return given


def diagnose(expected_exit):
    done = CliRunner().invoke(command, ["--json"])
    assert done.exit_code == expected_exit, done.output
    report = json.loads(done.output)
    assert report["works"] == (expected_exit == 0)
    return report, {check["name"]: check for check in report["checks"]}


@pytest.mark.once
def test_missing_backend_is_a_note(answers):
    answers["tensorflow"] = WORKS
    report, checks = diagnose(0)
    assert report["chosen"]["backend"] == "tensorflow"
    assert report["chosen"]["precision"] == "float32"
    assert checks["jax"]["status"] == "note"
    assert checks["jax"]["hint"] == 'pip install "kerasnotes[jax]"'


@pytest.mark.once
def test_broken_backend_that_is_not_chosen(answers):
    answers.update(tensorflow=WORKS, torch=BROKEN)
    _, checks = diagnose(0)
    assert checks["torch"]["status"] == "failed"
    assert "libfoo.so" in checks["torch"]["detail"]
    assert checks["torch"]["hint"] == "pip install --force-reinstall torch"


@pytest.mark.once
def test_broken_backend_that_is_chosen(answers):
    answers.update(tensorflow=BROKEN, torch=WORKS)
    _, checks = diagnose(1)
    assert checks["choice"]["status"] == "failed"
    assert checks["choice"]["hint"] == (
        "pip install --force-reinstall tensorflow"
    )


@pytest.mark.once
def test_wish_for_a_missing_backend(answers, monkeypatch):
    answers["tensorflow"] = WORKS
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    report, checks = diagnose(1)
    assert report["chosen"] is None
    assert "KERAS_BACKEND" in checks["choice"]["detail"]


@pytest.mark.once
def test_nothing_installed(answers):
    _, checks = diagnose(1)
    assert checks["choice"]["hint"] == "pip install tensorflow"


@pytest.mark.once
def test_gpu_that_only_one_backend_sees(answers, monkeypatch):
    answers.update(tensorflow=WORKS, torch=ON_GPU)
    gpu = machine.Gpu("H100", (9, 0), 80 * 2**30)
    monkeypatch.setattr(machine, "find_gpus", lambda: [gpu])
    report, checks = diagnose(0)
    assert report["chosen"] == {
        "backend": "torch",
        "reason": "installed, and sees the GPU",
        "device": "gpu",
        "precision": "mixed_bfloat16",
    }
    assert checks["tensorflow"]["hint"] == 'pip install "kerasnotes[cuda]"'
    assert "80 GiB, capability 9.0" in checks["gpu"]["detail"]


@pytest.mark.once
def test_text(answers):
    answers.update(tensorflow=WORKS, torch=BROKEN)
    done = CliRunner().invoke(command)
    assert done.exit_code == 0
    assert "training a small network on tensorflow" in done.output
    assert "-> pip install --force-reinstall torch" in done.output
    assert done.output.rstrip().endswith("Next: kn fit unet")


@pytest.mark.once
def test_folder_that_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.touch()
    check = doctor.check_writable("keras home", file)
    assert check.status == "failed"
    assert "KERAS_HOME" in check.hint
    assert doctor.check_writable("runs", tmp_path / "new").status == "ok"


def test_probe_trains_on_this_backend(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["probe"])
    probe.main("step", BACKEND)
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["devices"][0][0] in ("cpu", "gpu")
    assert 0 < answer["loss"] < 10
    assert answer["step_ms"] > 0


@pytest.mark.once
def test_probe_of_a_broken_backend(tmp_path, monkeypatch):
    (tmp_path / "jax.py").write_text("raise ImportError('no libxla')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert probe.ask("devices", "jax") == {"error": "ImportError: no libxla"}
