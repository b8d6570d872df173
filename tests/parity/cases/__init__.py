"""What every backend must answer alike, a module a case.

A case has

    write(folder)         models and inputs, written once, on one backend
    answer(folder, name)  its answers on backend `name`, by "PART/WHAT"
    check(answers)        what must hold of them on any backend alone
    TOLERANCES            how far two backends may differ, by WHAT

and, where it keeps what it trained as `PART-NAME.keras`, `predict(model, x)`
and the inputs in `PART.npz`: every backend then reads what each has written.
"""

import importlib

NAMES = ("supervised", "bcnn", "vae", "gan", "ddpm")


def find(name):
    """Returns the module of a case."""
    return importlib.import_module(f"{__name__}.{name}")
