"""What lies beside a SavedModel's graph: a description, twice.

assets.extra/kerasnotes.json   for programs: `kn serve` and its page
assets.extra/model_card.md     for people

and the requests that a server asks itself first (`export/warmup.py`).
"""

import json
import math
import time
from pathlib import Path
from typing import Any

from kerasnotes.base import files
from kerasnotes.base.errors import StorageError
from kerasnotes.data.spec import Spec
from kerasnotes.export import texts
from kerasnotes.notes import known_notes
from kerasnotes.runs.run import Record

FORMAT = 1
RAW = "Preprocessing is inside the model: it takes raw values."
EXTRA = "assets.extra"
CARD, TEXT = "kerasnotes.json", "model_card.md"
RECORDS = "tf_serving_warmup_requests"


def make_card(
    record: Record, answer: dict[str, Any], *, name: str, source: Path
) -> dict[str, Any]:
    """Returns the description of an exported model.

    Args:
        record: Of its training; may be empty.
        answer: What the exporting process found out: `spec`,
            `limits`, `signatures`, `weights`, `versions`, `sampler`,
            `context`, `stride`, `size`.
        name: The model's name.
        source: The run's folder or the file.
    """
    spec = answer["spec"]
    data_spec = Spec.from_json(spec) if spec else None
    note = known_notes().get(str(record.get("note")))
    return {
        "format": FORMAT,
        "name": name,
        "note": record.get("note"),
        "summary": note.summary if note else "",
        "task": record.get("task"),
        "spec": spec,
        "classes": list(data_spec.target.classes) if data_spec else [],
        "values": [c.title for c in data_spec.target.columns]
        if data_spec
        else [],
        "limits": answer["limits"],
        "features": list(data_spec.input.names) if data_spec else [],
        "future": list(data_spec.future.names)
        if data_spec and data_spec.future
        else [],
        "means": _means(record) if data_spec and data_spec.input.names else [],
        "metrics": _finite(record.get("metrics")),
        "weights": answer["weights"],
        "source": source.resolve().name,
        "signatures": answer["signatures"],
        "sampler": answer.get("sampler"),
        "context": answer.get("context"),
        "stride": answer.get("stride"),
        "any_size": answer.get("any_size"),
        "size": answer.get("size"),
        "exported": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": answer["versions"],
        "quantized": None,
        "preprocessing": texts.describe(data_spec)
        if data_spec and texts.reads_texts(data_spec)
        else RAW,
    }


def _means(record: Record) -> list[float]:
    """Returns each column's mean over the training part, if recorded."""
    statistics = record.get("statistics")
    means = statistics[0] if isinstance(statistics, list) else []
    return [float(mean) for mean in means if math.isfinite(mean)]


def _finite(metrics: Any) -> dict[str, float | None]:
    """Returns numbers by name, without what JSON does not know."""
    items = metrics.items() if isinstance(metrics, dict) else ()
    return {
        key: value if math.isfinite(value) else None
        for key, value in items
        if isinstance(value, int | float)
    }


def write_card(card: dict[str, Any], folder: Path) -> None:
    """Writes both descriptions into a SavedModel's folder."""
    extra = folder / EXTRA
    extra.mkdir(exist_ok=True)
    files.write_json(extra / CARD, card)
    files.write_text(extra / TEXT, describe(card))


def read_card(folder: Path) -> dict[str, Any] | None:
    """Returns the description in a SavedModel's folder, if it has one."""
    try:
        card = files.read_json(folder / EXTRA / CARD)
    except StorageError:
        return None
    return card if isinstance(card, dict) else None


def describe(card: dict[str, Any]) -> str:
    """Returns the model card: what the model is, takes, gives and reached."""
    parts = [f"# {card['name']}", card["summary"] or "A Keras model."]
    parts.append(_facts(card))
    parts += ["## Signatures", _signatures(card["signatures"])]
    if card["metrics"]:
        parts += [
            "## Measured on the test part of its data",
            "\n".join(
                f"- {key}: {_number(value)}"
                for key, value in card["metrics"].items()
            ),
        ]
    parts += [
        "## Good to know",
        f"- {card.get('preprocessing') or RAW}\n"
        "- It answers for anything of the right shape; what is unlike its "
        "training data gets an answer all the same.",
    ]
    return "\n\n".join(parts) + "\n"


def _facts(card: dict[str, Any]) -> str:
    spec = card["spec"] or {}
    classes = card["classes"]
    shown = ", ".join(map(str, classes[:20])) + ", ..." * (len(classes) > 20)
    versions = " ".join(f"{k} {v}" for k, v in card["versions"].items())
    facts = {
        "Note": card["note"],
        "Task": card["task"],
        "Data": spec.get("name"),
        "Classes": shown and f"{len(classes)}: {shown}",
        "Range of pixels": card["limits"]
        and f"{card['limits'][0]:g} to {card['limits'][1]:g}",
        "Values": ", ".join(map(str, card["values"])),
        "Columns": ", ".join(map(str, card["features"])),
        "Columns of `future`": ", ".join(map(str, card.get("future", []))),
        "Exported": f"{card['exported']}, from {card['source']}",
        "Weights": f"sha256 {card['weights']}",
        "Versions": versions,
    }
    return "\n".join(f"- {k}: {_line(v)}" for k, v in facts.items() if v)


def _signatures(signatures: dict[str, Any]) -> str:
    lines = []
    for name, signature in signatures.items():
        sides = [
            ", ".join(
                f"{key} {json.dumps(value['shape'])} {value['dtype']}"
                for key, value in signature[side].items()
            )
            for side in ("inputs", "outputs")
        ]
        lines.append(f"- `{name}`: {_line(' -> '.join(sides))}")
    return "\n".join(lines)


def _line(text: Any) -> str:
    """Returns text without line breaks, which would begin a new block."""
    return " ".join(str(text).split())


def _number(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
