"""What is told of members: of their data once, of their training each time."""

from kerasnotes.training.progress import Reporter, Row


class ToldOnce:
    """Passes on what is told, but what was said before an earlier training.

    Args:
        reporter: Who is told.
    """

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self._before, self._said = False, set[str]()

    def start(self, title: str) -> None:
        """Names the member that is trained next."""
        self._before = True
        self.reporter.say(title)

    def say(self, text: str) -> None:
        if self._before:
            if text in self._said:
                return
            self._said.add(text)
        self.reporter.say(text)

    def begin(self, epochs: int, steps: int, monitor: str) -> None:
        self._before = False
        self.reporter.begin(epochs, steps, monitor)

    def step(self, epoch: int, step: int, values: Row) -> None:
        self.reporter.step(epoch, step, values)

    def epoch(self, row: Row) -> None:
        self.reporter.epoch(row)

    def end(self) -> None:
        self.reporter.end()
