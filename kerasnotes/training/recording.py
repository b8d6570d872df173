"""What a run's record says of its settings, its data and its best epoch."""

import datetime
import shlex
import sys

from kerasnotes.data.load import find_name
from kerasnotes.runs import run
from kerasnotes.runs.run import Record
from kerasnotes.runs.source import absolute
from kerasnotes.runtime import setup as backend
from kerasnotes.training.job import Job
from kerasnotes.training.plan import Monitor
from kerasnotes.training.state import Progress


def new_record(job: Job, choice: backend.Choice, command: str | None) -> Record:
    """Returns the record of a run that begins.

    Args:
        job: All that it works with.
        choice: The backend and device.
        command: What was called; by default this process' command line.
    """
    data, chosen = job.dataset, job.settings
    return {
        "format": run.FORMAT,
        "note": chosen.note.name,
        "origin": chosen.note.origin and str(chosen.note.origin),
        "task": job.task.name,
        "status": "created",
        "config": chosen.to_json(),
        "seed": chosen.train.seed,
        "spec": data.spec.to_json(),
        "statistics": list(job.statistics),
        "data": {
            **describe_source(job),
            "fingerprint": data.fingerprint,
            "counts": {
                name: len(data.split(name))
                for name in ("train", "validation", "test")
            },
        },
        "environment": backend.environment(choice),
        "sessions": [session(command)],
    }


def describe_source(job: Job) -> dict[str, str | None]:
    """Returns the source as it was given, and the whole path of a file."""
    source = job.settings.data.source
    elsewhere = job.settings.arrays is not None or find_name(source)
    path = None if elsewhere else absolute(source)
    return {"source": source, "path": path}


def go_on(record: Record, job: Job, source: str | None) -> Record:
    """Returns the record of a run that goes on, and where its data are now.

    Args:
        record: As it was.
        job: All that the run works with from here on.
        source: Where the user says that the data were moved to, or `None`.
    """
    config = job.settings.to_json()
    place = describe_source(job)
    # As it was given, however it was found.
    place["source"] = source or record["data"]["source"]
    config["data"]["source"] = place["source"]
    return {**record, "config": config, "data": {**record["data"], **place}}


def session(command: str | None) -> dict[str, str]:
    """Returns the entry of a call that trains: what was called, and when."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    if command is None:
        command = shlex.join(["kn", *sys.argv[1:]])
    return {"command": command, "started": now}


def best(progress: Progress, monitor: Monitor) -> Record | None:
    """Returns which epoch was best; `None` before the first has ended."""
    if not progress.best_epoch:
        return None
    epoch, name = progress.best_epoch, monitor.name
    (row,) = [row for row in progress.history if row["epoch"] == epoch]
    return {"epoch": epoch, "metric": name, "value": row.get(name or "")}
