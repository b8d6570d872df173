"""A spiking network's training step, against snnTorch's, taking turns.

    python -m tests.bench.spiking

784-1000-10, 25 steps of time, 128 images, beta 0.95, the cross-entropy of the
output's membranes at every step: snnTorch's tutorial 5. Each contender is a
process with one thread that waits for its turn; what is told is its processor
time. Where snnTorch is not installed, its equations are written out in
PyTorch, which is faster than it: less is checked at every step.
"""

import numpy as np

from tests.bench import turns

STEPS, BATCH, HIDDEN, BETA, RATE = 25, 128, 1000, 0.95, 5e-4
CONTENDERS = ("tensorflow", "jax", "torch", "snntorch", "written")


def batch():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (BATCH, 28, 28, 1)).astype("float32")
    x *= rng.random(x.shape) < 0.2
    return x, rng.integers(0, 10, BATCH)


def ours():
    """Returns the step that `kn fit snn` takes."""
    from kerasnotes.base.config import TrainConfig
    from kerasnotes.data import fields
    from kerasnotes.data.spec import Spec
    from kerasnotes.notes.snn.config import SNNConfig
    from kerasnotes.notes.snn.note import SNN
    from kerasnotes.tasks.catalog import make_task
    from kerasnotes.training.compiling import compile_model

    image = fields.image((28, 28, 1), "uint8")
    spec = Spec("digits", (image,), (fields.one_class("0123456789"),))
    config = SNNConfig(widths=[HIDDEN], steps=STEPS, beta=BETA, loss="membrane")
    model = SNN(config, spec, [33.0], [6000.0])
    task = make_task("classification", spec)
    train = TrainConfig(learning_rate=RATE)
    compile_model(model, task, train, total_steps=1000)
    x, y = batch()
    y = y.astype("int32")
    return lambda: model.train_on_batch(x, y)


def neuron(written):
    """Returns snnTorch's `Leaky`, or what it computes."""
    import torch

    if not written:
        import snntorch

        return snntorch.Leaky(beta=BETA)

    class ATan(torch.autograd.Function):
        @staticmethod
        def forward(ctx, v):
            ctx.save_for_backward(v)
            return (v > 0).float()

        @staticmethod
        def backward(ctx, upstream):
            (v,) = ctx.saved_tensors
            return upstream / (1 + (torch.pi * v) ** 2)

    def leaky(current, mem):
        reset = (mem > 1).float()
        mem = BETA * mem + current - reset
        return ATan.apply(mem - 1), mem

    return leaky


def theirs(written):
    """Returns the step of snnTorch's tutorial 5."""
    import torch

    first, last = torch.nn.Linear(784, HIDDEN), torch.nn.Linear(HIDDEN, 10)
    weights = [*first.parameters(), *last.parameters()]
    hidden, output = neuron(written), neuron(written)
    optimizer = torch.optim.Adam(weights, lr=RATE)
    x, y = (torch.tensor(part) for part in batch())
    x = (x.reshape(BATCH, -1) - 33) / 77

    def step():
        mem1, mem2 = torch.zeros(BATCH, HIDDEN), torch.zeros(BATCH, 10)
        loss = 0.0
        for _ in range(STEPS):
            spk1, mem1 = hidden(first(x), mem1)
            _, mem2 = output(last(spk1), mem2)
            loss = loss + torch.nn.functional.cross_entropy(mem2, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def step_of(name):
    """Returns a contender's step."""
    if name in ("snntorch", "written", "torch"):
        import torch

        torch.set_num_threads(1)
    if name in ("snntorch", "written"):
        return theirs(name == "written")
    return ours()


def main():
    turns.run(
        "tests.bench.spiking",
        __doc__,
        CONTENDERS,
        step_of,
        rivals=("snntorch", "written"),
        packages={"snntorch": "snntorch"},
        rounds=5,
        steps=5,
    )


if __name__ == "__main__":
    main()
