"""Measures the engine against what users would run in its place, on one kernel, and prints a table.

usage: python3 Tests/Bench/Engine WGD DIRECTORY [PEERS...]

As root, where the kernel has WireGuard: scripts/bench-engine starts it in a virtual machine.
"""
import pathlib
import platform
import shutil
import sys

import measure
from table import Table

program, directory, *sizes = sys.argv[1:]
sizes = [int(size) for size in sizes] or [100, 1000, 10_000]
table = Table()
print(f"Linux {platform.release()}", flush=True)
for size in sizes:
    work = pathlib.Path(directory) / str(size)
    work.mkdir(parents=True)
    measure.size(program, work, size, table, is_with_play=size == 1000)
    shutil.rmtree(work)
measure.idle(program, pathlib.Path(directory) / "0", table)
measure.loss(program, pathlib.Path(directory) / "loss", table)
print(table.markdown())
