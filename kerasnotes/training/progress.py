"""How a run is watched: a live bar, plain lines, JSON lines, or not at all.

Imports no framework. A reporter is told of steps a few times a second at
most, and of every finished epoch.
"""

import json
import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

from kerasnotes.base.output import show_number, tell

Row = Mapping[str, float]


class Reporter(Protocol):
    """What training tells while it runs."""

    def say(self, text: str) -> None:
        """Shows one sentence."""

    def begin(self, epochs: int, steps: int, monitor: str) -> None:
        """Training starts; `steps` are the steps of one epoch."""

    def step(self, epoch: int, step: int, values: Row) -> None:
        """Some step is done; `values` are the epoch's means so far."""

    def epoch(self, row: Row) -> None:
        """An epoch is done."""

    def end(self) -> None:
        """Training is over."""


class Quiet:
    """Says nothing."""

    def say(self, text: str) -> None: ...

    def begin(self, epochs: int, steps: int, monitor: str) -> None: ...

    def step(self, epoch: int, step: int, values: Row) -> None: ...

    def epoch(self, row: Row) -> None: ...

    def end(self) -> None: ...


class Plain(Quiet):
    """One line an epoch, no control characters: for pipes and log files."""

    def __init__(self) -> None:
        self.epochs = 0

    def say(self, text: str) -> None:
        tell(text)

    def begin(self, epochs: int, steps: int, monitor: str) -> None:
        self.epochs = epochs

    def epoch(self, row: Row) -> None:
        tell(format_row(row, self.epochs))


class JsonLines(Quiet):
    """One JSON object a line, on standard output."""

    def say(self, text: str) -> None:
        self._print({"event": "message", "text": text})

    def begin(self, epochs: int, steps: int, monitor: str) -> None:
        event = {"event": "begin", "epochs": epochs, "steps_per_epoch": steps}
        self._print({**event, "monitor": monitor})

    def epoch(self, row: Row) -> None:
        self._print({"event": "epoch", **row})

    @staticmethod
    def _print(value: dict[str, Any]) -> None:
        tell(json.dumps(value))


class Bar(Plain):
    """One live bar: loss, main metric, steps a second, time left."""

    def begin(self, epochs: int, steps: int, monitor: str) -> None:
        from rich import progress

        super().begin(epochs, steps, monitor)
        self.steps, self.metric = steps, monitor.removeprefix("val_")
        self.started: tuple[float, int] | None = None
        self.bar = progress.Progress(
            progress.TextColumn("epoch {task.fields[epoch]}/{task.fields[of]}"),
            progress.BarColumn(),
            progress.TextColumn("{task.fields[text]}"),
            progress.TimeRemainingColumn(),
            transient=True,  # the last epoch's line says it all
        )
        self.task = self.bar.add_task(
            "", total=epochs * steps, epoch=1, of=epochs, text="compiling"
        )
        self.bar.start()

    def say(self, text: str) -> None:
        if hasattr(self, "bar"):
            self.bar.console.print(text, markup=False, highlight=False)
        else:
            tell(text)

    def step(self, epoch: int, step: int, values: Row) -> None:
        done = epoch * self.steps + step
        now = time.monotonic()
        if self.started is None:
            self.started = (now, done)
        since, first = self.started
        rate = (done - first) / max(now - since, 1e-9)
        text = f"loss {show_number(values['loss'])}"
        if self.metric in values:
            text += f"  {self.metric} {values[self.metric]:.4f}"
        if rate:
            text += f"  {rate:.1f} steps/s"
        self.bar.update(self.task, completed=done, epoch=epoch + 1, text=text)

    def epoch(self, row: Row) -> None:
        self.say(format_row(row, self.epochs))

    def end(self) -> None:
        self.bar.stop()


def format_row(row: Row, epochs: int) -> str:
    """Returns one finished epoch as one line."""
    hidden = ("epoch", "seconds", "learning_rate")
    numbers = "  ".join(
        f"{name} {show_number(value)}"
        for name, value in row.items()
        if name not in hidden
    )
    epoch = f"epoch {show_epoch(row['epoch'])}/{epochs}"
    return f"{epoch}  {numbers}  lr {row['learning_rate']:.2e}  " + (
        f"{row['seconds']:.1f} s"
    )


def show_epoch(epoch: float) -> str:
    """Returns a number of epochs: `3`, or `3.4` of one that was cut."""
    return f"{epoch:.0f}" if epoch == int(epoch) else f"{epoch:.1f}"


def make_reporter(as_json: bool, quiet: bool) -> Reporter:
    """Returns what fits the standard output and the options."""
    if as_json:
        return JsonLines()
    if quiet:
        return Quiet()
    from kerasnotes.training.notebook_line import NotebookLine, in_notebook

    if in_notebook():
        return NotebookLine()
    return Bar() if sys.stdout.isatty() else Plain()
