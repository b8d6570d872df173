"""LeNet of `kerasnotes.notes.bcnn.note`, estimator `lrt`, in plain `torch.nn`.

The same layers in the same order, written as a PyTorch user would (as in
PyTorch-BayesianCNN's `BBB_LRT`, with the divergence the right way round), so
that weights can be copied one by one.
"""
# ruff: noqa: TID253  (this file is the native PyTorch)

import math

import torch
import torch.nn.functional as F
from torch import nn


class Bayesian(nn.Module):
    """A linear function of normal weights; its outputs are drawn."""

    def __init__(self, shape, apply, prior_std):
        super().__init__()
        self.apply_to, self.prior_std = apply, prior_std
        self.kernel_mean = nn.Parameter(torch.empty(shape))
        self.kernel_rho = nn.Parameter(torch.empty(shape))
        self.bias_mean = nn.Parameter(torch.empty(shape[0]))
        self.bias_rho = nn.Parameter(torch.empty(shape[0]))

    def forward(self, x):
        kernel_std = F.softplus(self.kernel_rho)
        bias_std = F.softplus(self.bias_rho)
        mean = self.apply_to(x, self.kernel_mean, self.bias_mean)
        variance = self.apply_to(x**2, kernel_std**2, bias_std**2)
        std = torch.sqrt(variance.clamp_min(1e-16))
        kl = self.kl(self.kernel_mean, kernel_std)
        kl = kl + self.kl(self.bias_mean, bias_std)
        return mean + std * torch.randn_like(std), kl

    def kl(self, mean, std):
        squares = (std**2 + mean**2) / self.prior_std**2
        logs = 2.0 * (math.log(self.prior_std) - torch.log(std))
        return 0.5 * (squares - 1.0 + logs).sum()


class LeNet(nn.Module):
    """Returns logits `(B, K)` and the KL for raw pixels `(B, 1, 28, 28)`."""

    def __init__(self, width, classes, *, mean, variance, prior_std):
        super().__init__()
        self.mean, self.scale = mean, variance**-0.5
        c1, c2, d1, d2 = (round(width * n) for n in (6, 16, 120, 84))

        def same(x, kernel, bias):
            return F.conv2d(x, kernel, bias, padding=2)

        shapes = (
            ((c1, 1, 5, 5), same),
            ((c2, c1, 5, 5), F.conv2d),
            ((d1, 25 * c2), F.linear),
            ((d2, d1), F.linear),
            ((classes, d2), F.linear),
        )
        self.layers = nn.ModuleList(
            Bayesian(shape, apply, prior_std) for shape, apply in shapes
        )

    def forward(self, x):
        x = (x - self.mean) * self.scale
        total = 0.0
        for number, layer in enumerate(self.layers):
            x, kl = layer(x)
            total = total + kl
            if number < 2:
                x = F.max_pool2d(x, 2)
            if number < 4:
                x = F.softplus(x)
            if number == 1:
                # Keras' order of the features: channels last.
                x = x.permute(0, 2, 3, 1).flatten(1)
        return x, total


def copy_weights(model, arrays):
    """Fills the parameters, layer by layer, from Keras' arrays."""
    rest = iter(arrays)
    for layer in model.layers:
        for name in ("kernel_mean", "kernel_rho", "bias_mean", "bias_rho"):
            array = torch.as_tensor(next(rest))
            order = {4: (3, 2, 0, 1), 2: (1, 0)}.get(array.ndim, (0,))
            with torch.no_grad():
                getattr(layer, name).copy_(array.permute(order))
