"""Exporting a trained model: what `kn export` does.

The work is done by a child process on TensorFlow, whatever backend trained
the model: from JAX and torch, half of all exports fail or answer wrongly.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kerasnotes import errors, files, run
from kerasnotes.archive import archive, zip_file
from kerasnotes.errors import StorageError, UsageError
from kerasnotes.export import formats

Size = tuple[int, int]


def export_model(
    source: Path,
    *,
    format: str,
    out: Path | None = None,
    name: str | None = None,
    size: Size | None = None,
) -> Path:
    """Exports a model, compares the artefact with it, and describes it.

    A SavedModel becomes the next numbered version, `OUT/NAME/1`, in the
    layout that TensorFlow Serving watches. Other formats become one file,
    `OUT/NAME.onnx`, which replaces an older one. Either appears by a rename,
    after it was compared; `OUT/NAME.json` describes it.

    Args:
        source: A run's folder or a `.keras` file.
        format: A key of `formats.FORMATS`.
        out: Where to; by default `RUN/export`, or `STEM-export` beside the
            file.
        name: By default the note's name, or the file's.
        size: Height and width to fix in a model of images of any size.

    Returns:
        The artefact: a folder or a file.

    Raises:
        UsageError: If the format or name is unknown, or a package missing.
        StorageError: If the model cannot be read, or exported correctly.
    """
    found = formats.find(format)
    model, record = find_source(source)
    name = _check_name(name or str(record.get("note") or model.stem))
    archive.check(model)
    out = out or default_folder(source)
    with _work_folder(out) as folder:
        artefact = folder / f"{name}{found.suffix}"
        answer = _ask(
            {
                "model": str(model.absolute()),
                "format": format,
                "artefact": str(artefact.absolute()),
                "size": size,
            }
        )
        final = _publish(artefact, out, name, found.suffix)
    entry = _describe(source, record, answer, final)
    _note(report_path(final, found), format, entry)
    return final


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


def report_path(artefact: Path, found: formats.Format) -> Path:
    """Returns the description that lies beside an artefact."""
    base = artefact if found.suffix else artefact.parent
    return base.with_name(f"{base.name.removesuffix(found.suffix)}.json")


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


@contextlib.contextmanager
def _work_folder(out: Path) -> Iterator[Path]:
    """Yields a hidden folder in `out`, on the disk of the final place.

    After a failure nothing is left, not even `out` where it was made here.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".export-", dir=out))
    except OSError as error:
        raise files.storage_error(out, error, "write") from error
    try:
        yield folder
    except OSError as error:
        raise files.storage_error(out, error, "write") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            # Fails, as it should, where anything lies in it.
            out.rmdir()


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    """Has a child process export and compare; returns its result."""
    done = subprocess.run(
        [sys.executable, "-m", "kerasnotes.export.worker"],
        input=json.dumps(request),
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
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


def _publish(artefact: Path, out: Path, name: str, suffix: str) -> Path:
    """Renames a finished artefact to its final name."""
    if suffix:
        final = out / artefact.name
        os.replace(artefact, final)
        return final
    base = out / name
    base.mkdir(exist_ok=True)
    taken = [int(p.name) for p in base.iterdir() if p.name.isdecimal()]
    number = max(taken, default=0) + 1
    while True:
        final = base / str(number)
        try:
            artefact.rename(final)
        except OSError:
            # Another export took this number in the meantime.
            if not final.exists():
                raise
            number += 1
            continue
        return final


def _describe(
    source: Path, record: run.Record, answer: dict[str, Any], final: Path
) -> dict[str, Any]:
    hidden = {archive.LAYERS}
    return {
        "path": str(final),
        "source": str(source),
        "exported": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        **answer,
        "largest_difference": max(
            check["difference"] for check in answer["checks"]
        ),
        "preprocessing": "inside the model: it takes raw values",
        "classes": _classes(record),
        "record": {k: v for k, v in record.items() if k not in hidden},
    }


def _classes(record: run.Record) -> Any:
    spec = record.get("spec")
    found = record.get("classes")
    if found is None and isinstance(spec, dict):
        found = spec.get("classes")
    return found


def _note(path: Path, format: str, entry: dict[str, Any]) -> None:
    """Adds one format's entry to the description of all of them."""
    old = None
    with contextlib.suppress(StorageError):
        # Missing at first; a damaged one describes nothing any more.
        old = files.read_json(path)
    entries = old if isinstance(old, dict) else {}
    files.write_json(path, {**entries, format: entry})
