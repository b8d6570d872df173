"""Where the data of a run lie, wherever `kn` is called from."""

from pathlib import Path

from kerasnotes.base.errors import DataError
from kerasnotes.runs.run import Record


def absolute(source: str) -> str:
    """Returns the whole path of a file or folder."""
    return str(Path(source).expanduser().absolute())


def find_source(record: Record) -> str:
    """Returns the source that a run was trained on, as it is found now.

    The folder that the run was started from goes first: in another one the
    same words may name other data. Where nothing lies there any more, as
    after a whole project was moved, the words are taken as they are.

    Args:
        record: The run's. Those written before paths were kept, and those
            of named sets and of arrays, hold no path.

    Raises:
        DataError: If the data are in neither place.
    """
    given = str(record["config"]["data"]["source"])
    path = record.get("data", {}).get("path")
    if path is None:
        return given
    if Path(path).exists():
        return given if absolute(given) == path else str(path)
    if not Path(given).expanduser().exists():
        raise DataError(
            f"The data of this run are no longer at {path}.",
            expected="what it was trained on, there or elsewhere",
            hint="say where they are now: --data PATH",
        )
    return given
