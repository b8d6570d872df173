"""The U-Net of `kerasnotes.notes.unet.note` in plain `torch.nn`.

The same layers in the same order, written as a PyTorch user would, so that
weights can be copied one by one.
"""
# ruff: noqa: TID253  (this file is the native PyTorch)

import torch
import torch.nn.functional as F
from torch import nn


def double_conv(channels: int, filters: int) -> nn.Sequential:
    layers = []
    for size in (channels, filters):
        layers += [
            nn.Conv2d(size, filters, 3, padding=1, bias=False),
            nn.BatchNorm2d(filters, eps=1e-5, momentum=0.1),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Returns logits `(B, K, H, W)` for raw pixels `(B, C, H, W)`."""

    def __init__(
        self,
        channels: int,
        classes: int,
        *,
        width: int,
        depth: int,
        mean: float,
        variance: float,
    ) -> None:
        super().__init__()
        self.mean, self.scale = mean, variance**-0.5
        sizes = [width * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList()
        for size in sizes:
            self.down.append(double_conv(channels, size))
            channels = size
        self.up, self.merge = nn.ModuleList(), nn.ModuleList()
        for size in reversed(sizes[:-1]):
            self.up.append(nn.ConvTranspose2d(2 * size, size, 2, stride=2))
            self.merge.append(double_conv(2 * size, size))
        self.logits = nn.Conv2d(sizes[0], classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = (x - self.mean) * self.scale
        skips = []
        for block in self.down[:-1]:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.down[-1](x)
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat([skips.pop(), up(x)], dim=1))
        return self.logits(x)


def cross_entropy_dice(
    logits: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Returns cross-entropy plus soft Dice per image, mean of the batch."""
    p = torch.softmax(logits, dim=1)
    g = F.one_hot(labels, logits.shape[1]).movedim(-1, 1).to(p.dtype)
    overlap = 2 * (p * g).sum((2, 3)) + 1
    total = p.sum((2, 3)) + g.sum((2, 3)) + 1
    dice = 1 - (overlap / total).mean(1)
    return F.cross_entropy(logits, labels) + dice.mean()


def copy_weights(model: UNet, arrays: list) -> None:
    """Copies Keras' weights, in the order of its layers.

    Kernels go from HWIO to OIHW, those of transposed convolutions from
    HWOI to IOHW: both by moving the last two axes to the front, reversed.
    """
    targets = []
    for module in model_layers(model):
        targets += [module.weight] + (
            [] if module.bias is None else [module.bias]
        )
        if isinstance(module, nn.BatchNorm2d):
            targets += [module.running_mean, module.running_var]
    with torch.no_grad():
        for target, array in zip(targets, arrays, strict=True):
            value = torch.as_tensor(array)
            if value.ndim == 4:
                value = value.permute(3, 2, 0, 1)
            target.copy_(value)


def model_layers(model: UNet) -> list[nn.Module]:
    """Returns the layers that hold weights, in Keras' order."""
    blocks = [*model.down]
    for up, merge in zip(model.up, model.merge, strict=True):
        blocks += [[up], merge]
    blocks.append([model.logits])
    return [
        layer for block in blocks for layer in block if hasattr(layer, "weight")
    ]
