"""What training on a very long series takes: memory, and time.

    python -m tests.bench.long_series [--rows N] [--limit SECONDS]

A row a minute in a .csv file; the process is `kn fit tcn`.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

MINUTE, DAY = 60_000_000, 1_440


def write(path, rows):
    """Writes days that are waves, with noise."""
    start = np.datetime64("1985-01-01", "us")
    minutes = np.arange(rows)
    noise = np.random.default_rng(0).normal(size=rows)
    load = np.sin(2 * np.pi * minutes / DAY) + 0.3 * noise
    frame = pl.DataFrame(
        {"time": start + minutes * MINUTE, "load": load.astype("float32")}
    )
    frame.write_csv(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--limit", type=int, default=40)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "series.csv"
        write(path, told.rows)
        print(f"{told.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")
        fit = [sys.executable, "-m", "kerasnotes_cli.main", "fit", "tcn"]
        options = [
            *("--data", str(path), "--horizon", "12", "--window", "60"),
            *("--time-limit", str(told.limit), "--out", f"{folder}/run"),
        ]
        start = time.monotonic()
        subprocess.run([*fit, *options], check=True)
        took = time.monotonic() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(f"{used / 1e9:.2f} GB at most, {took:.0f} s in all")


if __name__ == "__main__":
    main()
