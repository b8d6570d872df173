"""A note's entry in the list of notes: what is known without running it."""

import dataclasses
import functools
import importlib
import importlib.util
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import UsageError
from kerasnotes.runtime import user_module


@dataclasses.dataclass(frozen=True)
class Note:
    """One architecture.

    A file of one's own declares it as `NOTE = Note(name="...", ...)`, with
    plain values: they are read without running the file.

    Args:
        name: What `kn` calls it.
        family: Group of related notes.
        task: What its output means: a key of `tasks.TASKS`, or several with
            `|` between them, of which the data's target chooses.
        data: Source used when none is given.
        summary: One line of help.
        model: Name of the `keras.Model` class, in the module `note` of the
            package, or in the package itself; its fields are the class
            `<model>Config`, in the module `config` or there.
        package: Python module or package that holds both; a file of one's
            own leaves it out.
        origin: File or folder that was imported, or `None` for our own.
    """

    name: str
    family: str
    task: str
    data: str
    summary: str
    model: str
    package: str = ""
    origin: Path | None = None

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks by name, the usual one first."""
        return tuple(name.strip() for name in self.task.split("|"))

    @property
    def prefix(self) -> str:
        """What stands before `>` in the registered names of its classes."""
        return self.package.split(".")[0]

    @property
    def light(self) -> bool:
        """Whether its fields stand apart, and can be read without Keras."""
        if self.origin is not None:
            return (self.origin / "config.py").is_file()
        found = importlib.util.find_spec(self.package)
        return (
            found is not None and found.submodule_search_locations is not None
        )

    def model_class(self) -> Any:
        """Returns the `keras.Model`; imports Keras.

        Raises:
            UsageError: If a file of one's own is no whole note.
        """
        found = self._find(self.model, "note")
        if self.origin is not None:
            _check_registered(self, found)
        return found

    def config_class(self) -> Any:
        """Returns the model's own fields.

        Keras is imported if they stand in one file with the model.

        Raises:
            UsageError: If a file of one's own has none.
        """
        return self._find(f"{self.model}Config", "config")

    def _find(self, name: str, part: str) -> Any:
        module = self._module(part)
        try:
            return getattr(module, name)
        except AttributeError:
            raise UsageError(
                f"The note `{self.name}` has no class {name}.",
                expected=f"`class {name}({_BASES[part]})` in {self.origin}",
                received=", ".join(_classes(module)) or "no class",
                hint="NOTE names the model's class; the class of its fields "
                "has the same name with Config at the end",
            ) from None

    def _module(self, part: str) -> Any:
        if self.origin is None:
            module = importlib.import_module(self.package)
            if not hasattr(module, "__path__"):
                return module  # a note of one file
            return importlib.import_module(f"{self.package}.{part}")
        return user_module.load(self.origin, self.package, part)


_BASES = {"config": "NoteConfig", "note": "NoteModel"}


def _classes(module: Any) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]


@functools.cache
def _check_registered(note: Note, model: type) -> None:
    """Refuses classes that Keras could not find again in a saved file."""
    import keras

    received = keras.saving.get_registered_name(model)
    fits = keras.saving.get_registered_object(received) is model
    if not fits or received.split(">")[0] != note.prefix:
        raise UsageError(
            f"The class {note.model} of the note `{note.name}` is not "
            "registered under its own package's name.",
            expected=f"{note.prefix}>{note.model}",
            received=received if fits else "a class that is not registered",
            hint="write above it @keras.saving.register_keras_serializable"
            f'("{note.prefix}")',
        )
