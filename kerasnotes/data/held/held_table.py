"""A data frame in memory as a data source: read as a Parquet file is."""

import dataclasses
from typing import TYPE_CHECKING

from kerasnotes.base.config import DataConfig
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table import read_table
from kerasnotes.data.readers.tables.typed_table import FrameTable

if TYPE_CHECKING:
    import polars as pl

NAME = "data frame"


@dataclasses.dataclass(frozen=True)
class HeldTable:
    """Rows with their labels in one column, which a file would hold too.

    Args:
        frame: All columns.
        label: The column of labels, where it came apart from the rest.
    """

    frame: "pl.DataFrame"
    label: str | None = None

    @property
    def undivided(self) -> bool:
        return True

    def read(self, config: DataConfig, problems: Problems) -> Dataset | None:
        """Returns it as a data set.

        Raises:
            DataError: If its label is not clear.
        """
        if self.label is not None:
            config = config.model_copy(update={"target": self.label})
        return read_table(FrameTable.of(self.frame), NAME, config, problems)
