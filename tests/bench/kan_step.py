"""A KAN's training step, against pykan's and efficient-kan's, taking turns.

    python -m tests.bench.kan_step

784-64-10, grids of 5 cells, cubic splines, 64 images, cross-entropy, AdamW.
pykan 0.2.8 as its `speed()` has it, where it is installed (`pip install
pykan`); efficient-kan's layer is written out, as it stands and compiled by
PyTorch.

Source:
    https://github.com/Blealtan/efficient-kan, `KANLinear`.
"""

import math

import numpy as np

from tests.bench import turns

WIDTHS, CELLS, ORDER, BATCH, RATE = (784, 64, 10), 5, 3, 64, 1e-3
CONTENDERS = ("tensorflow", "jax", "torch", "efficient", "compiled", "pykan")


def batch():
    rng = np.random.default_rng(0)
    x = rng.random((BATCH, 28, 28, 1)).astype("float32") * 255
    return x, rng.integers(0, 10, BATCH)


def ours():
    """Returns the step that `kn fit kan` takes."""
    from kerasnotes.base.config import TrainConfig
    from kerasnotes.data import fields
    from kerasnotes.data.spec import Spec
    from kerasnotes.notes.kan.config import KANConfig
    from kerasnotes.notes.kan.note import KAN
    from kerasnotes.tasks.catalog import make_task
    from kerasnotes.training.compiling import compile_model

    image = fields.image((28, 28, 1), "uint8")
    spec = Spec("digits", (image,), (fields.one_class("0123456789"),))
    config = KANConfig(widths=WIDTHS[1:-1], grids=(CELLS,), order=ORDER)
    model = KAN(config, spec, [127.0], [5000.0])
    task = make_task("classification", spec)
    train = TrainConfig(learning_rate=RATE)
    compile_model(model, task, train, total_steps=1000)
    x, y = batch()
    y = y.astype("int32")
    return lambda: model.train_on_batch(x, y)


def efficient():
    """Returns efficient-kan's network."""
    import torch
    from torch.nn import functional

    class Linear(torch.nn.Module):
        def __init__(self, inputs, outputs):
            super().__init__()
            step = 2 / CELLS
            knots = torch.arange(-ORDER, CELLS + ORDER + 1) * step - 1
            self.register_buffer("grid", knots.expand(inputs, -1).contiguous())
            self.base = torch.nn.Parameter(torch.empty(outputs, inputs))
            self.spline = torch.nn.Parameter(
                0.02 * torch.randn(outputs, inputs, CELLS + ORDER)
            )
            self.scaler = torch.nn.Parameter(torch.empty(outputs, inputs))
            for weight in (self.base, self.scaler):
                torch.nn.init.kaiming_uniform_(weight, a=math.sqrt(5))

        def splines(self, x):
            grid, x = self.grid, x.unsqueeze(-1)
            bases = ((x >= grid[:, :-1]) & (x < grid[:, 1:])).to(x.dtype)
            for k in range(1, ORDER + 1):
                before = (x - grid[:, : -(k + 1)]) / (
                    grid[:, k:-1] - grid[:, : -(k + 1)]
                )
                behind = (grid[:, k + 1 :] - x) / (
                    grid[:, k + 1 :] - grid[:, 1:-k]
                )
                bases = before * bases[..., :-1] + behind * bases[..., 1:]
            return bases.contiguous()

        def forward(self, x):
            base = functional.linear(functional.silu(x), self.base)
            weight = self.spline * self.scaler.unsqueeze(-1)
            return base + functional.linear(
                self.splines(x).flatten(1), weight.flatten(1)
            )

    return torch.nn.Sequential(
        *(Linear(*pair) for pair in zip(WIDTHS, WIDTHS[1:], strict=False))
    )


def pykan():
    """Returns pykan's network, as fast as it says it can be."""
    import kan

    network = kan.KAN(
        width=list(WIDTHS), grid=CELLS, k=ORDER, seed=0, auto_save=False
    )
    network.speed()
    return network


def theirs(name):
    """Returns the step of a network of PyTorch's."""
    import torch

    network = pykan() if name == "pykan" else efficient()
    forward = torch.compile(network) if name == "compiled" else network
    weights = [w for w in network.parameters() if w.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=RATE)
    x, y = (torch.tensor(part) for part in batch())
    x = x.reshape(BATCH, -1) / 127.5 - 1

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(forward(x), y)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def step_of(name):
    """Returns a contender's step."""
    if name not in ("tensorflow", "jax"):
        import torch

        torch.set_num_threads(1)
    if name in ("tensorflow", "jax", "torch"):
        return ours()
    return theirs(name)


def main():
    turns.run(
        "tests.bench.kan_step",
        __doc__,
        CONTENDERS,
        step_of,
        rivals=("compiled",),
        packages={"pykan": "kan"},
        rounds=7,
        steps=20,
    )


if __name__ == "__main__":
    main()
