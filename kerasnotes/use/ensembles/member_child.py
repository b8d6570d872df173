"""Trains one member of an ensemble, in a process and on processors of its own.

    python -m kerasnotes.use.ensembles.member_child < request.json

Lines of progress go to standard output, then one JSON object: `stopped`, or
why it failed.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from kerasnotes.base.output import tell
from kerasnotes.runtime import child


def main() -> None:
    """Reads the request, trains, answers."""
    request: dict[str, Any] = json.load(sys.stdin)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Before a framework counts them and starts as many threads.
    os.sched_setaffinity(0, request["processors"])
    try:
        child.answer({"stopped": train(request)})
    except Exception as error:
        child.answer_error(error)


def _end_with_parent() -> None:
    """Saves and stops, as after Ctrl-C, once nobody waits any more."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGINT)


def train(request: dict[str, Any]) -> str:
    """Returns why it stopped early, or nothing.

    Args:
        request: `note`, `blocks` (of settings), `out`, `resume`, `backend`,
            `precision` and `command`.
    """
    from kerasnotes.notes import find
    from kerasnotes.runtime.setup import setup
    from kerasnotes.training import settings
    from kerasnotes.training.progress import Plain

    choice = setup(request["backend"], request["precision"])
    from kerasnotes.training import fit

    folder, command = Path(request["out"]), request["command"]
    if request["resume"]:
        outcome = fit.resume(
            folder, {}, choice, Plain(), command=command, report=False
        )
    else:
        made = settings.make(find(request["note"]), request["blocks"])
        outcome = fit.start(
            made, choice, Plain(), out=folder, command=command, report=False
        )
    tell(f"after {outcome.record['train_seconds']:.0f} s of training")
    return outcome.stopped


if __name__ == "__main__":
    main()
