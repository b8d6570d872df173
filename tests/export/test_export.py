import json
import os

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from kerasnotes.base.errors import OutOfMemoryError, StorageError, UsageError
from kerasnotes.export import export, formats
from kerasnotes.runs import run
from kerasnotes_cli.export import command
from tests.export.notes import make_ddpm, make_record

ANSWER = {
    "signature": {
        "inputs": {"image": {"shape": [None, None, 1], "dtype": "float32"}},
        "outputs": {"probabilities": {"shape": [None, 2], "dtype": "float32"}},
    },
    "checks": [
        {"shape": [1, 8, 8, 1], "difference": 2e-7},
        {"shape": [3, 5, 7, 1], "difference": 3e-6},
    ],
    "tolerance": 1e-4,
    "versions": {},
}


@pytest.fixture
def child(monkeypatch):
    """Replaces the child process; returns what it was asked."""
    requests = []

    def ask(request):
        requests.append(request)
        if request["format"] == "saved_model":
            os.mkdir(request["artefact"])
            with open(f"{request['artefact']}/saved_model.pb", "w") as file:
                file.write("graph")
            return json.loads(json.dumps({**ANSWER, **SAVED}))
        if request["format"] == "openvino":
            os.mkdir(request["artefact"])
            request = {"artefact": f"{request['artefact']}/model.xml"}
        with open(request["artefact"], "w") as file:
            file.write("graph")
        return json.loads(json.dumps(ANSWER))

    monkeypatch.setattr(export, "_ask", ask)
    return requests


SAVED = {
    "spec": None,
    "limits": None,
    "signatures": {"serving_default": ANSWER["signature"]},
}


def names(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


@pytest.mark.once
def test_saved_models_get_the_next_number(files, tmp_path, child):
    out = tmp_path / "out"
    for number in (1, 2):
        path = export.export_model(files["unet"], format="saved_model", out=out)
        assert path == out / "unet" / str(number)
    (out / "unet" / "7").mkdir()
    path = export.export_model(files["unet"], format="saved_model", out=out)
    assert path == out / "unet" / "8"
    assert (path / "saved_model.pb").read_text() == "graph"
    assert sorted(p.name for p in out.iterdir()) == ["unet", "unet.json"]
    assert not any(name.startswith(".") for name in names(out))


@pytest.mark.once
def test_files_are_replaced_and_described_together(files, tmp_path, child):
    for format_name in ("onnx", "onnx", "litert", "saved_model"):
        export.export_model(
            files["unet"], format=format_name, out=tmp_path, name="cells"
        )
    assert names(tmp_path) == [
        "cells",
        "cells.json",
        "cells.onnx",
        "cells.tflite",
        "cells/1",
        "cells/1/assets.extra",
        "cells/1/assets.extra/kerasnotes.json",
        "cells/1/assets.extra/model_card.md",
        "cells/1/saved_model.pb",
    ]
    described = json.loads((tmp_path / "cells.json").read_text())
    assert set(described) == {"onnx", "litert", "saved_model"}
    entry = described["onnx"]
    assert entry["largest_difference"] == 3e-6
    assert entry["classes"] == ["a", "b"]
    assert entry["record"]["seed"] == 3
    assert "layers" not in entry["record"]
    assert entry["signature"] == ANSWER["signature"]


@pytest.mark.once
def test_default_places(files, tmp_path, child):
    folder = tmp_path / "ckpts" / "mine"
    folder.mkdir(parents=True)
    (folder / "model.keras").write_bytes(files["mlp"].read_bytes())
    run.Run(folder).write_record({"note": "mlp"})
    path = export.export_model(folder, format="onnx")
    assert path == folder / "export" / "mlp.onnx"
    path = export.export_model(folder / "model.keras", format="onnx")
    assert path == folder / "model-export" / "mlp.onnx"


@pytest.mark.once
@pytest.mark.parametrize(
    "name", ["..", "a/b", "a\\b", ".hidden", "a\nb", "a:b"]
)
def test_names_that_are_paths(files, tmp_path, child, name):
    with pytest.raises(UsageError, match="plain file name"):
        export.export_model(
            files["mlp"], format="onnx", out=tmp_path, name=name
        )
    assert not child


@pytest.mark.once
@pytest.mark.parametrize("keep", [True, False])
def test_nothing_is_left_after_a_failure(files, tmp_path, monkeypatch, keep):
    out = tmp_path / "out"
    if keep:
        out.mkdir()
        (out / "mine").write_text("x")

    def ask(request):
        with open(request["artefact"], "w") as file:
            file.write("half")
        raise StorageError("differs")

    monkeypatch.setattr(export, "_ask", ask)
    with pytest.raises(StorageError, match="differs"):
        export.export_model(files["mlp"], format="onnx", out=out)
    assert names(tmp_path) == (["out", "out/mine"] if keep else [])


@pytest.mark.once
def test_folder_that_is_a_file(files, tmp_path, child):
    (tmp_path / "out").write_text("x")
    with pytest.raises(StorageError, match="Cannot write"):
        export.export_model(files["mlp"], format="onnx", out=tmp_path / "out")


@pytest.mark.once
def test_unknown_format_and_missing_package(files, monkeypatch):
    with pytest.raises(UsageError, match="no format called `onx`") as caught:
        export.export_model(files["mlp"], format="onx")
    assert "onnx" in caught.value.hint
    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught:
        export.export_model(files["mlp"], format="onnx")
    assert caught.value.hint == "pip install 'kerasnotes[onnx]'"


@pytest.mark.once
def test_missing_run(tmp_path):
    with pytest.raises(StorageError, match="no such file"):
        export.export_model(tmp_path / "no.keras", format="onnx")
    with pytest.raises(StorageError, match="There is no run"):
        export.export_model(tmp_path / "no", format="onnx")


def fake_python(tmp_path, monkeypatch, text):
    """Lets a shell script stand in for the child's Python."""
    script = tmp_path / "python"
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))


@pytest.mark.once
def test_the_childs_error_is_raised_here(files, tmp_path, monkeypatch):
    answer = {"kind": "OutOfMemoryError", "message": "full", "hint": "h"}
    text = json.dumps({"error": answer})
    fake_python(tmp_path, monkeypatch, f"echo '{text}'")
    with pytest.raises(OutOfMemoryError, match="full") as caught:
        export.export_model(files["mlp"], format="onnx", out=tmp_path / "o")
    assert caught.value.hint == "h"


@pytest.mark.once
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo oops >&2; exit 3", "oops"),
        ("kill -9 $$", "killed by signal 9"),
        ("exit 3", "exit code 3"),
    ],
)
def test_a_child_that_dies(files, tmp_path, monkeypatch, text, reason):
    fake_python(tmp_path, monkeypatch, text)
    with pytest.raises(StorageError, match="without an answer") as caught:
        export.export_model(files["mlp"], format="onnx", out=tmp_path / "o")
    assert reason in caught.value.received
    assert not (tmp_path / "o").exists()


@pytest.mark.once
@pytest.mark.parametrize("format_name", formats.FORMATS)
def test_text_says_where_how_close_and_what_next(
    files, tmp_path, child, format_name
):
    out = str(tmp_path / "out")
    args = [str(files["unet"]), "--format", format_name, "--out", out]
    result = CliRunner().invoke(command, args, catch_exceptions=False)
    assert result.exit_code == 0
    for part in (
        f"Wrote {out}",
        "image ?x?x1 float32 -> probabilities ?x2 float32",
        "inputs 1x8x8x1 and 3x5x7x1: differs by 3.0e-06, allowed 1e-04",
        "Next:",
        out + "/unet",
    ):
        assert part in result.output
    if format_name == "saved_model":
        assert f"  kn serve {out}/unet\n" in result.output
        assert f"--model_base_path={out}/unet" in result.output


@pytest.mark.once
def test_text_tells_what_quantization_cost(files, tmp_path, monkeypatch):
    cost = {"kind": "int8", "metric": "accuracy", "before": 0.9722}

    def ask(request):
        assert request["quantize"] == "int8"
        assert request["force"] is True
        with open(request["artefact"], "w") as file:
            file.write("graph")
        fields = {"checks": [], "quantized": {**cost, "after": 0.9694}}
        return {**ANSWER, **fields}

    monkeypatch.setattr(export, "_ask", ask)
    args = [str(files["mlp"]), "-f", "onnx", "-o", str(tmp_path)]
    args += ["--quantize", "int8", "--force"]
    result = CliRunner().invoke(command, args, catch_exceptions=False)
    assert "int8          accuracy 0.9722 -> 0.9694\n" in result.output
    assert names(tmp_path) == ["mlp.int8.onnx", "mlp.json"]
    described = json.loads((tmp_path / "mlp.json").read_text())
    assert described["onnx-int8"]["quantized"]["after"] == 0.9694
    result = CliRunner().invoke(command, [*args, "--json"])
    assert json.loads(result.stdout)["quantized"]["before"] == 0.9722


@pytest.mark.once
def test_help_has_examples_and_every_format():
    text = CliRunner().invoke(command, ["--help"]).output
    assert "kn export ckpts/mlp -f litert --quantize int8" in text
    for name, export_format in formats.FORMATS.items():
        assert f"  {name:<12} {export_format.summary}" in text


@pytest.mark.once
def test_command_line_checks_its_words(files):
    for args in (
        ["--format", "exe"],
        ["--size", "0", "4"],
        ["--size", "4"],
        ["--quantize", "int4"],
    ):
        result = CliRunner().invoke(command, [str(files["mlp"]), *args])
        assert result.exit_code == 2


@pytest.mark.large
def test_a_model_of_this_backend_through_a_real_child(files, tmp_path):
    """Saved here on any backend, exported by TensorFlow, run without it."""
    import onnxruntime

    from kerasnotes.runs import saving

    args = [str(files["mlp"]), "-f", "onnx", "-o", str(tmp_path), "--json"]
    result = CliRunner().invoke(command, args, catch_exceptions=False)
    entry = json.loads(result.stdout)
    assert entry["format"] == "onnx"
    assert entry["largest_difference"] <= 1e-5
    assert names(tmp_path) == ["mlp.json", "mlp.onnx"]
    session = onnxruntime.InferenceSession(
        entry["path"], providers=["CPUExecutionProvider"]
    )
    x = np.random.default_rng(2).normal(size=(6, 4)).astype("float32")
    [theirs] = session.run(["probabilities"], {"features": x})
    ours = saving.load_model(files["mlp"])(x)
    np.testing.assert_allclose(
        theirs, keras.ops.convert_to_numpy(ours), atol=1e-5
    )


@pytest.mark.large
def test_a_generator_of_this_backend_through_a_real_child(tmp_path):
    from kerasnotes.export.card import read_card
    from kerasnotes.runs import saving

    folder = tmp_path / "mine"
    folder.mkdir()
    record = make_record("ddpm")
    run.Run(folder).write_record(record)
    saving.save_model(make_ddpm(), folder / "model.keras", record)
    result = CliRunner().invoke(command, [str(folder)], catch_exceptions=False)
    path = folder / "export" / "ddpm" / "1"
    assert f"Wrote {path}\n" in result.output
    assert "  and           denoise, encoded_sample\n" in result.output
    assert f"  kn serve {folder}\n" in result.output
    assert export.latest_export(folder) == path
    card = read_card(path)
    assert card["sampler"]["schedule"]["name"] == "cosine"
    assert card["source"] == "mine"
    assert card["metrics"]["accuracy"] == 0.5
