"""What intervals are compared with, in PyTorch: all seeds in one training.

Every network is 1-64-64-K with ReLU, trained by Adam at 3e-3, batches of 128,
120 epochs. Weights have a first axis, a network each, so that a step of all
seeds is one product.

    quantile   both 2.5 % and 97.5 % by the pinball loss
    cqr        the same, its ends shifted by the validation part
    gaussian   mean and variance by the likelihood, 1.96 deviations
    dropout    mean and spread of 50 passes, dropout 0.1, plus the error that
               the validation part has left
    ensemble   five of `gaussian`, their mixture's mean and variance

Reference:
    Koenker & Bassett, 1978; Romano et al., 2019; Nix & Weigend, 1994; Gal &
    Ghahramani, 2016; Lakshminarayanan et al., 2017.
"""
# ruff: noqa: TID253  (this file is the native PyTorch)

import numpy as np
import torch

from kerasnotes.metrics.conformal import conformal_shift

EPOCHS, BATCH, RATE, HIDDEN = 120, 128, 3e-3, 64
MEMBERS, PASSES, DROPPED = 5, 50, 0.1
COVERAGE, NORMAL = 0.95, 1.959964


class Networks(torch.nn.Module):
    """`S` networks of `D` inputs and `K` outputs."""

    def __init__(self, count, outputs, dropout=0.0, inputs=1):
        super().__init__()
        sizes = (inputs, HIDDEN, HIDDEN, outputs)
        self.dropout = dropout
        self.kernels, self.biases = (
            torch.nn.ParameterList(each)
            for each in zip(
                *(
                    (
                        torch.randn(count, a, b) * (2 / (a + b)) ** 0.5,
                        torch.zeros(count, 1, b),
                    )
                    for a, b in zip(sizes[:-1], sizes[1:], strict=True)
                ),
                strict=True,
            )
        )

    def forward(self, x):
        for number, kernel in enumerate(self.kernels):
            x = torch.baddbmm(self.biases[number], x, kernel)
            if number + 1 < len(self.kernels):
                x = torch.nn.functional.dropout(
                    torch.relu(x), self.dropout, self.training
                )
        return x


def train(networks, x, y, loss):
    """Trains all networks on `(S, N, 1)`, each in an order of its own."""
    optimizer = torch.optim.Adam(networks.parameters(), RATE)
    count, rows = x.shape[:2]
    steps = EPOCHS * (rows // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    which = torch.arange(count)[:, None]
    for _ in range(EPOCHS):
        order = torch.argsort(torch.rand(count, rows), dim=1)
        for start in range(0, rows - BATCH + 1, BATCH):
            some = order[:, start : start + BATCH]
            optimizer.zero_grad()
            loss(networks(x[which, some]), y[which, some]).backward()
            optimizer.step()
            schedule.step()
    return networks.eval()


def pinball(answer, y):
    """Of answers `(S, N, 2 K)`, lower ends first, to truths `(S, N, K)`."""
    quantiles = torch.tensor([0.025, 0.975]).repeat_interleave(y.shape[-1])
    error = y.repeat(1, 1, 2) - answer
    lost = torch.maximum(quantiles * error, (quantiles - 1) * error)
    return lost.mean(dim=(1, 2)).sum()


def likelihood(answer, y):
    mean, log_var = answer[..., :1], answer[..., 1:]
    each = 0.5 * log_var + 0.5 * (y - mean) ** 2 * torch.exp(-log_var)
    return each.mean(dim=(1, 2)).sum()


def squared(answer, y):
    return ((answer - y) ** 2).mean(dim=(1, 2)).sum()


def rivals(parts):
    """Returns ends `(S, N)` on the test part, by name.

    Args:
        parts: `train`, `validation` and `test`: arrays `(S, N)` of x and y.
    """
    torch.manual_seed(0)
    tensors = {
        name: [torch.tensor(a[..., None], dtype=torch.float32) for a in pair]
        for name, pair in parts.items()
    }
    x, y = tensors["train"]
    chosen, test = tensors["validation"][0], tensors["test"][0]
    truth = parts["validation"][1]
    found = {}
    with torch.no_grad():
        with torch.enable_grad():
            networks = train(Networks(len(x), 2), x, y, pinball)
        low, high = networks(test).numpy().transpose(2, 0, 1)
        found["quantile"] = low, high
        ends = networks(chosen).numpy().transpose(2, 0, 1)
        shift = conformal_shift(truth.T, *(e.T for e in ends), COVERAGE)
        found["cqr"] = low - shift[:, None], high + shift[:, None]
        many = [t.repeat_interleave(MEMBERS, 0) for t in (x, y)]
        with torch.enable_grad():
            networks = train(Networks(len(many[0]), 2), *many, likelihood)
        answer = networks(test.repeat_interleave(MEMBERS, 0)).numpy()
        mean, variance = answer[..., 0], np.exp(answer[..., 1])
        found["gaussian"] = around(mean[::MEMBERS], variance[::MEMBERS])
        mean, variance = (
            a.reshape(-1, MEMBERS, a.shape[1]) for a in (mean, variance)
        )
        spread = variance.mean(1) + mean.var(1)
        found["ensemble"] = around(mean.mean(1), spread)
        with torch.enable_grad():
            networks = train(Networks(len(x), 1, DROPPED), x, y, squared)
        left = (truth - networks(chosen).numpy()[..., 0]).var(1)[:, None]
        networks.train()
        passes = np.stack([networks(test).numpy() for _ in range(PASSES)])
        mean, spread = passes.mean(0)[..., 0], passes.var(0)[..., 0]
        found["dropout"] = around(mean, spread + left)
    return found


def around(mean, variance):
    """Returns the ends of a normal distribution's 95 %."""
    reach = NORMAL * np.sqrt(variance)
    return mean - reach, mean + reach
