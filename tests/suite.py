"""The suite by stages: each backend, then the notebooks; what each took.

    python -m tests.suite [STAGE ...]

Ends at the first stage that fails. Every stage prints its 20 slowest tests,
and the last lines are a table: wall time, and seconds of CPU of all of a
stage's processes, which a busy machine does not change.
"""

import dataclasses
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.compiler import FOLDER

ROOT = Path(__file__).parent.parent
PYTEST = [sys.executable, "-m", "pytest", "-n", "2", "--durations", "20"]
ON = {name: ("--dist", "loadfile") for name in ("tensorflow", "jax", "torch")}
STAGES = {**ON, "notebooks": ("--nbmake", "notebooks")}


@dataclasses.dataclass(frozen=True)
class Took:
    """What a stage cost, in seconds, and the code it ended with."""

    code: int
    wall: float
    cpu: float


def cpu_seconds():
    """Of every process that was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(backend):
    """Where Python may keep what it compiled, whatever it is told outside.

    Else each worker, and each `kn` that a test starts, compiles all our
    modules and every rewritten test anew. An empty value is none to Python.
    """
    return {
        **os.environ,
        "KERAS_BACKEND": backend,
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "",
    }


def run(stage):
    backend = stage if stage in ON else "tensorflow"
    start, before = time.monotonic(), cpu_seconds()
    done = subprocess.run(
        [*PYTEST, *STAGES[stage]],
        cwd=ROOT,
        env=environment(backend),
        check=False,
    )
    wall, cpu = time.monotonic() - start, cpu_seconds() - before
    return Took(done.returncode, wall, cpu)


def table(took):
    """Returns the lines of the last table."""
    wall, cpu = (
        sum(getattr(t, kind) for t in took.values()) for kind in ("wall", "cpu")
    )
    total = Took(0, wall, cpu)
    return [f"{'':12}{'wall':>8}{'CPU':>8}"] + [
        f"{stage:12}{t.wall:7.0f}s{t.cpu:7.0f}s"
        for stage, t in {**took, "total": total}.items()
    ]


@click.command(help=__doc__.splitlines()[0])
@click.argument("stages", nargs=-1, type=click.Choice(list(STAGES)))
def main(stages):
    took = {}
    with tempfile.TemporaryDirectory(prefix="jax-cache-") as folder:
        os.environ.setdefault(FOLDER, folder)
        for stage in stages or STAGES:
            print(f"== {stage}", flush=True)
            took[stage] = run(stage)
            if took[stage].code:
                break
    print("\n".join(table(took)))
    sys.exit(took[stage].code)


if __name__ == "__main__":
    main()
