"""Doing something as soon as a module is there, without importing it."""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def call_after_import(name: str, action: Callable[[], None]) -> None:
    """Calls `action` when a module is imported; now, if it is already.

    Args:
        name: A module at the top: `keras`.
        action: Called once, when all code of the module has run.
    """
    if name in sys.modules and not _is_loading(name):
        action()
        return
    sys.meta_path.insert(0, _Watcher(name, action))


def _is_loading(name: str) -> bool:
    spec = sys.modules[name].__spec__
    return bool(getattr(spec, "_initializing", False))


class _Watcher:
    """A finder that finds what the others find, and sees it loaded."""

    def __init__(self, name: str, action: Callable[[], None]) -> None:
        self.name, self.action = name, action

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        others = (f for f in sys.meta_path if f is not self)
        found = (f.find_spec(fullname, path, target) for f in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def _follow(self, loader: Any) -> None:
        """Has the loader of this one import act when it is done.

        A look at the spec alone (`importlib.util.find_spec`) does nothing.
        """
        execute = loader.exec_module

        def exec_and_act(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                self.action()

        loader.exec_module = exec_and_act
