"""What `kn` costs on top of Keras, and on top of Python and click."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 10
EPOCHS = 3
FIT_ROUNDS = 2


def compare_start():
    """Returns the median seconds of `kn --help`, `kn list`, bare click."""
    cli = "from kerasnotes_cli.main import main; main()"
    bare = (
        "import click; click.Command('x', help='Help.').main(['--help'], 'x')"
    )
    commands = {
        "python + click": [sys.executable, "-c", bare],
        "kn --help": [sys.executable, "-c", cli, "--help"],
        "kn list": [sys.executable, "-c", cli, "list"],
    }
    seconds = {name: [] for name in commands}
    for _ in range(STARTS + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - start)
    print("Starting")
    medians = {}
    for name, values in seconds.items():
        medians[name] = statistics.median(values[1:])
        print(f"  {name:<16}{medians[name] * 1e3:7.0f} ms")
    return medians


def compare_fit(backend):
    """Returns the seconds of `kn fit` and of bare `fit`, taking turns."""
    print(f"kn fit unet against keras.Model.fit, {EPOCHS} epochs each")
    seconds = {"bare": [], "kn": []}
    for _ in range(FIT_ROUNDS):
        for kind in seconds:
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.overhead", kind],
                check=True,
                capture_output=True,
                text=True,
                env={**os.environ, "KERAS_BACKEND": backend},
            )
            answer = json.loads(done.stdout.splitlines()[-1])
            seconds[kind].append(answer)
            print(f"  {kind:<6}{answer:8.2f} s", flush=True)
    medians = {k: statistics.median(v) for k, v in seconds.items()}
    percent = 100 * (medians["kn"] / medians["bare"] - 1)
    print(f"  kn fit costs {percent:+.1f} % over bare fit")
    return {**medians, "overhead_percent": percent}


def time_fit(kind):
    """Trains the default U-Net on its data; prints the seconds of `fit`."""
    from kerasnotes.notes import find
    from kerasnotes.runtime import setup as backend
    from kerasnotes.training import settings

    choice = backend.setup()
    note = find("unet")
    named = {"train": {"epochs": EPOCHS}, "data": {"augment": "none"}}
    made = settings.make(note, settings.gather(None, (), named, note))
    with tempfile.TemporaryDirectory() as folder:
        seconds = (_bare if kind == "bare" else _kn)(made, choice, folder)
    print(json.dumps(seconds))


def _kn(made, choice, folder):
    import pathlib

    from kerasnotes.training import fit, loop
    from kerasnotes.training.progress import make_reporter

    seconds = []
    train = loop.train

    def timed(*args):
        start = time.perf_counter()
        stopped = train(*args)
        seconds.append(time.perf_counter() - start)
        return stopped

    loop.train = timed
    reporter = make_reporter(as_json=False, quiet=True)
    fit.start(made, choice, reporter, out=pathlib.Path(folder) / "run")
    return seconds[0]


def _bare(made, choice, folder):
    """The same model, compiled alike, on the same arrays."""
    import numpy as np

    from kerasnotes.training.compiling import compile_model
    from kerasnotes.training.job import prepare
    from kerasnotes.training.progress import make_reporter

    job = prepare(made, make_reporter(as_json=False, quiet=True))
    train = job.settings.train

    def arrays(split):
        pairs = [split[index] for index in range(len(split))]
        x, y = (np.stack(parts) for parts in zip(*pairs, strict=True))
        return x.astype("float32"), y

    x, y = arrays(job.dataset.train)
    validation = arrays(job.dataset.validation)
    steps = len(x) // train.batch_size
    x, y = x[: steps * train.batch_size], y[: steps * train.batch_size]
    start = time.perf_counter()
    compile_model(job.model, job.task, train, total_steps=steps * train.epochs)
    job.model.fit(
        x,
        y,
        batch_size=train.batch_size,
        epochs=train.epochs,
        validation_data=validation,
        validation_batch_size=train.batch_size,
        verbose=0,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    time_fit(sys.argv[1])
