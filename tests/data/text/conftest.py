"""Text tables on disk, as for the readers."""

from tests.data.readers.conftest import save

__all__ = ["save"]
