"""Configuration of the plain recurrent network."""

from kerasnotes.contracts.recurrent import RecurrentConfig


class RNNConfig(RecurrentConfig):
    """Sizes and variants of the plain recurrent network."""
