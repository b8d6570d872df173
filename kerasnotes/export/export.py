"""Exporting a trained model: what `kn export` does.

The work is done by a child process on the format's backend, TensorFlow but
for PyTorch's own, whatever backend trained the model: from JAX and torch,
half of all exports fail or answer wrongly.
"""

import contextlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from kerasnotes.base import errors, files
from kerasnotes.base.commands import command
from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.data.spec import Spec
from kerasnotes.export import formats, texts
from kerasnotes.export.card import EXTRA, make_card, read_card, write_card
from kerasnotes.export.publishing import publish, work_folder
from kerasnotes.notes import require
from kerasnotes.runs import run
from kerasnotes.runs.archive import archive, zip_file
from kerasnotes.runs.archive.weights_digest import weights_digest
from kerasnotes.runtime import child

Size = tuple[int, int]


def export_model(
    source: Path,
    *,
    format: str = "saved_model",
    out: Path | None = None,
    name: str | None = None,
    size: Size | None = None,
    quantize: str | None = None,
    force: bool = False,
) -> Path:
    """Exports a model, compares the artefact with it, and describes it.

    A SavedModel becomes the next numbered version, `OUT/NAME/1`, in the
    layout that TensorFlow Serving watches. Other formats become one file,
    `OUT/NAME.onnx`, or `OUT/NAME.int8.onnx`, which replaces an older one.
    Either appears by a rename, whole, after it was compared; `OUT/NAME.json`
    describes it.

    Args:
        source: A run's folder or a `.keras` file.
        format: A key of `formats.FORMATS`.
        out: Where to; by default `RUN/export`, or `STEM-export` beside the
            file.
        name: By default the note's name, or the file's; with `size`, that
            and the size.
        size: Height and width to fix in a model of images of any size.
        quantize: `int8` or `float16`, where the format has it; the main
            metric is then measured before and after.
        force: Keep what quantization made much worse.

    Returns:
        The artefact: a folder or a file.

    Raises:
        UsageError: If the format or name is unknown, a package missing, or
            the format cannot do what is asked.
        StorageError: If the model cannot be read, or exported correctly.
        DataError: If the data to measure a quantized model on is gone.
    """
    formats.find(format)
    formats.check_quantize(format, quantize)
    model, record = find_source(source)
    require(record, source)
    if record.get("task") == "language":
        raise UsageError(
            "A language is not exported: a server would have to keep its "
            "state for every reader.",
            expected="a run for another task",
            received=f"{source}, a run for language",
            hint=f"{command('sample', source)} writes text",
        )
    if record.get("task") == "translation" and (
        format != "saved_model" or quantize
    ):
        raise UsageError(
            "A translation leaves as a SavedModel: its search is a loop.",
            expected="--format saved_model, not quantized",
            received=f"--format {format}"
            + (f" --quantize {quantize}" if quantize else ""),
        )
    if name is None:
        name = default_name(model, record)
        if size is not None:
            # A version of another size must not follow one of any size.
            name += f"-{size[0]}x{size[1]}"
    name = _check_name(name)
    archive.check(model)
    out = out or default_folder(source)
    with work_folder(out) as folder:
        suffix = _suffix(format, quantize)
        artefact = folder / f"{name}{suffix}"
        answer = _ask(
            {
                "model": str(model.absolute()),
                "format": format,
                "artefact": str(artefact.absolute()),
                "name": name,
                "size": size,
                "quantize": quantize,
                "force": force,
                **_training(record),
            }
        )
        if "signatures" in answer:
            answer["weights"] = weights_digest(model)
            described = make_card(record, answer, name=name, source=source)
            write_card(described, artefact)
        spec = _spec_of(record)
        if spec is not None and texts.reads_texts(spec):
            if suffix:
                texts.write_tokenizers(spec, out, f"{name}.")
            else:
                texts.write_tokenizers(spec, artefact / EXTRA)
        final = publish(artefact, out, name, suffix)
    entry = _describe(source, record, answer, final)
    report = report_path(final, format, quantize)
    _note(report, report_key(format, quantize), entry)
    return final


def _spec_of(record: run.Record) -> Spec | None:
    """Returns what a model was trained on; of bare files it is not known."""
    value = record.get("spec")
    return Spec.from_json(value) if isinstance(value, dict) else None


def _training(record: run.Record) -> dict[str, Any]:
    """Returns what the exporting process is told of the training."""
    config = record.get("config")
    blocks = config if isinstance(config, dict) else {}
    train = blocks.get("train")
    return {
        "spec": record.get("spec"),
        "task": record.get("task"),
        "data": blocks.get("data"),
        "batch_size": train.get("batch_size")
        if isinstance(train, dict)
        else None,
    }


def latest_export(source: Path) -> Path | None:
    """Returns the newest SavedModel that still is what `source` holds.

    Args:
        source: A run's folder or a `.keras` file.

    Returns:
        A version's folder below the default place; `None` if there is none
        of these weights, for images of every size.

    Raises:
        StorageError: If the model cannot be read.
    """
    model, _ = find_source(source)
    candidates = []
    for graph in default_folder(source).glob("*/*/saved_model.pb"):
        version, card = graph.parent, read_card(graph.parent)
        if card and version.name.isdecimal() and card.get("size") is None:
            age = (str(card.get("exported")), int(version.name))
            candidates.append((age, version, card.get("weights")))
    if not candidates:
        return None
    digest = weights_digest(model)
    same = [entry for entry in candidates if entry[2] == digest]
    return max(same)[1] if same else None


def default_name(model: Path, record: run.Record) -> str:
    """Returns what an export is called: the note's name, or the file's."""
    return str(record.get("note") or model.stem)


def find_source(source: Path) -> tuple[Path, run.Record]:
    """Returns the model file and its record, empty in a bare Keras file."""
    if source.suffix == ".keras" and not source.is_dir():
        with zip_file.open_archive(source) as opened:
            return source, archive.find_record(source, opened) or {}
    return run.find_model(source)


def default_folder(source: Path) -> Path:
    """Returns where exports of a run's folder or a file go by default."""
    if source.is_dir():
        return source / "export"
    return source.with_name(f"{source.stem}-export")


def report_path(artefact: Path, format: str, quantize: str | None) -> Path:
    """Returns the description that lies beside an artefact."""
    suffix = _suffix(format, quantize)
    base = artefact if suffix else artefact.parent
    return base.with_name(f"{base.name.removesuffix(suffix)}.json")


def report_key(format: str, quantize: str | None) -> str:
    """Returns the name of an artefact's entry in its description."""
    return f"{format}-{quantize}" if quantize else format


def _suffix(format: str, quantize: str | None) -> str:
    suffix = formats.FORMATS[format].suffix
    return f".{quantize}{suffix}" if quantize else suffix


def _check_name(name: str) -> str:
    if (
        not name
        or name.startswith(".")
        or not name.isprintable()
        or (set(name) & set('/\\:*?"<>|'))
    ):
        raise UsageError(
            "The exported model's name must be a plain file name.",
            received=repr(name),
            hint="choose another one with --name",
        )
    return name


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    """Has a child process export and compare; returns its result."""
    done = subprocess.run(
        child.module_command("kerasnotes.export.worker"),
        input=json.dumps(request),
        env={
            **os.environ,
            "KERAS_BACKEND": formats.FORMATS[request["format"]].backend,
        },
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise _crashed(done) from None
    if "error" in answer:
        parts = answer["error"]
        raise getattr(errors, parts.pop("kind"))(parts.pop("message"), **parts)
    result: dict[str, Any] = answer["result"]
    return result


def _crashed(done: "subprocess.CompletedProcess[str]") -> StorageError:
    """Explains a child that ended without an answer."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode < 0:
        lines.append(f"killed by signal {-done.returncode}")
    return StorageError(
        "The exporting process ended without an answer.",
        received=(lines or [f"exit code {done.returncode}"])[-1][:300],
        hint="`kn doctor` checks TensorFlow; is there enough memory?",
    )


_DESCRIBED = (
    "signature",
    "signatures",
    "checks",
    "tolerance",
    "quantized",
    "size",
    "versions",
)
"""What of the exporting process' answer is kept."""


def _describe(
    source: Path, record: run.Record, answer: dict[str, Any], final: Path
) -> dict[str, Any]:
    hidden = {archive.LAYERS}
    return {
        "path": str(final),
        "source": str(source),
        "exported": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        **{key: answer[key] for key in _DESCRIBED if key in answer},
        "largest_difference": max(
            (check["difference"] for check in answer["checks"]), default=None
        ),
        "preprocessing": texts.TOLD
        if texts.reads_texts(_spec_of(record))
        else "inside the model: it takes raw values",
        "classes": _classes(record),
        "record": {k: v for k, v in record.items() if k not in hidden},
    }


def _classes(record: run.Record) -> Any:
    classes, spec = record.get("classes"), _spec_of(record)
    if classes is None and spec is not None:
        classes = list(spec.target.classes)
    return classes


def _note(path: Path, format: str, entry: dict[str, Any]) -> None:
    """Adds one format's entry to the description of all of them."""
    old = None
    with contextlib.suppress(StorageError):
        # Missing at first; a damaged one describes nothing any more.
        old = files.read_json(path)
    entries = old if isinstance(old, dict) else {}
    files.write_json(path, {**entries, format: entry})
