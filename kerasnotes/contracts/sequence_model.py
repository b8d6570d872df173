"""What the notes that read series have in common: how they begin."""

from kerasnotes.contracts.note import NoteModel
from kerasnotes.data.dataset import Split
from kerasnotes.layers.linear_path import start_at_line


class SequenceModel(NoteModel):
    """Base of the notes that read series."""

    head = ("logits", "standardized", "deep", "wide")

    def solve_start(self, train: Split) -> str:
        """Starts the line of a forecast at least squares."""
        return start_at_line(self, train)
