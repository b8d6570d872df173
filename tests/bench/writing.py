"""Text of `lstm` and `transformer`, against native PyTorch with its memory.

    python -m tests.bench.writing [--backend NAME] [--count N] [--rounds N]

One sequence, the same weights, the same numbers for the draws: that the same
text comes is checked. Contenders are processes that take turns; native
PyTorch runs as it is and compiled, and on one thread, where such small
products are fastest. The networks are untrained, the work is the same.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

VOCABULARY, WINDOW = 65, 64
PROMPT = [5, 6, 7]
SIZES = {
    "lstm": {"widths": [256], "embedding": 64, "dropout": 0.0},
    "transformer": {
        **{"width": 128, "depth": 4, "heads": 4, "dropout": 0.0},
        "positions": "learned",
    },
}
"""350 thousand weights, and nanoGPT's CPU configuration."""
CONTENDERS = (("keras", ""), ("torch", "eager"), ("torch", "compile"))


def make(note):
    """Returns an untrained network for a vocabulary of `VOCABULARY`."""
    from kerasnotes.data import fields
    from kerasnotes.data.spec import Spec
    from kerasnotes.data.text.tokenizer import train
    from kerasnotes.notes import find

    signs = "".join(chr(64 + n) for n in range(VOCABULARY - 2))
    learned = train([signs], "character")
    given = fields.tokens(
        (WINDOW,), tokenizer=learned.json, vocabulary=learned.size
    )
    spec = Spec("signs", (given,), (fields.next_token((WINDOW,)),))
    found = find(note)
    config = found.config_class().model_validate(SIZES[note])
    model = found.model_class()(config, spec, [0.0], [1.0])
    rng = np.random.default_rng(1)
    # Larger than at the start, so that the text depends on what was read.
    weights = [rng.normal(0, 0.1, w.shape) for w in model.weights]
    model.set_weights([w.astype("float32") for w in weights])
    return model


def keras_writer(note, weights, _):
    """Returns what writes by our loop; keeps the weights in a file."""
    import itertools

    from kerasnotes.contracts.text_sampling import Wishes
    from kerasnotes.inference.writing import write

    model = make(note)
    np.savez(weights, *model.get_weights())
    return lambda count: list(
        itertools.islice(write(model, PROMPT, WINDOW, Wishes(seed=1)), count)
    )


def torch_writer(note, weights, mode):
    """Returns what writes in native PyTorch, from the same weights."""
    import torch

    from tests.bench import writing_torch

    torch.set_num_threads(1)
    sizes = SIZES[note]
    if note == "lstm":
        model = writing_torch.LSTM(
            VOCABULARY, width=sizes["widths"][0], embedding=sizes["embedding"]
        )
    else:
        chosen = {name: sizes[name] for name in ("width", "heads", "depth")}
        model = writing_torch.GPT(VOCABULARY, room=WINDOW, **chosen)
    with np.load(weights) as file:
        model.copy_weights([torch.as_tensor(file[k]) for k in file.files])
    step = torch.compile(model) if mode == "compile" else model

    def run(count):
        rng = np.random.default_rng(1)
        uniform = torch.as_tensor(rng.random(count).astype("float32"))
        return writing_torch.write(step, model, PROMPT, count, 1.0, uniform)

    return run


WRITERS = {"keras": keras_writer, "torch": torch_writer}


def contend(kind, mode, note, weights):
    """Writes as many tokens as each line of the input says."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    run = WRITERS[kind](note, weights, mode)
    for line in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        text = run(int(line))
        told = time.perf_counter() - wall, time.process_time() - cpu, text
        print(json.dumps(told), file=answers, flush=True)


class Contender:
    """A process that writes on demand."""

    def __init__(self, backend, kind, mode, note, weights):
        own = backend if kind == "keras" else "torch (native)"
        self.name = f"{own} {mode}".strip()
        self.wall, self.cpu, self.text = [], [], None
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.writing", "--contender"]
            + [kind, mode, note, str(weights)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "KERAS_BACKEND": backend},
            text=True,
        )

    def round(self, count, counts=True):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} died; run it alone to see why")
        wall, cpu, self.text = json.loads(line)
        if counts:
            self.wall.append(wall)
            self.cpu.append(cpu)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(note, backend, count, rounds):
    """Prints what each contender takes for one text."""
    with tempfile.TemporaryDirectory() as folder:
        weights = Path(folder) / "weights.npz"
        contenders = []
        for kind, mode in CONTENDERS:
            contender = Contender(backend, kind, mode, note, weights)
            contenders.append(contender)
            contender.round(count, counts=False)  # compiles
        for _ in range(rounds):
            for contender in contenders:
                contender.round(count)
        for contender in contenders:
            contender.close()
    first = contenders[0]
    print(f"{note}: {count} tokens, medians of {rounds} rounds")
    for one in contenders:
        wall, cpu = (statistics.median(x) for x in (one.wall, one.cpu))
        same = sum(a == b for a, b in zip(one.text, first.text, strict=True))
        print(
            f"  {one.name:24} {1e3 * wall:8.1f} ms   CPU {1e3 * cpu:8.1f} ms"
            f"   the same text: {same} of {count}"
        )
    for what, key in (("time", "wall"), ("processor time", "cpu")):
        own = statistics.median(getattr(first, key))
        best = min(statistics.median(getattr(c, key)) for c in contenders[1:])
        print(f"  {best / own:.2f} times the best of PyTorch by {what}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", default="tensorflow")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--contender", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contender:
        contend(*given.contender)
        return
    for note in SIZES:
        compare(note, given.backend, given.count, given.rounds)


if __name__ == "__main__":
    main()
