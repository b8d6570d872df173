"""How a run is watched in a notebook: one line that is rewritten in place."""

import sys
import time
from typing import Any

from kerasnotes.training.progress import Plain, Row

CELLS = 24
"""Length of the bar, characters."""


def in_notebook() -> bool:
    """Returns whether standard output is a notebook's cell."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell else None
    return hasattr(running, "kernel")


class NotebookLine(Plain):
    """A bar of text above the lines of the epochs, without widgets.

    The notebook's own way of rewriting an output is used: no character in
    it steers a terminal.
    """

    def begin(self, epochs: int, steps: int, monitor: str) -> None:
        super().begin(epochs, steps, monitor)
        self.steps, self.started = steps, time.monotonic()
        self.first: int | None = None
        self.line = _show("compiling ...")

    def step(self, epoch: int, step: int, values: Row) -> None:
        done, total = epoch * self.steps + step, self.epochs * self.steps
        if self.first is None:
            # What was done before, and compiling, is not this pace.
            self.first, self.started = done, time.monotonic()
        filled = CELLS * done // total
        text = f"epoch {epoch + 1}/{self.epochs} "
        text += f"[{'#' * filled}{'.' * (CELLS - filled)}]"
        text += f" loss {values['loss']:.4f}"
        pace = (done - self.first) / max(time.monotonic() - self.started, 1e-9)
        if pace:
            text += f"  {pace:.1f} steps/s  {(total - done) / pace:.0f} s left"
        _show(text, self.line)

    def end(self) -> None:
        # The epochs' lines say it all: no bar is saved with the notebook.
        _show("", self.line)


def _show(text: str, line: Any = None) -> Any:
    """Writes a new line into the cell, or rewrites one; returns it."""
    from IPython.display import display

    show: Any = display
    content = {"text/plain": text}
    if line is None:
        return show(content, raw=True, display_id=True)
    line.update(content, raw=True)
    return line
