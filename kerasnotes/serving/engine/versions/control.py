"""Which models clients want loaded; shared by all processes of a server."""

import contextlib
from pathlib import Path
from urllib.parse import quote


class Control:
    """Remembers which models were unloaded.

    Args:
        folder: Shared by all processes; `None` if there is one only.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._unloaded: set[str] = set()

    def wants(self, name: str) -> bool:
        """Tells whether a model is to be served."""
        if self._folder is None:
            return name not in self._unloaded
        return not self._marker(self._folder, name).exists()

    def wish(self, name: str, wanted: bool) -> None:
        """Remembers what a client asked for."""
        if self._folder is None:
            (self._unloaded.discard if wanted else self._unloaded.add)(name)
        elif wanted:
            self._marker(self._folder, name).unlink(missing_ok=True)
        else:
            with contextlib.suppress(FileExistsError):
                self._marker(self._folder, name).touch(exist_ok=False)

    @staticmethod
    def _marker(folder: Path, name: str) -> Path:
        # Names are the operator's, but a slash would still be a folder.
        return folder / f"unloaded-{quote(name, safe='')}"
