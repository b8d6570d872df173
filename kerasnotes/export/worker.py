"""The child process that exports: on the format's backend, in float32.

    python -m kerasnotes.export.worker < request.json

Standard output carries one JSON object, `{"result": ...}` or
`{"error": ...}`, and nothing else, whatever the libraries print.
"""

import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasnotes.base import errors
from kerasnotes.data.spec import Spec
from kerasnotes.runs.archive import archive

if TYPE_CHECKING:
    from kerasnotes.export.signature import Signature


def export(request: dict[str, Any]) -> dict[str, Any]:
    """Loads a model, exports it, and compares the two.

    Args:
        request: `model`, `format`, `artefact` (paths and name); and, where
            they are known or wanted, `name` of the exported model, `size`
            (`[height, width]`), `quantize`, `force`, and `spec`, `task`,
            `data` and `batch_size` of the training.

    Returns:
        `signature`, `checks`, `tolerance`, `versions`, `quantized`; and
        what `card` is made of, as JSON values.

    Raises:
        StorageError: If the model cannot be loaded or exported.
        UsageError: If the format cannot do what is asked.
    """
    from kerasnotes.contracts.objective import ObjectiveModel
    from kerasnotes.export import compare, formats, texts
    from kerasnotes.export.signature import read_signature
    from kerasnotes.inference.translating.translator import make_translator
    from kerasnotes.runtime import setup as backend

    export_format = formats.find(request["format"])
    choice = backend.setup(export_format.backend, "float32")
    note = model = _load_float32(Path(request["model"]))
    if isinstance(model, ObjectiveModel):
        model = model.serving_model()
    elif texts.writes_texts(_read_spec(request.get("spec"))):
        model = make_translator(model.step_decoder())
    size = request.get("size")
    serving = read_signature(model, tuple(size) if size else None)
    if export_format.suffix:
        description = _write_file(model, serving, request)
    else:
        description = _write_endpoints(note, model, serving, request)
    return {
        "signature": serving.to_json(),
        "tolerance": compare.TOLERANCE,
        "versions": backend.versions(choice.backend),
        "size": size,
        **description,
    }


def _write_file(
    model: Any, serving: "Signature", request: dict[str, Any]
) -> dict[str, Any]:
    """Writes one of the formats of one signature; returns its checks."""
    from kerasnotes.export import compare, formats, quantization
    from kerasnotes.export.categories import check_format
    from kerasnotes.export.endpoints import find_requests

    module = formats.find(request["format"]).load_module()
    artefact, kind = Path(request["artefact"]), request.get("quantize")
    spec = _read_spec(request.get("spec"))
    if spec is not None:
        check_format(spec.input, request["format"])
    if hasattr(module, "check"):
        module.check(serving, kind)
    if kind is None:
        module.write(model, serving, artefact)
        requests = find_requests(model, serving, spec)
        predict = module.load(artefact, serving)
        checks = compare.compare(model, predict, serving, requests)
        return {
            "checks": [
                {"signature": "serving_default", **each.to_json()}
                for each in checks
            ]
        }
    trial = quantization.make_trial(model, serving, request)
    module.write(
        model, serving, artefact, quantize=kind, calibration=trial.calibration
    )
    predict = module.load(artefact, serving)
    cost = quantization.measure_cost(trial, model, serving, predict, kind)
    if not request.get("force"):
        quantization.check_cost(cost)
    return {"checks": [], "quantized": dataclasses.asdict(cost)}


def _write_endpoints(
    note: Any, served: Any, serving: "Signature", request: dict[str, Any]
) -> dict[str, Any]:
    """Writes a SavedModel; returns its checks and what describes it."""
    from kerasnotes.contracts.capabilities import ServesSampler, TellsContext
    from kerasnotes.export import compare
    from kerasnotes.export.endpoints import make_endpoints
    from kerasnotes.export.formats import saved_model
    from kerasnotes.export.warmup import write_warmup

    artefact, spec = Path(request["artefact"]), _read_spec(request.get("spec"))
    endpoints = make_endpoints(note, served, serving, spec)
    saved_model.write_endpoints(endpoints, artefact)
    predict = saved_model.load_signatures(artefact)
    checks = [
        {"signature": each.name, **check.to_json()}
        for each in endpoints
        for check in compare.check(
            each.expect, predict[each.name], each.requests, each.name
        )
    ]
    # Texts are apart there from the numbers of a table.
    client_signature = dataclasses.replace(serving, inputs=endpoints[0].inputs)
    name = request.get("name") or "model"
    write_warmup(endpoints, name, artefact / "assets.extra")
    image = spec is not None and spec.input.kind == "image"
    sampled = isinstance(note, ServesSampler) or None
    cut = isinstance(note, TellsContext)
    return {
        "checks": checks,
        "signature": client_signature.to_json(),
        "spec": spec and spec.to_json(),
        "limits": list(spec.input.limits) if spec and image else None,
        "signatures": saved_model.describe_signatures(artefact),
        "sampler": sampled and note.sampler_details(),
        "context": note.context if cut else None,
        "stride": note.stride if cut else None,
        "any_size": cut and note.any_size,
    }


def _read_spec(value: Any) -> Spec | None:
    """Returns the data's description; bare Keras files have none."""
    try:
        return Spec.from_json(value) if isinstance(value, dict) else None
    except (TypeError, KeyError):
        # Written by another program, or another version.
        return None


def _load_float32(path: Path) -> Any:
    """Loads a model so that every layer computes in float32.

    The policies of layers are written out in the files of bare Keras
    models, so that the global one does not reach them.
    """
    from kerasnotes.runs import saving

    archive.check(path)
    if not archive.is_mixed(path):
        return saving.load_model(path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "model.keras"
        archive.write_float32(path, copy)
        return saving.load_model(copy)


def _describe(error: BaseException) -> dict[str, Any]:
    """Turns an error into JSON that `export_model` raises again."""
    if isinstance(error, errors.KerasNotesError):
        parts = {k: getattr(error, k) for k in ("expected", "received", "hint")}
        kind = type(error).__name__
        return {"kind": kind, "message": error.message, **parts}
    from kerasnotes.runtime import setup as backend

    out = backend.is_out_of_memory(error)
    return {
        "kind": "OutOfMemoryError" if out else "StorageError",
        "message": "The model could not be exported.",
        "received": f"{type(error).__name__}: {errors.reason(error)}",
        "hint": "is the disk full? else try another --format",
    }


def answer(
    request: str, work: Callable[[dict[str, Any]], dict[str, Any]] = export
) -> dict[str, Any]:
    """Does the work of one request; an error becomes an answer too."""
    try:
        return {"result": work(json.loads(request))}
    except Exception as error:
        # Whatever went wrong, the parent shows it on one screen.
        return {"error": _describe(error)}


def main() -> None:
    """Answers the request on standard input."""
    # Export on the CPU: a GPU's TF32 would differ by more than is allowed.
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with pipe:
        json.dump(answer(sys.stdin.read()), pipe)


if __name__ == "__main__":
    main()
