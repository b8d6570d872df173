"""Runs on disk. `kerasnotes.runs()` is `kerasnotes.api.runs`."""

from kerasnotes.base.callable_package import make_callable

make_callable(__name__, "kerasnotes.api:runs")
