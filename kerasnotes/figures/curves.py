"""The picture of a run's history, and its table."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from kerasnotes.base import files

Rows = Sequence[dict[str, float]]


def write_history(rows: Rows, path: Path) -> None:
    """Writes one CSV line an epoch."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names)]
    for row in rows:
        lines.append(",".join(f"{row.get(n, float('nan')):.8g}" for n in names))
    files.write_text(path, "\n".join(lines) + "\n")


def draw_curves(rows: Rows, path: Path) -> None:
    """Draws loss, metrics and learning rate over the epochs (PNG)."""
    hidden = ("epoch", "seconds", "learning_rate")
    names = [
        name
        for name in rows[0]
        if name not in hidden and not name.startswith("val_")
    ]
    panels = [*names, "learning_rate"]
    figure = Figure(figsize=(4 * len(panels), 3.2), layout="constrained")
    for place, name in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), place)
        for key, label in ((name, "training"), (f"val_{name}", "validation")):
            if key in rows[0]:
                epochs = [row["epoch"] for row in rows]
                values = [row[key] for row in rows]
                mark = "o" if len(rows) < 30 else None
                axes.plot(epochs, values, label=label, marker=mark, ms=3)
        axes.set_title(name.replace("_", " "))
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        if name != "learning_rate":
            axes.legend(frameon=False)
    with files.replacing(path) as part:
        figure.savefig(part, dpi=110)
