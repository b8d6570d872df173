"""Running a Python file of the user's own; its mistakes on one screen."""

import importlib
import importlib.machinery
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from kerasnotes.base.errors import UsageError


def module_name(path: Path) -> str:
    """Returns what the module of a file or package folder is called.

    Raises:
        UsageError: If that is no name, or another module's.
    """
    name = path.stem
    if not name.isidentifier():
        raise UsageError(
            f"{path} cannot be imported.",
            expected="a file name that is a Python name: my_note.py",
            received=path.name,
        )
    if name in sys.stdlib_module_names or _elsewhere(name, path):
        raise UsageError(
            f"{path} has the name of another Python module.",
            expected="a name of its own: my_note.py",
            received=path.name,
            hint="rename the file; its classes are registered under its name",
        )
    return name


def _elsewhere(name: str, path: Path) -> bool:
    """Whether `import name` would find another file, here or elsewhere."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        return getattr(loaded, "__file__", None) != str(main_file(path))
    # A file in a folder that Python searches first hides what it is called
    # like: `keras.py` in the current folder.
    folder = path.resolve().parent
    others = [place for place in sys.path if Path(place).resolve() != folder]
    find = importlib.machinery.PathFinder.find_spec
    try:
        specs = (importlib.util.find_spec(name), find(name, others))
    except (ImportError, ValueError):
        return False
    origins = [spec.origin for spec in specs if spec and spec.origin]
    return any(Path(o).resolve() != main_file(path) for o in origins)


def find_module(name: str) -> Path | None:
    """Returns the file of an installed module; runs no package around it.

    Args:
        name: Its full name, `package.part`.
    """
    first, *rest = name.split(".")
    try:
        spec = importlib.util.find_spec(first)
    except (ImportError, ValueError):
        return None
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(
            f"{spec.name}.{part}", spec.submodule_search_locations
        )
    return Path(spec.origin) if spec and spec.origin else None


def main_file(path: Path) -> Path:
    """Returns the file that holds a module, or a package's `__init__.py`."""
    return (path / "__init__.py" if path.is_dir() else path).resolve()


def load(path: Path, name: str, part: str) -> ModuleType:
    """Returns the module `part` of a package, or the file itself.

    Args:
        path: A `.py` file, or the folder of a package.
        name: Full name of the module, as `module_name` gives it.
        part: Module of a package (`config`, `note`); a file, or a package
            without it, holds everything itself.

    Raises:
        UsageError: If the file raises; shows its own last lines.
    """
    try:
        module = sys.modules.get(name) or _run(path, name)
        if path.is_dir() and (path / f"{part}.py").is_file():
            return importlib.import_module(f"{name}.{part}")
        return module
    except (Exception, SystemExit) as error:
        raise _explain(path, error) from error


def _run(path: Path, name: str) -> ModuleType:
    file = main_file(path)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _explain(path: Path, error: BaseException) -> UsageError:
    """Shows where in the user's own files an error arose, not where in ours."""
    root = main_file(path) if path.is_file() else path.resolve()
    lines = [
        f"  {frame.filename}, line {frame.lineno}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).resolve().is_relative_to(root)
    ]
    said = " ".join(traceback.format_exception_only(error)[-1].split())
    return UsageError(
        f"{path} stops with an error when it is imported.",
        received="\n".join([said[:300], *lines[-3:]]),
        hint=f"mend it until `python {main_file(path)}` runs",
    )
