"""Hosts: namespaces on one segment, a listener to the kernel's notifications, and the daemon under test."""
import ctypes
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import threading
import time

NEW_LINK, NEW_ROUTE, DEL_ROUTE = 16, 24, 25
PROTOCOL = 87


def run(*command, **options):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))[:200]}: status {result.returncode}: {result.stderr}")
    return result


class Namespace:
    """A network namespace with one interface, `eth0`, on a bridge that all of them share."""

    def __init__(self, name, address, mtu=1500):
        self.name = name
        if not pathlib.Path("/sys/class/net/underlay").exists():
            run("ip", "link", "add", "underlay", "type", "bridge")
            run("ip", "link", "set", "underlay", "up")
        run("ip", "netns", "add", name)
        run("ip", "link", "add", f"u-{name}", "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", f"u-{name}", "master", "underlay", "up")
        self.ip("link", "set", "lo", "up")
        self.ip("addr", "add", f"{address}/16", "dev", "eth0")
        self.ip("link", "set", "eth0", "mtu", mtu, "up")

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *[str(word) for word in words]]

    def run(self, *words, **options):
        return run(*self.command(*words), **options)

    def ip(self, *words):
        return run("ip", "-n", self.name, *words)

    def delete(self):
        # Both ends of the pair go together: the namespace itself goes when its last thread does.
        run("ip", "link", "del", f"u-{self.name}")
        run("ip", "netns", "del", self.name)


def enter(namespace):
    """setns(2) of the calling thread: Python has it from 3.12 on."""
    if ctypes.CDLL(None, use_errno=True).setns(os.open(f"/run/netns/{namespace.name}", os.O_RDONLY), 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), f"setns {namespace.name}")


class Listener:
    """When the kernel said what about links and routes of a namespace: (seconds, message type, bytes)."""

    def __init__(self, namespace):
        ready = threading.Event()
        self.heard = []
        self.condition = threading.Condition()

        def listen():
            enter(namespace)
            listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            listener.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
            listener.bind((0, 1 | 0x40))  # RTMGRP_LINK, RTMGRP_IPV4_ROUTE
            ready.set()
            while True:
                data = listener.recv(1 << 16)
                now = time.monotonic()
                offset = 0
                with self.condition:
                    while offset + 16 <= len(data):
                        length, kind = struct.unpack_from("=IH", data, offset)
                        self.heard.append((now, kind, data[offset:offset + length]))
                        offset += (length + 3) & ~3
                    self.condition.notify_all()

        threading.Thread(target=listen, daemon=True).start()
        if not ready.wait(10):
            raise RuntimeError("the listener did not start")

    def mark(self):
        with self.condition:
            return len(self.heard)

    def wait(self, mark, condition, seconds=600):
        """The time of the message after `mark` at which `condition(messages)` came true."""
        deadline = time.monotonic() + seconds
        with self.condition:
            seen = mark
            while True:
                while seen < len(self.heard):
                    seen += 1
                    if condition(self.heard[seen - 1]):
                        return self.heard[seen - 1][0]
                if not self.condition.wait(deadline - time.monotonic()):
                    raise TimeoutError("the kernel did not say so in time")


def counts(kind, number, protocol=PROTOCOL):
    """A condition: the `number`th message of a kind about a route of one protocol, ours unless told."""
    left = [number]

    def condition(message):
        if message[1] == kind and message[2][16 + 5] == protocol:
            left[0] -= 1
        return left[0] <= 0
    return condition


class Daemon:
    """`wgd` as node 0 of a fleet, in a namespace."""

    def __init__(self, program, namespace, fleet, resync=3600):
        self.namespace = namespace
        self.program = pathlib.Path(program)
        self.state = fleet.directory / "state"
        self.socket = fleet.directory / "wgd.sock"
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.arguments = [
            self.program, "--node", "node-0", "--manifests", fleet.manifests, "--state-dir", self.state, "--socket",
            self.socket, "--podman-socket", fleet.directory / "no-podman.sock", "--resync", resync,
            "--log-level", "error", "--policy", fleet.directory / "no-policy.yaml"]

    def start(self):
        self.process = subprocess.Popen(
            self.namespace.command(*self.arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()

    def key(self):
        return next(self.state.glob("keys/*")).read_text()

    def ask(self, *words):
        wgctl = self.program.with_name("wgctl")
        return self.namespace.run(wgctl, *words, "--socket", self.socket).stdout

    def writes(self):
        """Changes made so far, those of the database left out. Asked for here, with patience: `wgctl` has a deadline."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(300)
        connection.connect(str(self.socket))
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: wgd\r\nConnection: close\r\n\r\n")
        text = b"".join(iter(lambda: connection.recv(1 << 16), b"")).decode()
        counts = re.findall(r'^wgctl_writes_total\{backend="(\w+)"\} (\d+)', text, re.MULTILINE)
        return sum(int(count) for name, count in counts if name != "database")

    def memory(self):
        """(peak, now) of the resident set, in MB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in text.splitlines())
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmHWM", "VmRSS"))

    def cpu(self):
        """Seconds of processor time so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def busy(self, seconds):
        """Seconds of processor time that it takes in the next so many."""
        before = self.cpu()
        time.sleep(seconds)
        return self.cpu() - before

    def settle(self, seconds=3, limit=60):
        """Waits until it has used no processor time worth the name for a while; peers that never answer are asked
        again and again, so not for ever."""
        last, since = self.cpu(), time.monotonic()
        deadline = since + limit
        while time.monotonic() < min(since + seconds, deadline):
            time.sleep(0.25)
            if self.cpu() - last > 0.02:
                last, since = self.cpu(), time.monotonic()
