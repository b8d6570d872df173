"""Trains one member of an ensemble, in a process and on processors of its own.

    python -m kerasnotes.use.member_child < request.json

Lines of progress go to standard output, then one JSON object: `stopped`, or
why it failed.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from kerasnotes.base.output import tell
from kerasnotes.runtime import child


def main() -> None:
    """Reads the request, trains, answers."""
    request: dict[str, Any] = json.load(sys.stdin)
    # Before a framework counts them and starts as many threads.
    os.sched_setaffinity(0, request["processors"])
    try:
        child.answer({"stopped": train(request)})
    except Exception as error:
        child.answer_error(error)


def train(request: dict[str, Any]) -> str:
    """Returns why it stopped early, or nothing.

    Args:
        request: `note`, `blocks` (of settings), `out`, `backend`,
            `precision` and `command`.
    """
    from kerasnotes.notes import find
    from kerasnotes.runtime.setup import setup
    from kerasnotes.training import settings
    from kerasnotes.training.progress import Plain

    choice = setup(request["backend"], request["precision"])
    from kerasnotes.training import fit

    made = settings.make(find(request["note"]), request["blocks"])
    outcome = fit.start(
        made,
        choice,
        Plain(),
        out=Path(request["out"]),
        command=request["command"],
    )
    tell(f"after {outcome.record['train_seconds']:.0f} s of training")
    return outcome.stopped


if __name__ == "__main__":
    main()
