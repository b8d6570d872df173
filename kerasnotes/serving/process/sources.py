"""What `kn serve` is pointed at, as models with a folder of versions."""

from collections.abc import Callable
from pathlib import Path

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.runs.run import find_run
from kerasnotes.serving.engine.versions.model_source import (
    ModelSource,
    is_saved_model,
)

FORBIDDEN = set("/:\\")
"""They part the name from the rest of a request's path."""


def find_source(
    text: str, tell: Callable[[str], None] = lambda line: None
) -> ModelSource:
    """Returns the model that an argument of `kn serve` names.

    Args:
        text: `PATH` or `NAME=PATH`. The path is a run's folder or a
            `.keras` file, which is exported first unless that was done;
            one SavedModel; or a folder of numbered SavedModels.
        tell: Told what takes long.

    Raises:
        StorageError: If there is nothing that can be served.
        UsageError: If two things have one name, or a name is no name.
    """
    name, path = _split(text)
    path = find_run(path, tell)
    if _is_trained(path):
        base = exported(path, tell).absolute()
        # A name given to `kn export` counts more than the folder's.
        named = path if base.name == default_name(path) else base
        return ModelSource(_name(name, named.absolute()), base)
    if not _holds_versions(path):
        raise StorageError(
            f"There is nothing to serve in {path}.",
            expected="a run's folder, a .keras file, a SavedModel, or a "
            "folder of numbered SavedModels",
            received=_what(path),
            hint=_advice(path),
        )
    base, single = path.absolute(), is_saved_model(path)
    named = base.parent if single and base.name.isdecimal() else base
    return ModelSource(_name(name, named), base, single=single)


def default_name(path: Path) -> str:
    """Returns what `kn export` calls a run or file without being told."""
    from kerasnotes.export import export

    return export.default_name(*export.find_source(path))


def _name(explicit: str | None, path: Path) -> str:
    """Returns the name that was given, or that of the folder or file."""
    name = explicit
    if name is None:
        name = path.name if path.is_dir() else path.stem
    return check_name(name)


def _what(path: Path) -> str:
    if path.is_dir():
        return "a folder without them"
    return "a file of another kind" if path.exists() else "no such file"


def _advice(path: Path) -> str:
    """Returns what to try instead: runs that lie near."""
    for folder in (path, "ckpts" / path):
        runs = sorted(each.parent for each in folder.glob("*/run.json"))
        if runs:
            return "kn serve " + " ".join(map(str, runs[:5]))
    return "kn export RUN writes a SavedModel"


def _split(text: str) -> tuple[str | None, Path]:
    name, equals, rest = text.partition("=")
    if equals and not Path(text).exists():
        return name, Path(rest)
    return None, Path(text)


def _is_trained(path: Path) -> bool:
    if path.is_dir():
        return (path / "run.json").is_file()
    return path.suffix == ".keras" and path.is_file()


def _holds_versions(path: Path) -> bool:
    if is_saved_model(path):
        return True
    return path.is_dir() and any(
        each.name.isdecimal() and is_saved_model(each)
        for each in path.iterdir()
    )


def exported(path: Path, tell: Callable[[str], None]) -> Path:
    """Returns the folder of versions of a run, exporting it if need be."""
    from kerasnotes.export.export import export_model, latest_export

    version = latest_export(path)
    if version is None or int(version.name) < max(_numbers(version.parent)):
        # Of older weights, or an export of another kind stands above it.
        tell(f"Exporting {path} to saved_model ...")
        version = export_model(path, format="saved_model")
    return version.parent


def _numbers(base: Path) -> list[int]:
    return [int(p.name) for p in base.iterdir() if p.name.isdecimal()]


def check_name(name: str) -> str:
    """Returns a model's name if requests can hold it.

    Raises:
        UsageError: If not.
    """
    if not name or not name.isprintable() or set(name) & FORBIDDEN:
        raise UsageError(
            "A model needs a name without slashes and colons.",
            received=repr(name),
            hint="NAME=PATH gives it another one",
        )
    return name


def check_unique(sources: list[ModelSource]) -> None:
    """Refuses two models of one name.

    Raises:
        UsageError: If there are.
    """
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(
                f"Two models are called {name}.",
                received=", ".join(
                    str(s.base) for s in sources if s.name == name
                ),
                hint="NAME=PATH gives one another name",
            )
