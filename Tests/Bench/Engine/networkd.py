"""systemd-networkd beside the others: all peers in one .netdev, which people edit, then reload or restart it.

It runs without systemd as the first process: a message bus for `networkctl` is all that it misses. Its files, its state
and its bus are mounted in the mount namespace of each command alone, so a networkd of the host is left alone.
"""
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import time

import host

DAEMON = pathlib.Path("/lib/systemd/systemd-networkd")
USER = "systemd-network"
STATIC = 4  # RTPROT_STATIC, of the routes that it makes.
# /sys is read-only: networkd would wait for udev to know a device otherwise (https://systemd.io/CONTAINER_INTERFACE).
MOUNTS = """
mkdir -p /run/systemd /run/dbus /etc/systemd/network
mount --bind "$1/run" /run/systemd
mount --bind "$1/bus" /run/dbus
mount --bind "$1/network" /etc/systemd/network
mount -o remount,bind,ro /sys
shift
exec "$@"
"""


def missing():
    """Why it cannot be run here; nothing when it can."""
    if not DAEMON.exists():
        return f"there is no {DAEMON}"
    for program in ("networkctl", "dbus-daemon"):
        if shutil.which(program) is None:
            return f"there is no {program}"
    if USER not in (user.pw_name for user in pwd.getpwall()):
        return f"there is no user {USER}"
    return None


def packets_lost(namespace, fleet, private_key, during):
    """(packets lost while a peer changes, how it was made to take the change), or nothing, and says why."""
    reason = missing()
    if reason is None:
        networkd = Networkd(namespace, fleet, private_key)
        try:
            networkd.start()
            way, apply = networkd.way("172.30.3.1")
            return during(namespace, fleet, lambda: networkd.change("172.30.3.2", apply)), way
        except (RuntimeError, TimeoutError) as error:
            reason = str(error)
        finally:
            networkd.stop()
    print(f"without systemd-networkd: {reason}", file=sys.stderr, flush=True)
    return None


class Networkd:
    def __init__(self, namespace, fleet, private_key):
        self.namespace = namespace
        self.fleet = fleet
        self.private_key = private_key
        self.directory = fleet.directory / "networkd"
        self.processes = []
        self.listener = host.Listener(namespace)
        for name in ("network", "bus", "run/netif"):
            (self.directory / name).mkdir(parents=True)
        # What RuntimeDirectory= in its unit does.
        shutil.chown(self.directory / "run/netif", USER, USER)
        (self.directory / "network/wg0.network").write_text(
            f"[Match]\nName=wg0\n\n[Network]\nAddress={fleet.address(0)}/32\n")

    def command(self, *words):
        return self.namespace.command("sh", "-euc", MOUNTS, "sh", self.directory, *words)

    def save(self):
        path = self.fleet.save("networkd/network/wg0.netdev", self.fleet.netdev(self.private_key))
        path.chmod(0o640)
        shutil.chown(path, "root", USER)

    def spawn(self, *words):
        self.processes.append(subprocess.Popen(
            self.command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def start(self):
        self.save()
        self.spawn("dbus-daemon", "--system", "--nofork", "--nopidfile", "--nosyslog")
        if not met((self.directory / "bus/system_bus_socket").exists, 60):
            raise RuntimeError("the message bus does not start")
        mark = self.listener.mark()
        self.spawn(DAEMON)
        self.listener.wait(mark, host.counts(host.NEW_ROUTE, 2 * self.fleet.count, STATIC), 300)

    def stop(self, count=0):
        """Ends its processes but the first so many."""
        while len(self.processes) > count:
            process = self.processes.pop()
            process.terminate()
            process.wait()

    def restart(self):
        """What `systemctl restart systemd-networkd` comes to."""
        self.stop(1)
        self.spawn(DAEMON)

    def reload(self):
        host.run(*self.command("networkctl", "reload"))

    def has(self, lan):
        return f"{lan}/32" in self.namespace.run("wg", "show", "wg0", "allowed-ips").stdout

    def way(self, lan):
        """How it is made to take an edit of a device that exists: a reload, or a restart where that leaves it as it is."""
        version = subprocess.run([DAEMON, "--version"], capture_output=True, text=True).stdout.split()[1]
        self.fleet.lans[2] = lan
        self.save()
        self.reload()
        if met(lambda: self.has(lan), 10):
            return f"systemd-networkd {version}, reloaded", self.reload
        self.change(lan, self.restart)
        return f"systemd-networkd {version}, restarted (a reload leaves the device as it is)", self.restart

    def change(self, lan, apply):
        """Edits the section of peer 2, and waits until its new address is routed."""
        self.fleet.lans[2] = lan
        self.save()
        mark = self.listener.mark()
        apply()
        self.listener.wait(
            mark, lambda message: message[1] == host.NEW_ROUTE and socket.inet_aton(lan) in message[2], 120)
        if not self.has(lan):
            raise RuntimeError(f"the kernel does not have {lan}")


def met(condition, seconds):
    """Whether a condition comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
