"""Packages that can be called, as `kerasnotes.data("digits")`.

Python makes an imported package an attribute of its parent, so that the
package `kerasnotes.data` and a function `kerasnotes.data` cannot be two
things: what came last would win. They are one, in whatever order.
"""

import importlib
import inspect
import sys
import types
from typing import Any


class _CallablePackage(types.ModuleType):
    """A package with a function to stand for it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    @property
    def _function(self) -> Any:
        module, _, name = self.__dict__["_called"].partition(":")
        return getattr(importlib.import_module(module), name)

    @property
    def __signature__(self) -> inspect.Signature:
        """What editors and `help` show of the arguments."""
        return inspect.signature(self._function)


def make_callable(package: str, function: str) -> None:
    """Has calls of a package answered by a function.

    Args:
        package: The package's `__name__`; it is being imported.
        function: `module:name`, imported when it is called.
    """
    module = sys.modules[package]
    module.__dict__["_called"] = function
    module.__class__ = _CallablePackage
