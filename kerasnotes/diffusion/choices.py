"""What one may choose for a diffusion process, by name; needs no Keras."""

from typing import Literal, get_args

Parameterization = Literal["noise", "x_start", "score", "v", "mean"]
"""What the network predicts; see `parameterization`."""
PARAMETERIZATIONS: tuple[Parameterization, ...] = get_args(Parameterization)
Weighting = Literal["simple", "variational", "min_snr"]
"""Of the times in the loss; see `training_loss`."""
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)
Variance = Literal["fixed_small", "fixed_large"]
"""Of a step of the reverse process: beta-tilde or beta."""
