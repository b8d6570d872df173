"""lstm, tcn and transformer in plain `torch.nn`, as a PyTorch user writes them.

`nn.LSTM` and `nn.TransformerEncoder` with normalization first: both run fused
kernels. The TCN is that of the paper's authors: `weight_norm` of `nn.Conv1d`.
"""
# ruff: noqa: TID253  (this file is the native PyTorch)

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm


class TransformerClassifier(nn.Module):
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


class LSTMClassifier(nn.Module):
    """Classes of raw series `(B, T, D)`, by the last state."""

    def __init__(self, rows, columns, classes, *, widths, mean, variance):
        super().__init__()
        self.mean, self.scale = mean, variance**-0.5
        [width] = set(widths)
        self.lstm = nn.LSTM(columns, width, len(widths), batch_first=True)
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("bias_hh"):
                # One bias a gate, as the equations have it.
                nn.init.zeros_(parameter).requires_grad_(False)
        self.answer = nn.Linear(width, classes)

    def forward(self, x):
        states, _ = self.lstm((x - self.mean) * self.scale)
        return self.answer(states[:, -1])


class CausalBlock(nn.Module):
    """`relu(x + F(x))` of dilated causal convolutions."""

    def __init__(self, given, filters, kernel_size, dilation):
        super().__init__()
        self.reach = (kernel_size - 1) * dilation
        for number, width in ((1, given), (2, filters)):
            conv = nn.Conv1d(width, filters, kernel_size, dilation=dilation)
            setattr(self, f"conv{number}", weight_norm(conv))
        if given != filters:
            self.shortcut = nn.Linear(given, filters)
        self.given, self.filters = given, filters

    def forward(self, x):
        y = F.relu(self.conv1(F.pad(x, (self.reach, 0))))
        y = F.relu(self.conv2(F.pad(y, (self.reach, 0))))
        if self.given != self.filters:
            x = self.shortcut(x.transpose(1, 2)).transpose(1, 2)
        return F.relu(x + y)


class TCNClassifier(nn.Module):
    """Classes of raw series `(B, T, D)`, by the last step."""

    def __init__(
        self, rows, columns, classes, *, filters, kernel_size, levels, mean,
        variance,
    ):  # fmt: skip
        super().__init__()
        self.mean, self.scale = mean, variance**-0.5
        self.blocks = nn.ModuleDict()
        for level in range(levels):
            given = filters if level else columns
            block = CausalBlock(given, filters, kernel_size, 2**level)
            self.blocks[str(level + 1)] = block
        self.answer = nn.Linear(filters, classes)

    def forward(self, x):
        x = ((x - self.mean) * self.scale).transpose(1, 2)
        for block in self.blocks.values():
            x = block(x)
        return self.answer(x[..., -1])


NETWORKS = {
    "transformer": TransformerClassifier,
    "lstm": LSTMClassifier,
    "tcn": TCNClassifier,
}


def copy_weights(model, arrays):
    """Copies what `sequence_contender.keras_weights` gives, by name."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                array = np.ascontiguousarray(arrays[name])
                parameter.copy_(torch.as_tensor(array))
