"""cnn, vgg16 (small), resnet (20) and ucnn in plain `torch.nn`.

The same layers in the same order, written as a PyTorch user would, so that
weights can be copied one by one.
"""
# ruff: noqa: TID253  (this file is the native PyTorch)

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Standardized(nn.Module):
    """A network of raw images `(B, C, H, W)`."""

    def __init__(self, mean: float, variance: float) -> None:
        super().__init__()
        self.mean, self.scale = mean, variance**-0.5

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.answer((x - self.mean) * self.scale)


def norm(filters: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(filters, eps=1e-5, momentum=0.1)


def flat(places: tuple[int, int, int], units: int, bias=True) -> nn.Linear:
    """A dense layer of maps `(C, H, W)`; Keras lays them out `(H, W, C)`."""
    layer = nn.Linear(int(np.prod(places)), units, bias=bias)
    layer.places = places
    return layer


class ConvNet(Standardized):
    def __init__(self, classes: int, side: int, **statistics: float) -> None:
        super().__init__(**statistics)
        left = ((side - 2) // 2 - 2) // 2
        self.net = nn.Sequential(
            nn.Conv2d(1, 32, 3),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Flatten(),
            flat((64, left, left), classes),
        )

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


class SmallVGG(Standardized):
    def __init__(self, classes: int, side: int, **statistics: float) -> None:
        super().__init__(**statistics)
        layers, channels = [], 1
        for count, filters in ((2, 32), (2, 64), (3, 128)):
            for _ in range(count):
                layers += [
                    nn.Conv2d(channels, filters, 3, padding=1, bias=False),
                    norm(filters),
                    nn.ReLU(inplace=True),
                ]
                channels = filters
            layers.append(nn.MaxPool2d(2))
            side //= 2
        self.net = nn.Sequential(
            *layers,
            nn.Flatten(),
            flat((channels, side, side), 256, bias=False),
            nn.BatchNorm1d(256, eps=1e-5, momentum=0.1),
            nn.ReLU(inplace=True),
            nn.Linear(256, classes),
        )

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        return self.net(x)


class Block(nn.Module):
    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            channels, filters, 3, stride, padding=1, bias=False
        )
        self.norm1 = norm(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.norm2 = norm(filters)
        self.stride, self.more = stride, filters - channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        if self.more:
            x = x[:, :, :: self.stride, :: self.stride]
            x = F.pad(x, (0, 0, 0, 0, 0, self.more))
        return F.relu(x + y, inplace=True)


class ResNet20(Standardized):
    def __init__(self, classes: int, side: int, **statistics: float) -> None:
        super().__init__(**statistics)
        self.stem = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm = norm(16)
        blocks, channels = [], 16
        for stage, filters in enumerate((16, 32, 64)):
            for number in range(3):
                stride = 2 if stage and not number else 1
                blocks.append(Block(channels, filters, stride))
                channels = filters
        self.blocks = nn.Sequential(*blocks)
        self.logits = nn.Linear(64, classes)

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.norm(self.stem(x)), inplace=True)
        return self.logits(self.blocks(x).mean((2, 3)))


class UCNN(Standardized):
    """Rows folded, then columns, then dense layers; answers standardized."""

    def __init__(
        self,
        values: int,
        shape: tuple[int, int, int],
        *,
        filters: int = 24,
        kernel: int = 5,
        whole: int = 16,
        units: int = 128,
        depth: int = 4,
        **statistics: float,
    ) -> None:
        super().__init__(**statistics)
        *sides, channels = shape
        folds = []
        for axis, wide in enumerate((units // 2, units)):
            width = filters
            while sides[axis] > max(whole, kernel):
                size, stride = [1, 1], [1, 1]
                size[axis], stride[axis] = kernel, 2
                folds += [nn.Conv2d(channels, width, size, stride), nn.GELU()]
                channels, width = width, min(2 * width, 4 * filters)
                sides[axis] = (sides[axis] - kernel) // 2 + 1
            size = [1, 1]
            size[axis] = sides[axis]
            folds += [nn.Conv2d(channels, wide, size), nn.GELU()]
            channels, sides[axis] = wide, 1
        self.folds = nn.Sequential(*folds, nn.Flatten())
        self.dense = nn.ModuleList(
            nn.Linear(channels, units) for _ in range(depth)
        )
        self.standardized = nn.Linear(units, values)

    def answer(self, x: torch.Tensor) -> torch.Tensor:
        x = self.folds(x)
        for number, layer in enumerate(self.dense):
            y = F.gelu(layer(x))
            x = x + y if number else y
        return self.standardized(x)


NETWORKS = {"cnn": ConvNet, "vgg16": SmallVGG, "resnet": ResNet20}


def copy_weights(model: nn.Module, arrays: list) -> None:
    """Copies Keras' weights, in the order of its layers."""
    arrays = iter(arrays)
    with torch.no_grad():
        for layer in model.modules():
            if not isinstance(getattr(layer, "weight", None), nn.Parameter):
                continue
            kernel = torch.as_tensor(next(arrays))
            if kernel.ndim == 4:
                kernel = kernel.permute(3, 2, 0, 1)
            elif kernel.ndim == 2:
                if hasattr(layer, "places"):
                    c, h, w = layer.places
                    maps = kernel.reshape(h, w, c, -1).permute(2, 0, 1, 3)
                    kernel = maps.reshape(kernel.shape)
                kernel = kernel.T
            layer.weight.copy_(kernel)
            targets = [] if layer.bias is None else [layer.bias]
            if hasattr(layer, "running_mean"):
                targets += [layer.running_mean, layer.running_var]
            for target in targets:
                target.copy_(torch.as_tensor(next(arrays)))
    if list(arrays):
        raise ValueError("There are weights left.")
