"""A formula that was found for one measured value."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Formula:
    """It, as people and programs read it.

    Args:
        text: As `--data formula:` reads it.
        latex: With what it gives, as LaTeX sets it.
        python: A function of arrays of the inputs, for NumPy, called as the
            target.
        names: Of its variables in the text, as many as there are inputs.
        rmse: Its error on the validation part, in the target's units.
        network: That of the network which it was found from.
        holds: Whether it is as good as the network, or better.
    """

    text: str
    latex: str
    python: str
    names: tuple[str, ...]
    rmse: float = 0.0
    network: float = 0.0
    holds: bool = False
