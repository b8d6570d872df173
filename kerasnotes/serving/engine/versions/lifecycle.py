"""The versions of one model: found in its folder, loaded, swapped, dropped.

A new version is loaded and warmed up beside the old one and takes its place
in one assignment, so no request falls between them.

Reference:
    TensorFlow Serving, `core/availability_preserving_policy.h` and
    `sources/storage_path/file_system_storage_path_source.h`.
"""

import dataclasses
import gc
import logging
import time
from collections.abc import Callable
from pathlib import Path

from kerasnotes.base.errors import reason
from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.versions.model_source import ModelSource

log = logging.getLogger("kerasnotes.serving")
TRIES = 6
"""Of loading a version whose files do not change: once, and 5 again."""
PAUSE = 60.0
"""Seconds between two such tries."""
REMEMBERED = 20
"""Versions that ended and are still told of."""

Fingerprint = tuple[tuple[str, int, int], ...]


@dataclasses.dataclass(frozen=True)
class VersionStatus:
    """What is told of one version; see TensorFlow Serving's states."""

    version: int
    state: str
    code: str
    message: str


@dataclasses.dataclass
class Version:
    """One version, and how far it is.

    Args:
        number: The version.
        state: `START`, `LOADING`, `AVAILABLE` or `END`.
        error: Why it ended, if it failed.
        fingerprint: Of the files that were tried.
        tries: How often.
        since: Time of the last try, on the monotonic clock.
    """

    number: int
    state: str = "START"
    error: ServingError | None = None
    fingerprint: Fingerprint = ()
    tries: int = 0
    since: float = 0.0

    def status(self) -> VersionStatus:
        """Returns what is told of it."""
        error = self.error
        return VersionStatus(
            self.number,
            self.state,
            error.code.name if error else "OK",
            error.message if error else "",
        )


Load = Callable[[str, int, Path], Servable]


class Versions:
    """All versions of one model.

    `refresh` runs in a thread, one at a time; the rest is read by the event
    loop. Dictionaries are replaced, not changed, so it reads old or new.

    Args:
        source: Where they come from.
        load: Loads and warms one up.
    """

    def __init__(self, source: ModelSource, load: Load) -> None:
        self.source = source
        self._load = load
        self.known: dict[int, Version] = {}
        self.available: dict[int, Servable] = {}
        self.wanted = True
        self._complaint = ""

    def refresh(
        self, patient: bool = True, source: ModelSource | None = None
    ) -> None:
        """Looks at the folder: loads what is new, then drops what is old.

        What cannot be seen, or fails to load, leaves what is served.

        Args:
            patient: Whether a folder whose files still change is left until
                the next look.
            source: Another policy and other labels, to be followed from now
                on. Labels move once what they point at is loaded.
        """
        source = source or self.source
        try:
            folders = source.folders() if self.wanted else {}
            chosen = source.policy.choose(list(folders))
            failed = self._load_chosen(folders, chosen, patient)
            if failed and not self.available and not source.policy.specific:
                self._fall_back(folders, chosen, patient)
        except OSError as error:
            self._complain(f"{source.name}: {error}")
            return
        absent = sorted(set(source.policy.specific) - set(folders))
        missing = ", ".join(map(str, absent)) if self.wanted else ""
        self._complain(missing and f"{source.name}: no version {missing}")
        self.source = source
        if failed and self.wanted:
            return
        for number in [n for n in self.available if n not in chosen]:
            self._drop(number)

    def _complain(self, text: str) -> None:
        """Logs what is wrong with the folder, once and not at every look."""
        if text and text != self._complaint:
            log.error("%s; what is served stays", text)
        self._complaint = text

    def _load_chosen(
        self, folders: dict[int, Path], chosen: list[int], patient: bool
    ) -> bool:
        """Loads what is not there yet; tells whether any of it failed."""
        missing = [n for n in chosen if n not in self.available]
        return not all([self._try(n, folders[n], patient) for n in missing])

    def _fall_back(
        self, folders: dict[int, Path], chosen: list[int], patient: bool
    ) -> None:
        """Serves an older version while the newest cannot be loaded."""
        for number in sorted(set(folders) - set(chosen), reverse=True):
            if self._try(number, folders[number], patient):
                return

    def _try(self, number: int, path: Path, patient: bool) -> bool:
        """Loads a version if its time has come; tells whether it is there."""
        current, version = fingerprint(path), self.known.get(number)
        if version is None or version.fingerprint != current:
            changed = version is not None or patient
            version = Version(number, fingerprint=current)
            self._set(version)
            if changed and patient and _fresh(current):
                return False
        if version.tries >= TRIES:
            return False
        if version.tries and time.monotonic() < version.since + PAUSE:
            return False
        return self._attempt(version, path)

    def _attempt(self, version: Version, path: Path) -> bool:
        version.state, version.tries = "LOADING", version.tries + 1
        version.since = time.monotonic()
        name, number = self.source.name, version.number
        try:
            servable = self._load(name, number, path)
        except ServingError as error:
            return self._end(version, error)
        except Exception as error:
            # One version's trouble, whatever it is, is not the others'.
            log.exception("%s version %d", name, number)
            text = f"{type(error).__name__}: {reason(error)}"
            return self._end(version, ServingError(Code.INTERNAL, text))
        version.error = None
        # Whoever sees the state must find the version.
        self.available = {**self.available, number: servable}
        version.state = "AVAILABLE"
        log.info("%s version %d is served", name, number)
        return True

    def _end(self, version: Version, error: ServingError) -> bool:
        version.state, version.error = "END", error
        name = self.source.name
        log.error("%s version %d: %s", name, version.number, error.message)
        return False

    def _drop(self, number: int) -> None:
        """Forgets a version; requests that hold it are still answered."""
        self.available = {
            key: value for key, value in self.available.items() if key != number
        }
        version = self.known[number]
        version.state = "END"
        version.tries, version.fingerprint = 0, ()
        # A graph is held by cycles, which Python would free much later.
        gc.collect()
        log.info("%s version %d is dropped", self.source.name, number)

    def _set(self, version: Version) -> None:
        versions = {**self.known, version.number: version}
        ended = [n for n in sorted(versions) if n not in self.available]
        for number in ended[:-REMEMBERED]:
            if number != version.number:
                del versions[number]
        self.known = versions

    def newest(self) -> Servable | None:
        """Returns the highest version that is available."""
        available = self.available
        return available[max(available)] if available else None

    def labelled(self, label: str) -> Servable | None:
        """Returns the version that a label points at, if available."""
        number = dict(self.source.labels).get(label)
        return None if number is None else self.available.get(number)


def fingerprint(path: Path) -> Fingerprint:
    """Returns names, sizes and times of a version's files."""
    entries = []
    for file in sorted(path.rglob("*")):
        try:
            stat = file.stat()
        except OSError:
            continue
        entries.append((str(file), stat.st_size, stat.st_mtime_ns))
    return tuple(entries)


def _fresh(entries: Fingerprint) -> bool:
    """Tells whether a file changed within the last second."""
    newest = max((stamp for _, _, stamp in entries), default=0)
    return time.time_ns() - newest < 10**9
