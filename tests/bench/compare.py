"""`make bench`: our training steps, `kn fit` and `kn --help` against rivals.

    python -m tests.bench.compare [--only step|fit|start|bcnn|gan|ddpm|
                   sampling|images|sequences] [--sizes small,large]
                   [--rounds N] [--notes cnn,lstm,...] [--out FILE]

Contenders take turns, so that what else the machine does meets all of them.
That the work is equal is checked, not claimed: the same parameter count,
and the same losses from the same weights, to a part in 10,000.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from kerasnotes.runtime.setup import BACKENDS
from tests.bench import overhead

SIZES = {
    "small": {"width": 16, "size": 64, "batch_size": 16, "classes": 11},
    "large": {"width": 32, "size": 128, "batch_size": 8, "classes": 2},
}
"""The default of `kn fit unet`, and a larger one, 7.8 M parameters."""
BCNN = {"width": 1, "size": 28, "batch_size": 256}
"""LeNet of 123,412 numbers, on MNIST's shape."""
DDPM = {"shape": (28, 28, 1), "batch_size": 64, "widths": (32, 64, 64)}
"""The default of `kn fit ddpm` on MNIST's shape, 1.6 M parameters."""

IMAGES = {
    "cnn": {"size": 28, "batch_size": 128},
    "vgg16": {"size": 28, "batch_size": 128},
    "resnet": {"size": 28, "batch_size": 128},
    "ucnn": {"shape": (61, 11, 2), "values": 4, "batch_size": 64},
}
"""convnet, the small VGG, ResNet-20 and ucnn on data of their usual shapes."""
_ROWS = {"rows": 28, "columns": 28, "batch_size": 128}
SEQUENCES = {
    "lstm": {**_ROWS, "note": "lstm", "sizes": {"widths": (128,)}},
    "tcn": {
        **_ROWS,
        "note": "tcn",
        "sizes": {"filters": 32, "kernel_size": 3, "levels": 3},
    },
    "tcn_long": {
        **{"rows": 784, "columns": 1, "batch_size": 32, "note": "tcn"},
        "sizes": {"filters": 24, "kernel_size": 8, "levels": 7},
    },
    "transformer": {
        **_ROWS,
        "note": "transformer",
        "sizes": {"width": 64, "heads": 4, "depth": 2},
    },
    "transformer_long": {
        **{"rows": 256, "columns": 8, "batch_size": 16, "note": "transformer"},
        "sizes": {"width": 128, "heads": 4, "depth": 4},
    },
}
"""Defaults of `kn fit` on MNIST's rows; all its pixels; 0.8 M parameters."""

CONTENDERS = (
    ("keras", "no metrics"),
    ("keras", "metrics"),
    ("torch", "eager"),
    ("torch", "eager channels_last"),
    ("torch", "compile"),
    ("torch", "compile channels_last"),
)
WHAT = (
    *("step", "fit", "start", "bcnn", "gan", "ddpm", "sampling", "images"),
    "sequences",
)
CHECKED = 4
"""Steps whose losses must agree; later ones drift apart by rounding."""
TOLERANCE = 5e-4


class Contender:
    """A process that trains on demand."""

    def __init__(self, kind, mode, config, weights, module="contender"):
        self.kind, self.mode = kind, mode
        self.seconds, self.cpu = [], []
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"tests.bench.{module}", kind, mode]
            + [json.dumps(config), str(weights)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.parameters = self._answer()["parameters"]
        self.losses = self._losses(self._ask(CHECKED))

    @property
    def name(self):
        return f"{self.kind} {self.mode}"

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} died; run it alone to see why")
        return json.loads(line)

    def _ask(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return self._answer()

    def _losses(self, answer):
        losses = np.array(answer["losses"])
        if self.kind == "torch":
            return losses
        # Keras reports the mean so far.
        return np.diff(losses * np.arange(1, len(losses) + 1), prepend=0)

    def round(self, steps):
        # The first step of a call of `fit` also starts its data.
        answer = self._ask(steps + 1)
        self.seconds += answer["seconds"][1:]
        self.cpu.append(answer["cpu"] / (steps + 1))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare_steps(
    config, rounds, steps, module="contender", contenders=CONTENDERS
):
    """Returns one row per contender, the fastest native PyTorch marked."""
    named = contenders
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as on:
        contenders = []
        for kind, mode in named:
            print(f"  starting {kind} {mode} ...", flush=True)
            weights = Path(folder) / "weights.npz"
            contender = Contender(kind, mode, config, weights, module)
            on.callback(contender.close)
            contenders.append(contender)
        unequal = check_equal_work(contenders)
        for number in range(rounds + 1):
            for contender in contenders:
                contender.round(steps)
                if number == 0:  # warm-up
                    contender.seconds.clear()
                    contender.cpu.clear()
    return summarize(contenders, unequal)


def check_equal_work(contenders):
    """Returns the contenders that compute other losses than the first.

    They are timed and shown, but are no rivals. Another number of
    parameters ends the comparison.
    """
    first, unequal = contenders[0], []
    for other in contenders[1:]:
        if other.parameters != first.parameters:
            raise SystemExit(
                f"{other.name} has {other.parameters} parameters, "
                f"{first.name} {first.parameters}"
            )
        apart = np.abs(other.losses / first.losses - 1).max()
        if not apart <= TOLERANCE:
            unequal.append(other)
            print(
                f"  {other.name} computes other losses, {apart:.1e} apart: "
                f"{other.losses} {first.losses}"
            )
    print(
        f"  equal work: {first.parameters:,} parameters; the first "
        f"{CHECKED} losses agree to {TOLERANCE:g} {first.losses.round(5)}"
    )
    return unequal


def summarize(contenders, unequal):
    rows = {
        contender.name: {
            "median_ms": float(np.median(contender.seconds) * 1e3),
            "best_ms": float(np.min(contender.seconds) * 1e3),
            "cpu_ms": float(np.median(contender.cpu) * 1e3),
        }
        for contender in contenders
    }
    native = [
        contender.name
        for contender in contenders
        if contender.kind == "torch" and contender not in unequal
    ]
    fastest = min(native, key=lambda name: rows[name]["median_ms"])
    ours = rows["keras no metrics"]["median_ms"]
    for name, row in rows.items():
        print(
            f"  {name:<30}{row['median_ms']:9.1f} ms median"
            f"{row['best_ms']:9.1f} ms best{row['cpu_ms']:9.1f} ms of CPU"
        )
    ratio = rows[fastest]["median_ms"] / ours
    print(f"  ours is {ratio:.2f} times as fast as {fastest}")
    return {"rows": rows, "fastest_torch": fastest, "ratio": ratio}


def compare_gan(backend):
    """Returns both steps' times on a backend, measured in a child."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.gan", backend],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    row = json.loads(done.stdout.splitlines()[-1])
    print(
        f"  {backend:<12} phases {row['phases_ms']:7.1f} ms, by hand "
        f"{row['by_hand_ms']:7.1f} ms: {row['slower_percent']:+.1f} %, of "
        f"CPU {row['slower_cpu_percent']:+.1f} %"
    )
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=WHAT)
    parser.add_argument("--sizes", default="small,large")
    parser.add_argument("--notes", help="of images and sequences")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--backend", default="tensorflow")
    parser.add_argument("--out", type=Path, default="bench.json")
    args = parser.parse_args()
    report = {}
    if args.only in (None, "start"):
        report["start"] = overhead.compare_start()
    if args.only in (None, "fit"):
        report["fit"] = overhead.compare_fit(args.backend)
    if args.only in (None, "step"):
        for size in args.sizes.split(","):
            print(f"U-Net training step, {size}: {SIZES[size]}")
            config = {**SIZES[size], "backend": args.backend}
            report[f"step_{size}"] = compare_steps(
                config, args.rounds, args.steps
            )
    if args.only in (None, "bcnn"):
        print(f"Bayesian CNN training step: {BCNN}")
        config = {**BCNN, "backend": args.backend}
        report["step_bcnn"] = compare_steps(
            config, args.rounds, args.steps, "bcnn_contender"
        )
    if args.only in (None, "gan"):
        print("GAN step: our phases against one written by hand")
        report["step_gan"] = [compare_gan(name) for name in BACKENDS]
    for what in ("ddpm", "sampling"):
        if args.only in (None, what):
            print(f"DDPM against diffusers, {what}: {DDPM}")
            config = {**DDPM, "backend": args.backend, "what": what}
            report[f"step_{what}"] = compare_steps(
                config, args.rounds, args.steps, "ddpm_contender"
            )
    if args.only in (None, "images"):
        for name in IMAGES:
            if args.notes and name not in args.notes.split(","):
                continue
            print(f"{name} training step: {IMAGES[name]}")
            config = {**IMAGES[name], "note": name, "backend": args.backend}
            report[f"step_{name}"] = compare_steps(
                config, args.rounds, args.steps, "images_contender"
            )
    if args.only in (None, "sequences"):
        # They have no images: there is no layout to choose.
        named = [one for one in CONTENDERS if "channels" not in one[1]]
        for name, sizes in SEQUENCES.items():
            if args.notes and sizes["note"] not in args.notes.split(","):
                continue
            print(f"{name} training step: {sizes}")
            config = {**sizes, "backend": args.backend}
            report[f"step_{name}"] = compare_steps(
                config,
                args.rounds,
                args.steps,
                "sequence_contender",
                named,
            )
    args.out.write_text(json.dumps(report, indent=2) + "\n")
    print(f"Numbers in {args.out}")


if __name__ == "__main__":
    main()
