"""Measures what wgctl reads of a large fleet, and what wgd spends on it and at rest, and prints a table.

usage: python3 Tests/Bench/Engine/reads.py WGD DIRECTORY [PEERS...]

As root, in network and mount namespaces that are thrown away: scripts/bench-reads starts it. WireGuard is the kernel's, or
wireguard-go where it has none: then the readings of peers are of that program too.
"""
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

from fleet import Fleet
from host import Daemon, Namespace
from table import Table

RUNS = 7


def reset_peak(process):
    """proc(5): 5 resets the peak of the resident set."""
    pathlib.Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def timed(command):
    """Seconds until the first byte of output, until the end, and the number of lines."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        first = process.stdout.read1(1)
        begun = time.monotonic() - start
        rest = process.stdout.read()
        errors = process.stderr.read()
    if process.returncode != 0:
        raise RuntimeError(f"{command}: {process.returncode}: {errors[-500:]}")
    return begun, time.monotonic() - start, (first + rest).count(b"\n")


class Reads:
    def __init__(self, daemon, table, size):
        self.daemon, self.table, self.size = daemon, table, size

    def measure(self, words, beside=None):
        wgctl = self.daemon.program.with_name("wgctl")
        command = self.daemon.namespace.command(wgctl, *words, "--socket", self.daemon.socket)
        self.daemon.settle(seconds=1, limit=10)
        rest = self.daemon.memory()[1]
        reset_peak(self.daemon.process)
        runs = [timed(command) for _ in range(RUNS)]
        rise = self.daemon.memory()[0] - rest
        what = f"{self.size:,} peers: `wgctl {' '.join(words)}`"
        theirs = statistics.median(timed(self.daemon.namespace.command(*beside))[1] for _ in range(RUNS)) if beside else None
        if runs[0][2] > 600:
            self.table.add(f"{what}, first line", statistics.median(run[0] for run in runs) * 1000, "ms")
        self.table.add(
            f"{what}, to the end", statistics.median(run[1] for run in runs) * 1000, "ms",
            theirs and theirs * 1000, f"`{' '.join(beside)}`" if beside else "")
        self.table.add(f"{what}, rise of wgd's resident memory", max(0, rise), "MB")


def anonymous(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("RssAnon"))


def size(program, work, count, table):
    fleet = Fleet(count, work)
    fleet.write_manifests()
    namespace = Namespace(f"reads-{count}", Fleet.endpoint(0))
    daemon = Daemon(program, namespace, fleet)
    daemon.start()
    try:
        start = time.monotonic()
        while True:
            try:
                # Two routes a peer; Podman is not there, so that no overlay is Ready.
                if namespace.ip("-4", "route", "show", "proto", "87").stdout.count("\n") >= 2 * count:
                    break
            except RuntimeError:
                pass
            if time.monotonic() - start > 900:
                raise TimeoutError("the routes are not there after 900 s")
            time.sleep(0.5)
        daemon.settle()
        reads = Reads(daemon, table, count)
        reads.measure(["version"], ["wg", "--version"])
        reads.measure(["status"])
        reads.measure(["get", "node", f"node-{count // 2}"])
        reads.measure(["get", "node", f"node-{count // 2}", "-o", "yaml"])
        reads.measure(["describe", "node", f"node-{count // 2}"])
        reads.measure(["events"])
        reads.measure(["events", "--for", "node/node-0"])
        reads.measure(["get", "nodes"], ["wg", "show", "wg0"])
        reads.measure(["get", "peers"], ["wg", "show", "wg0"])
        reads.measure(["get", "nodes", "-o", "json"])
        watch = subprocess.Popen(
            namespace.command(daemon.program.with_name("wgctl"), "get", "nodes", "-w", "--socket", daemon.socket),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        daemon.settle(seconds=5)
        watched = daemon.busy(20)
        watch.terminate()
        watch.wait()
        daemon.settle()
        rest = daemon.busy(20)
        table.add(f"{count:,} peers: processor at rest", rest / 20 * 100, "%")
        table.add(f"{count:,} peers: processor while `get nodes -w` waits", watched / 20 * 100, "%")
        table.add(f"{count:,} peers: anonymous memory at rest", anonymous(daemon.process), "MB")
    finally:
        daemon.stop()
        namespace.delete()


program, directory, *sizes = sys.argv[1:]
table = Table()
print(f"Linux {platform.release()}", flush=True)
for count in [int(size) for size in sizes] or [1000, 10_000]:
    work = pathlib.Path(directory) / str(count)
    work.mkdir(parents=True)
    size(program, work, count, table)
    shutil.rmtree(work)
print(table.markdown())
