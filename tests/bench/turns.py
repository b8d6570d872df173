"""Contenders that take turns: each a process with one thread that waits.

What is told is a process' own time, which other processes hardly change.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import time

import numpy as np

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false "
    "intra_op_parallelism_threads=1",
}
WARM = 3
"""Steps before the first turn: they compile."""


def wait(step, steps):
    """Takes `steps` at every line of the input; prints milliseconds each."""
    for _ in range(WARM):
        step()
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.process_time()
        for _ in range(steps):
            step()
        print((time.process_time() - began) / steps * 1e3, flush=True)


def compare(module, names, rival, rounds, steps):
    """Prints the least and the middle time of each contender.

    Args:
        module: The bench, which takes `--child NAME --steps N`.
        names: Contenders; those called by a backend run on it.
        rival: The one that others are held against.
        rounds: Turns of each.
        steps: Of each turn.
    """
    children = {}
    for name in names:
        backend = name if name in ("tensorflow", "jax") else "torch"
        children[name] = subprocess.Popen(
            [sys.executable, "-m", module, "--child", name]
            + ["--steps", str(steps)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **ONE_THREAD, "KERAS_BACKEND": backend},
        )
        if children[name].stdout.readline() != "ready\n":
            raise SystemExit(f"{name} did not begin")
    times = {name: [] for name in names}
    for _ in range(rounds):
        for name, child in children.items():
            print(file=child.stdin, flush=True)
            times[name].append(float(child.stdout.readline()))
    for child in children.values():
        child.stdin.close()
        child.wait()
    for name, found in times.items():
        ratio = min(times[rival]) / min(found)
        print(
            f"{name:<12}{min(found):8.1f} ms, middle {np.median(found):8.1f}"
            f"{ratio:8.1f} times {rival}",
            flush=True,
        )


def run(module, doc, contenders, step_of, rivals, packages, rounds, steps):
    """Reads the command line of a bench, and runs it or one of its children.

    Args:
        module: The bench.
        doc: What it says of itself.
        contenders: All of them.
        step_of: Returns a contender's step.
        rivals: Who others are held against: the first that takes part.
        packages: What must be installed for a contender to take part.
        rounds: Turns of each, by default.
        steps: Of each turn, by default.
    """
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--only", nargs="+", choices=contenders)
    parser.add_argument("--child", choices=contenders, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        wait(step_of(options.child), options.steps)
        return
    names = options.only or [
        name
        for name in contenders
        if name not in packages or importlib.util.find_spec(packages[name])
    ]
    rival = next((name for name in rivals if name in names), names[-1])
    compare(module, names, rival, options.rounds, options.steps)
