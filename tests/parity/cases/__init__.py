"""What every backend must answer alike, a module a case.

A case has

    write(folder)         models and inputs, written once, on one backend
    answer(folder, name)  its answers on backend `name`, by "PART/WHAT"
    check(answers)        what must hold of them on any backend alone
    TOLERANCES            how far two backends may differ, by WHAT

and, where it keeps models as `PART-NAME.keras`, `read(path)`: every backend
then answers for what each has written.
"""

import importlib

NAMES = ("notes", "supervised", "tokens", "bcnn", "vae", "gan", "ddpm")


def find(name):
    """Returns the module of a case."""
    return importlib.import_module(f"{__name__}.{name}")
