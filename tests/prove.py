"""The long proofs: each is a command by itself.

    python -m tests.prove            every one, one after the other
    python -m tests.prove kill-mlp   only those
    python -m tests.prove --list     the commands, not run

The suite holds a short form of each, that finds what is broken; these find
what breaks one time in twenty.
"""

import subprocess
import sys
import time
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
PROOFS = {
    "kill-mlp": "tests.bench.kill --count 20 --note mlp",
    "kill-unet": "tests.bench.kill --count 20 --note unet",
    "kill-jax": "tests.bench.kill --count 5 --note mlp --backend jax",
    "kill-torch": "tests.bench.kill --count 5 --note mlp --backend torch",
    "swap": "tests.bench.serving --only swap",
    "malformed": "tests.bench.serving --only malformed",
    "batching": "tests.bench.serving --only batching",
    "memory": "tests.bench.serving --only memory",
    "isolation": "tests.bench.serving --only isolation",
}


def prove(name):
    """Runs one; returns whether it holds."""
    start = time.monotonic()
    command = [sys.executable, "-m", *PROOFS[name].split()]
    done = subprocess.run(command, cwd=ROOT, check=False)
    print(f"== {name} took {time.monotonic() - start:.0f} s", flush=True)
    return done.returncode == 0


@click.command(help=__doc__.splitlines()[0])
@click.argument("proofs", nargs=-1, type=click.Choice(list(PROOFS)))
@click.option("--list", "listed", is_flag=True, help="Run nothing.")
def main(proofs, listed):
    failed = []
    for name in proofs or PROOFS:
        print(f"== {name}: python -m {PROOFS[name]}", flush=True)
        if not listed and not prove(name):
            failed.append(name)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
