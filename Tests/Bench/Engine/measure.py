"""The measurements, each on a fresh fleet: seconds are of the monotonic clock, as the kernel's own messages tell."""
import os
import re
import statistics
import subprocess
import threading
import time

import host
import networkd
from fleet import PROTOCOL, Fleet
from rivals import Play, Tools, timed

RUNS = 5
QUIET = 0.002  # Quiet.grace: what the daemon waits after one file was renamed into place.


def size(program, directory, count, table, is_with_play):
    fleet = Fleet(count, directory)
    fleet.write_manifests()
    ours = host.Namespace("ours", fleet.endpoint(0))
    theirs = host.Namespace("theirs", "192.168.255.1")
    listener = host.Listener(ours)
    daemon = host.Daemon(program, ours, fleet)
    tools = Tools(theirs, fleet)
    their_listener = host.Listener(theirs)
    tools.save()

    def ms(seconds):
        return seconds * 1000

    # Cold: from nothing to all peers, allowed IPs and routes. Either side has a listener that is followed meanwhile:
    # notifications cost the kernel and this program time.
    mark, start = their_listener.mark(), time.monotonic()
    programs = threading.Thread(target=tools.cold)
    programs.start()
    pair = their_listener.wait(mark, host.counts(host.NEW_ROUTE, 2 * count, PROTOCOL)) - start
    programs.join()
    mark, start = listener.mark(), time.monotonic()
    daemon.start()
    first = listener.wait(mark, lambda message: message[1] == host.NEW_LINK and b"wg0\0" in message[2])
    end = listener.wait(mark, host.counts(host.NEW_ROUTE, 2 * count))
    name = f"{count:,} peers"
    table.add(f"{name}: cold apply, from the interface to the last route", ms(end - first), "ms", ms(pair),
              "`wg setconf` and `ip -batch`")
    table.add(f"{name}: from the start of `wgd`, reading {count:,} files", ms(end - start), "ms")
    daemon.settle()

    # One peer changes: another address behind it, so an allowed IP and a route come and others go.
    added, finished = [], []
    for turn in range(RUNS):
        fleet.lans[2] = f"172.31.0.{turn + 1}"
        new, place = fleet.prepare(2)
        mark, start = listener.mark(), time.monotonic()
        os.rename(new, place)
        added.append(listener.wait(mark, host.counts(host.NEW_ROUTE, 1)) - start)
        finished.append(listener.wait(mark, host.counts(host.DEL_ROUTE, 1)) - start)
        daemon.settle(1)
    synced = []
    for turn in range(RUNS):
        old, fleet.lans[2] = fleet.lan(2), f"172.31.1.{turn + 1}"
        tools.save()
        if turn == 0:
            tools.syncconf()
            tools.namespace.run("ip", "route", "replace", fleet.lan(2), "dev", "wg0", "proto", PROTOCOL)
        else:
            synced.append(timed(tools.change, old, fleet.lan(2)))
    table.add(f"{name}: one changes, from its file's rename to the last write", ms(statistics.median(finished)), "ms",
              ms(statistics.median(synced)), "`wg syncconf` and two `ip route`")
    table.add(f"{name}: one changes, less the 2 ms of quiet, a constant", ms(statistics.median(finished) - QUIET),
              "ms", ms(statistics.median(synced)), "`wg syncconf` and two `ip route`")
    table.add(f"{name}: one changes, until its new address is routed", ms(statistics.median(added)), "ms")
    old, fleet.lans[2] = fleet.lan(2), "172.31.2.1"
    library = tools.pyroute2(2, old, fleet.lan(2))
    table.add(f"{name}: one changes", ms(statistics.median(finished)), "ms", ms(library), "pyroute2, imported before")
    if is_with_play and Play.is_there():
        play = Play(tools)
        play.run()
        fleet.lans[2] = "172.31.3.1"
        table.add(f"{name}: one changes", ms(statistics.median(finished)), "ms", ms(play.run()), "an Ansible play")
        unchanged = play.run()
    else:
        unchanged = None

    # Nothing changes: what a full look costs.
    daemon.settle(1)
    writes, window = daemon.writes(), 5 + count / 400
    # Peers that never answer are asked now and then: that is not the look's.
    besides = daemon.busy(window)
    daemon.ask("resync")
    look = max(daemon.busy(window) - besides, 0.001)
    tools.save()
    table.add(f"{name}: nothing changes, processor time of a full look", ms(look), "ms",
              ms(timed(tools.syncconf)), "`wg syncconf` of the same")
    if unchanged is not None:
        table.add(f"{name}: nothing changes", ms(look), "ms", ms(unchanged), "an Ansible play")
    table.add(f"{name}: nothing changes, writes", daemon.writes() - writes, "")

    # Drift.
    times = []
    for _ in range(RUNS):
        mark = listener.mark()
        ours.ip("route", "del", fleet.address(3) + "/32", "dev", "wg0")
        gone = listener.wait(mark, host.counts(host.DEL_ROUTE, 1))
        times.append(listener.wait(mark, host.counts(host.NEW_ROUTE, 1)) - gone)
        daemon.settle(1)
    table.add(f"{name}: `ip route del` repaired", ms(statistics.median(times)), "ms")
    mark = listener.mark()
    start = time.monotonic()
    ours.ip("link", "del", "wg0")
    end = listener.wait(mark, host.counts(host.NEW_ROUTE, 2 * count))
    table.add(f"{name}: `ip link del wg0` repaired", ms(end - start), "ms")

    rest(daemon, table, name)
    daemon.stop()
    ours.delete()
    theirs.delete()


def rest(daemon, table, name):
    daemon.settle(25)
    table.add(f"{name}: processor at rest", 100 * daemon.busy(20) / 20, "%")
    peak, resting = daemon.memory()
    table.add(f"{name}: resident memory at rest", resting, "MB")
    table.add(f"{name}: resident memory, peak", peak, "MB")


def idle(program, directory, table):
    directory.mkdir(parents=True)
    fleet = Fleet(0, directory)
    fleet.write_manifests()
    ours = host.Namespace("ours", fleet.endpoint(0))
    daemon = host.Daemon(program, ours, fleet)
    daemon.start()
    time.sleep(2)
    rest(daemon, table, "no peer")
    daemon.stop()
    ours.delete()


class Ping:
    """1,000 packets a second from a namespace to an address, for some seconds: fewer a second where it cannot."""

    rates = []

    def __init__(self, namespace, address, seconds):
        # Without a deadline: the packet on its way when one comes would count as lost.
        words = ["ping", "-q", "-i", "0.001", "-W", "5", "-c", seconds * 1000, address]
        self.process = subprocess.Popen(
            namespace.command(*words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        time.sleep(0.5)

    def lost(self):
        text = self.process.communicate()[0]
        sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", text).groups())
        self.rates.append(1000 * sent / int(re.search(r"time (\d+)ms", text)[1]))
        return sent - received


def loss(program, directory, table, count=1000):
    """Packets lost to node 1 while another peer of 1,000 changes."""
    directory.mkdir(parents=True)
    fleet = Fleet(count, directory)
    fleet.write_manifests()
    ours = host.Namespace("ours", fleet.endpoint(0))
    theirs = host.Namespace("theirs", "192.168.255.1")
    far = host.Namespace("far", fleet.endpoint(1))
    listener = host.Listener(ours)
    daemon = host.Daemon(program, ours, fleet)
    tools = Tools(theirs, fleet)
    tools.save()
    daemon.start()
    listener.wait(0, host.counts(host.NEW_ROUTE, 2 * count))
    daemon.settle()
    tools.cold()
    far.ip("link", "add", "wg0", "type", "wireguard")
    far.ip("addr", "add", fleet.address(1) + "/32", "dev", "wg0")
    far.ip("link", "set", "wg0", "up")
    key = fleet.save("far.key", fleet.far_private)
    far.run("wg", "set", "wg0", "private-key", key, "listen-port", 51820)
    far.ip("route", "add", fleet.address(0), "dev", "wg0")

    def meet(public_key, endpoint):
        far.run("wg", "set", "wg0", "peer", public_key, "allowed-ips", fleet.address(0), "endpoint", f"{endpoint}:51820")

    def edit(node, lan):
        fleet.lans[node] = lan
        os.rename(*fleet.prepare(node))

    def move():
        """An address goes from node 3 to node 4."""
        fleet.lans[3], fleet.lans[4] = "172.30.0.1", fleet.lan(3)
        for node in (4, 3):
            os.rename(*fleet.prepare(node))

    def restart():
        daemon.stop()
        daemon.start()

    meet(ours.run("wg", "show", "wg0", "public-key").stdout.strip(), fleet.endpoint(0))
    changes = [("another peer changes", lambda: edit(2, "172.30.1.1")), ("an allowed IP moves", move),
               ("`wgd` restarts", restart)]
    results = {}
    for what, change in changes:
        results[what] = during(ours, fleet, change)
    daemon.stop()
    meet(ours.run("wg", "show", "wg0", "public-key").stdout.strip(), "192.168.255.1")
    far.run("wg", "set", "wg0", "peer", ours.run("wg", "show", "wg0", "public-key").stdout.strip(), "remove")
    public_key = host.run("wg", "pubkey", input=tools.private_key).stdout.strip()
    meet(public_key, "192.168.255.1")

    def sync():
        fleet.lans[2] = "172.30.2.1"
        tools.save()
        tools.syncconf()

    def restart_quick():
        theirs.run("wg-quick", "down", quick)
        theirs.run("wg-quick", "up", quick)

    synced = during(theirs, fleet, sync)
    theirs.ip("link", "del", "wg0")
    quick = fleet.save("wg0.conf", fleet.configuration(tools.private_key).replace(
        "[Interface]\n", f"[Interface]\nAddress = {fleet.address(0)}/32\n", 1))
    theirs.run("wg-quick", "up", quick)
    restarted = during(theirs, fleet, restart_quick)
    theirs.run("wg-quick", "down", quick)
    others = [(synced, "`wg syncconf`"), (restarted, "`wg-quick` down and up"),
              networkd.packets_lost(theirs, fleet, tools.private_key, during)]
    for what, lost in results.items():
        for other in filter(None, others):
            table.add(f"packets lost of {LOSS_SECONDS * 1000:,}: {what}", lost, "", *other)
    table.add("packets sent a second meanwhile, at the least", min(Ping.rates), "")
    for namespace in (ours, theirs, far):
        namespace.delete()


LOSS_SECONDS = 10


def during(namespace, fleet, change):
    """Packets lost while a change is made."""
    namespace.run("ping", "-c", "1", "-w", "10", fleet.address(1))
    ping = Ping(namespace, fleet.address(1), LOSS_SECONDS)
    change()
    return ping.lost()
