"""The variables that frameworks read when they are imported."""

import os


def set_environment(backend: str) -> None:
    """Sets the variables that frameworks read when they are imported.

    What the user has set stays, except for the backend.
    """
    os.environ["KERAS_BACKEND"] = backend
    defaults = {
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        # What matters is raised too; its errors that are only logged, as what
        # oneDNN lacks without AVX-512, a user can do nothing about.
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
