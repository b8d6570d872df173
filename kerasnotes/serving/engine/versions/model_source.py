"""Where a model comes from, and which of its versions are served."""

import dataclasses
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Policy:
    """Which versions of a folder are served.

    Args:
        latest: How many of the highest; unless one of the others is given.
        every: All of them.
        specific: These.
    """

    latest: int = 1
    every: bool = False
    specific: tuple[int, ...] = ()

    def choose(self, numbers: list[int]) -> list[int]:
        """Returns the versions to serve, highest first."""
        ordered = sorted(numbers, reverse=True)
        if self.every:
            return ordered
        if self.specific:
            return [number for number in ordered if number in self.specific]
        return ordered[: self.latest]


@dataclasses.dataclass(frozen=True)
class ModelSource:
    """Where a model comes from.

    Args:
        name: Its name in requests.
        base: Folder of numbered versions; or one SavedModel, which is then
            version 1 or the number that its folder is called.
        policy: Which versions are served.
        labels: Versions by label.
        single: Whether `base` is one SavedModel.
    """

    name: str
    base: Path
    policy: Policy = Policy()
    labels: tuple[tuple[str, int], ...] = ()
    single: bool = False

    def folders(self) -> dict[int, Path]:
        """Returns the folders of versions that there are now.

        Raises:
            OSError: If that cannot be seen: the folder is being replaced, or
                files cannot be opened. It does not mean that there are none.
        """
        if self.single:
            (self.base / "saved_model.pb").stat()
            digits = self.base.name
            return {int(digits) if digits.isdecimal() else 1: self.base}
        return {
            int(path.name): path
            for path in self.base.iterdir()
            if path.name.isdecimal() and is_saved_model(path)
        }


def is_saved_model(path: Path) -> bool:
    """Tells whether a folder is one SavedModel."""
    return (path / "saved_model.pb").is_file()
