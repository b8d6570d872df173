"""The transformer note in plain `torch.nn`, as a PyTorch user would write it.

`nn.TransformerEncoder` with normalization first: its attention is fused.
"""
# ruff: noqa: TID253  (this file is the native PyTorch)

import math

import numpy as np
import torch
from torch import nn


class Classifier(nn.Module):
    """Classes of raw series `(B, T, D)`."""

    def __init__(
        self, rows, columns, classes, *, width, heads, depth, mean, variance
    ):
        super().__init__()
        self.mean, self.scale = mean, variance**-0.5
        self.embed = nn.Linear(columns, width)
        layer = nn.TransformerEncoderLayer(
            width,
            heads,
            4 * width,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, depth, nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.answer = nn.Linear(width, classes)
        t = torch.arange(rows)[:, None]
        i = torch.arange(0, width, 2)
        angles = t * torch.exp(-math.log(10_000.0) * i / width)
        table = torch.stack([angles.sin(), angles.cos()], dim=-1)
        self.register_buffer("positions", table.reshape(rows, width))

    def forward(self, x):
        x = self.embed((x - self.mean) * self.scale) + self.positions
        return self.answer(self.encoder(x).mean(dim=1))


def copy_weights(model, arrays):
    """Copies what `transformer_contender.keras_weights` gives, by name."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            array = np.ascontiguousarray(arrays[name])
            parameter.copy_(torch.as_tensor(array))
