import HostState
import NetAddress
public import Resources

extension Planner {
    /// Whether one of both nodes can dial the other on `overlay`: false when neither has an endpoint there.
    public static func hasPath(from a: Node, to b: Node, overlay: String) -> Bool {
        endpoint(of: a, overlay: overlay) != nil || endpoint(of: b, overlay: overlay) != nil
    }

    private static func endpoint(of node: Node, overlay: String) -> Endpoint? {
        node.spec.overlays.first { $0.name == overlay }?.endpoint ?? node.spec.endpoint
    }

    /// Every other member with a usable public key, sorted by key. Where two claim the same CIDR or key, which
    /// acceptance refuses, what is local comes first and then the first node by name: allowed IPs stay disjoint.
    static func overlayPeers(_ view: OverlayView, facts: HostFacts) -> [DesiredPeer] {
        let local = view.membership.addresses + view.containerAddresses(of: view.node)
        var claimed = Set(local.map(\.hostCIDR))
        var keys = Set([key(of: view.node, facts: facts), facts.ownPublicKey].compactMap { $0 })
        let keepalive =
            view.overlay.spec.wireguard.persistentKeepalive
            ?? (endpoint(of: view.node, overlay: view.name) == nil ? 25 : 0)
        return view.remotes.compactMap { node, membership -> DesiredPeer? in
            guard let key = key(of: node, facts: facts), keys.insert(key).inserted
            else { return nil }
            let addresses = membership.addresses + view.containerAddresses(of: node)
            let allowedIPs = (addresses.map(\.hostCIDR) + membership.routes).filter { claimed.insert($0).inserted }
            let hint = membership.endpoint ?? node.spec.endpoint
            return DesiredPeer(
                node: node.metadata.name, publicKey: key,
                endpoint: hint.map { hint in
                    Endpoint(
                        host: hint.host,
                        port: hint.port ?? membership.listenPort ?? view.overlay.spec.wireguard.listenPort)
                },
                persistentKeepalive: keepalive, allowedIPs: allowedIPs.sorted(),
                probeAddresses: membership.addresses.sorted())
        }.sorted { $0.publicKey < $1.publicKey }
    }

    static func overlayDevice(_ view: OverlayView, peers: [DesiredPeer], facts: HostFacts) -> DesiredDevice {
        // A key other than the manifest's would make every peer refuse us: better none.
        let matches = key(of: view.node, facts: facts).map { $0 == facts.ownPublicKey } ?? true
        return DesiredDevice(
            interface: view.names.wireguard, overlay: view.name, listenPort: view.listenPort,
            fwmark: view.overlay.spec.wireguard.fwmark, publicKey: matches ? facts.ownPublicKey : nil,
            presharedKeyFile: view.overlay.spec.wireguard.presharedKeys?.file,
            presharedKeyName: view.overlay.spec.wireguard.presharedKeys?.derivedFrom ?? view.originalName, peers: peers)
    }

    /// The key that counts: the host's own map stands in for the manifests'.
    static func key(of node: Node, facts: HostFacts) -> PublicKey? {
        facts.publicKeys[node.metadata.name] ?? node.spec.publicKey
    }
}
