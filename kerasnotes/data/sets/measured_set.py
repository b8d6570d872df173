"""What a set whose answers are computed refuses to be read as."""

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError


def check_measured(config: DataConfig, answers: str) -> None:
    """Refuses settings that want of a set what it is not.

    Args:
        config: What the user says of labels.
        answers: What is given and measured, for the message.

    Raises:
        UsageError: If another target, or classes, are asked for.
    """
    if config.target is not None or config.labels == "classes":
        raise UsageError(
            f"{answers} given, and measured.",
            expected="no data.target, no data.labels=classes",
            received=f"data.target={config.target}, "
            f"data.labels={config.labels}",
        )
