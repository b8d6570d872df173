"""Classical neural architectures: `import kerasnotes as kn`.

    run = kn.fit("unet", data="cells/", epochs=20, width=32)
    run.metrics, run.figures["predictions"], run.predict("cell.png")

What is here is in `kerasnotes.api`, imported when it is first used: no
framework comes with this package. From then on `keras.saving.load_model`
knows the notes.
"""

import importlib
from typing import TYPE_CHECKING, Any

from kerasnotes.runtime.after_import import call_after_import

if TYPE_CHECKING:
    from kerasnotes.api import (
        compare,
        data,
        ensemble,
        evaluate,
        export,
        fit,
        load,
        notes,
        predict,
        runs,
        sample,
    )
    from kerasnotes.use.trained_run import TrainedRun

    __version__: str

__all__ = [
    "TrainedRun",
    "__version__",
    "compare",
    "data",
    "ensemble",
    "evaluate",
    "export",
    "fit",
    "load",
    "notes",
    "predict",
    "runs",
    "sample",
]
_PACKAGES = ("data", "export", "notes", "runs")
"""Functions that share their name with a package, which answers for them."""


def _register_notes() -> None:
    from kerasnotes.notes.stand_ins import register

    register()


call_after_import("keras", _register_notes)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("kerasnotes")
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    if name == "TrainedRun":
        return importlib.import_module("kerasnotes.use.trained_run").TrainedRun
    if name in __all__:
        return getattr(importlib.import_module("kerasnotes.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
