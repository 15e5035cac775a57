"""What users would run in our place, applied to the same state in a namespace of its own."""
import json
import os
import shutil
import sys
import time

import host
from fleet import PROTOCOL

PYROUTE2 = """
import sys, time
from pyroute2 import IPRoute, WireGuard
start = time.monotonic()
key, old, new = sys.argv[1:4]
allowed = sys.argv[4:]
WireGuard().set("wg0", peer={"public_key": key, "allowed_ips": allowed, "replace_allowed_ips": True})
with IPRoute() as ip:
    index = ip.link_lookup(ifname="wg0")[0]
    ip.route("add", dst=new, oif=index, proto=99, scope=253)
    ip.route("del", dst=old, oif=index, proto=99, scope=253)
print(time.monotonic() - start)
"""

PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [peers.json]
  tasks:
    - name: the tunnel's configuration
      ansible.builtin.template: {src: wg0.conf.j2, dest: "{{ directory }}/ansible.conf", mode: "0600"}
      notify: synchronise
    - name: the routes
      ansible.builtin.template: {src: routes.j2, dest: "{{ directory }}/ansible.routes"}
      notify: routes
  handlers:
    - name: synchronise
      ansible.builtin.command: wg syncconf wg0 {{ directory }}/ansible.conf
    - name: routes
      ansible.builtin.command: ip -force -batch {{ directory }}/ansible.routes
"""
CONFIGURATION = """[Interface]
PrivateKey = {{ private_key }}
ListenPort = 51820
{% for peer in peers %}
[Peer]
PublicKey = {{ peer.key }}
AllowedIPs = {{ peer.allowed | join(', ') }}
Endpoint = {{ peer.endpoint }}
{% endfor %}
"""
ROUTES = """{% for peer in peers %}{% for allowed in peer.allowed %}
route replace {{ allowed }} dev wg0 proto 99
{% endfor %}{% endfor %}
"""


def timed(function, *arguments, **options):
    start = time.monotonic()
    function(*arguments, **options)
    return time.monotonic() - start


class Tools:
    """`wg` and `ip`, as a script of an operator uses them."""

    def __init__(self, namespace, fleet):
        self.namespace = namespace
        self.fleet = fleet
        self.private_key = host.run("wg", "genkey").stdout
        namespace.ip("link", "add", "wg0", "type", "wireguard")
        namespace.ip("addr", "add", fleet.address(0) + "/32", "dev", "wg0")
        namespace.ip("link", "set", "wg0", "up")

    def save(self):
        """The files that hold the state: writing them is not timed."""
        self.configuration = self.fleet.save("tools.conf", self.fleet.configuration(self.private_key))
        self.routes = self.fleet.save("tools.routes", self.fleet.route_batch())

    def setconf(self):
        self.namespace.run("wg", "setconf", "wg0", self.configuration)

    def syncconf(self):
        self.namespace.run("wg", "syncconf", "wg0", self.configuration)

    def add_routes(self):
        self.namespace.run("ip", "-batch", self.routes)

    def cold(self):
        self.setconf()
        self.add_routes()

    def change(self, old, new):
        self.syncconf()
        source = self.fleet.address(0)
        self.namespace.run("ip", "route", "add", new, "dev", "wg0", "proto", PROTOCOL, "src", source)
        self.namespace.run("ip", "route", "del", old, "dev", "wg0", "proto", PROTOCOL)

    def pyroute2(self, node, old, new):
        """Seconds, without the start of the interpreter and its imports."""
        words = [sys.executable, "-c", PYROUTE2, self.fleet.key(node), old, new, *self.fleet.allowed(node)]
        return float(self.namespace.run(*words).stdout)


class Play:
    """The play of somebody who manages WireGuard with Ansible: templates, and handlers that apply them."""

    def __init__(self, tools):
        self.tools = tools
        self.directory = tools.fleet.directory / "play"
        self.directory.mkdir()
        for name, text in [("play.yaml", PLAY), ("wg0.conf.j2", CONFIGURATION), ("routes.j2", ROUTES)]:
            (self.directory / name).write_text(text)

    @staticmethod
    def is_there():
        return shutil.which("ansible-playbook") is not None

    def run(self):
        fleet = self.tools.fleet
        variables = {
            "directory": str(self.directory), "private_key": self.tools.private_key.strip(),
            "peers": [
                {"key": fleet.key(node), "allowed": fleet.allowed(node),
                 "endpoint": f"{fleet.endpoint(node)}:51820"}
                for node in fleet.peers()]}
        (self.directory / "peers.json").write_text(json.dumps(variables))
        environment = {**os.environ, "ANSIBLE_LOCALHOST_WARNING": "False", "HOME": str(self.directory)}
        return timed(
            self.tools.namespace.run, "ansible-playbook", "-i", "localhost,", self.directory / "play.yaml",
            env=environment)
