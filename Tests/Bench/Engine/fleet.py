"""One state in every form that a program wants it in: N peers, two allowed IPs and two routes each.

Node 0 is the host under test. Node i has the overlay address 10.A.B.C and a LAN of one address behind it.
"""
import base64
import ipaddress
import os
import pathlib
import subprocess

PORT = 51820
PROTOCOL = 99  # Of the routes that `ip` and pyroute2 make.


class Fleet:
    def __init__(self, count, directory):
        self.count = count
        self.directory = pathlib.Path(directory)
        self.manifests = self.directory / "manifests"
        self.lans = {}
        # Node 1 is the far end of the pings: its keys are real. All others never answer.
        self.far_private = subprocess.run(["wg", "genkey"], check=True, capture_output=True, text=True).stdout
        self.far_public = subprocess.run(
            ["wg", "pubkey"], input=self.far_private, check=True, capture_output=True, text=True).stdout.strip()

    def key(self, node):
        if node == 1:
            return self.far_public
        return base64.b64encode(b"\x09" * 28 + node.to_bytes(4, "little")).decode()

    @staticmethod
    def address(node):
        return str(ipaddress.ip_address("10.0.0.1") + node)

    @staticmethod
    def endpoint(node):
        return str(ipaddress.ip_address("192.168.0.1") + node)

    def lan(self, node):
        return self.lans.get(node, str(ipaddress.ip_address("172.16.0.0") + node))

    def allowed(self, node):
        return [self.address(node) + "/32", self.lan(node) + "/32"]

    def peers(self):
        return range(1, self.count + 1)

    # The forms.

    def manifest(self, node):
        key = "" if node == 0 else f"  publicKey: {self.key(node)}\n"
        routes = "" if node == 0 else f", routes: [{self.lan(node)}/32]"
        return (
            f"apiVersion: wgctl.dev/v1alpha1\nkind: Node\nmetadata: {{name: node-{node}}}\nspec:\n{key}"
            f"  endpoint: {self.endpoint(node)}\n"
            f"  overlays:\n    - {{name: net, addresses: [{self.address(node)}]{routes}}}\n")

    def write_manifests(self):
        self.manifests.mkdir(parents=True, exist_ok=True)
        (self.manifests / "overlay.yaml").write_text(
            "apiVersion: wgctl.dev/v1alpha1\nkind: Overlay\nmetadata: {name: net}\nspec:\n  subnets: [10.0.0.0/8]\n")
        for node in range(self.count + 1):
            (self.manifests / f"node-{node}.yaml").write_text(self.manifest(node))

    def prepare(self, node):
        """The manifest beside its place, to be renamed into it."""
        path = self.directory / f"node-{node}.yaml.new"
        path.write_text(self.manifest(node))
        return path, self.manifests / f"node-{node}.yaml"

    def configuration(self, private_key):
        """A file for `wg setconf` and `wg syncconf`."""
        parts = [f"[Interface]\nPrivateKey = {private_key.strip()}\nListenPort = {PORT}\n"]
        for node in self.peers():
            parts.append(
                f"[Peer]\nPublicKey = {self.key(node)}\nAllowedIPs = {', '.join(self.allowed(node))}\n"
                f"Endpoint = {self.endpoint(node)}:{PORT}\n")
        return "\n".join(parts)

    def netdev(self, private_key):
        """A .netdev of systemd-networkd, which makes the routes too."""
        parts = [
            "[NetDev]\nName=wg0\nKind=wireguard\n\n"
            f"[WireGuard]\nPrivateKey={private_key.strip()}\nListenPort={PORT}\nRouteTable=main\n"]
        for node in self.peers():
            parts.append(
                f"[WireGuardPeer]\nPublicKey={self.key(node)}\nAllowedIPs={','.join(self.allowed(node))}\n"
                f"Endpoint={self.endpoint(node)}:{PORT}\n")
        return "\n".join(parts)

    def route_batch(self):
        """Lines for `ip -batch`."""
        return "".join(
            f"route add {allowed} dev wg0 proto {PROTOCOL} src {self.address(0)}\n"
            for node in self.peers() for allowed in self.allowed(node))

    def save(self, name, text):
        path = self.directory / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        return path
