"""Where examples come from. `kerasnotes.data(...)` is `kerasnotes.api.data`."""

from kerasnotes.base.callable_package import make_callable

make_callable(__name__, "kerasnotes.api:data")
