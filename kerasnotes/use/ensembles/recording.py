"""What an ensemble's record says of its members."""

from collections.abc import Sequence

from kerasnotes.base.config import DataConfig
from kerasnotes.inference.ensemble import Ensemble
from kerasnotes.runs import run
from kerasnotes.runs.run import Record
from kerasnotes.use.ensembles.held_out import data_of
from kerasnotes.use.trained import Trained

NAME = "ensemble"
"""In place of a note's, in the record."""
DRAWN = ("folds", "fold", "bootstrap")
"""What of the data's settings is a member's own."""


def new_record(
    opened: Sequence[Trained], model: Ensemble, data: DataConfig, task: str
) -> Record:
    """Returns the record of an ensemble before it is measured.

    Args:
        opened: Its members.
        model: All of them.
        data: Where their data come from, before anything is drawn.
        task: What its answer means.
    """
    first = opened[0].record
    return {
        "format": run.FORMAT,
        "note": NAME,
        "origin": None,
        "task": task,
        "status": "finished",
        "config": {
            "note": NAME,
            "model": {},
            "data": data.model_dump(mode="json"),
            "train": first.get("config", {}).get("train", {}),
        },
        "seed": first.get("seed"),
        "spec": model.spec.to_json(),
        "statistics": [[], []],
        "data": first.get("data", {}),
        "combine": model.combine,
        "members": [
            _member(one, weight)
            for one, weight in zip(opened, model.shares, strict=True)
        ],
        "epochs": max(int(one.record.get("epochs", 0)) for one in opened),
        "train_seconds": round(
            sum(float(one.record.get("train_seconds", 0)) for one in opened), 3
        ),
        "best": None,
    }


def _member(one: Trained, weight: float) -> Record:
    told = data_of(one)
    drawn = {k: told[k] for k in DRAWN if told.get(k) is not None}
    return {
        "path": str(one.path),
        "note": one.record.get("note"),
        "seed": one.record.get("seed"),
        **drawn,
        "weight": weight,
        "metrics": one.record.get("metrics", {}),
    }
