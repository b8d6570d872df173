"""Runs a module of ours in a process of its own; its answer is JSON.

A process can hold one backend only, and a broken one may take its process
down; so whatever must see several backends asks children.
"""

import json
import os
import subprocess
import sys
from typing import Any

from kerasnotes.base import errors
from kerasnotes.base.errors import KerasNotesError

Answer = dict[str, Any]


def ask(module: str, *args: str, backend: str, timeout: float = 300) -> Answer:
    """Runs a module on `backend`; returns what it printed.

    Args:
        module: Full name of the module.
        *args: Its arguments.
        backend: Value of `KERAS_BACKEND` for the child.
        timeout: Seconds to wait at most.

    Returns:
        The JSON object on the last line of its standard output, or
        `{"error": one line}` if it failed to print one.
    """
    try:
        done = subprocess.run(
            module_command(module, *args),
            env={**os.environ, "KERAS_BACKEND": backend},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {timeout:g} seconds"}
    lines = done.stdout.strip().splitlines()
    try:
        answer = json.loads(lines[-1]) if lines else None
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    return {"error": _last_words(done)}


def module_command(module: str, *args: str) -> list[str]:
    """Returns the command that runs a module in a process of its own.

    Its path is safe (`-P`): a `jax.py` in the current folder is the user's,
    and not what our modules import.
    """
    return [sys.executable, "-P", "-m", module, *args]


def _last_words(done: "subprocess.CompletedProcess[str]") -> str:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode < 0:
        lines.append(f"killed by signal {-done.returncode}")
    return (lines or [f"ended with exit code {done.returncode}"])[-1][:300]


def answer_error(error: Exception) -> None:
    """Prints why a child failed; `reraise` makes it an error again."""
    if isinstance(error, KerasNotesError):
        fields = ("message", "expected", "received", "hint")
        mistake = {name: getattr(error, name) for name in fields}
        kind = type(error).__name__
        answer({"error": error.message, "mistake": mistake, "kind": kind})
        return
    reason = " ".join(str(error).split())[:300]
    answer({"error": f"{type(error).__name__}: {reason}"})


def reraise(answered: Answer) -> None:
    """Raises the mistake that a child met, if it met one.

    Raises:
        KerasNotesError: Of the child's class, with its words.
    """
    mistake = answered.get("mistake")
    if mistake:
        kind = getattr(errors, str(answered.get("kind")), errors.UsageError)
        raise kind(mistake.pop("message"), **mistake)


def answer(value: Answer) -> None:
    """Prints a child's answer, as its last line."""
    print("\n" + json.dumps(value), flush=True)
