"""Models for servers, other runtimes and phones.

`kerasnotes.export(...)` is `kerasnotes.api.export`.
"""

from kerasnotes.base.callable_package import make_callable

make_callable(__name__, "kerasnotes.api:export")
