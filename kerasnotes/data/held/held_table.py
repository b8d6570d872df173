"""A data frame in memory as a data source: read as a Parquet file is."""

import dataclasses
from typing import TYPE_CHECKING

from kerasnotes.base.config import DataConfig
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.meaning import columns
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table import read_table
from kerasnotes.data.readers.tables.typed_table import FrameTable

if TYPE_CHECKING:
    import polars as pl

NAME = "data frame"


@dataclasses.dataclass(frozen=True)
class HeldTable:
    """Rows with their labels, as a file holds them.

    Args:
        frame: All columns.
        targets: The columns of labels, where they came apart from the rest.
        named: Whether they came with their names.
        text: The column of texts, where inputs are such.
    """

    frame: "pl.DataFrame"
    targets: tuple[str, ...] = ()
    named: bool = False
    text: str | None = None

    def read(self, config: DataConfig, problems: Problems) -> Dataset | None:
        """Returns it as a data set.

        Raises:
            DataError: If its label is not clear.
        """
        if self.targets:
            columns.check_asked(config, self.targets if self.named else ())
            config = config.model_copy(update={"target": self.targets})
        if self.text is not None:
            config = config.model_copy(update={"text": self.text})
        return read_table(FrameTable.of(self.frame), NAME, config, problems)
