internal import Manifest
internal import NetAddress
internal import Resources

/// A resource as a person would write it: the fields that are set, in the order of the documentation.
enum ManifestText {
    static func text(of overlay: Overlay) -> String {
        let spec = overlay.spec
        var tunnel = ["interface: \(scalar(spec.wireguard.interface))", "listenPort: \(spec.wireguard.listenPort)"]
        if let mtu = spec.wireguard.mtu { tunnel.append("mtu: \(mtu)") }
        if let seconds = spec.wireguard.persistentKeepalive { tunnel.append("persistentKeepalive: \(seconds)") }
        if spec.wireguard.fwmark != 0 { tunnel.append("fwmark: \(spec.wireguard.fwmark)") }
        let network = spec.network.name.map { "  network: {name: \(scalar($0))}\n" } ?? ""
        return head(.overlay, overlay.metadata) + """
            spec:
              subnets: \(list(spec.subnets, indent: 2))
              wireguard: {\(tunnel.joined(separator: ", "))}

            """ + network
    }

    static func text(of node: Node) -> String {
        let spec = node.spec
        var lines: [String] = []
        if let key = spec.publicKey {
            lines.append("publicKey: \(key)")
        } else {
            lines.append("# publicKey: goes here, printed by `wgctl key show` on \(node.metadata.name)")
        }
        if let endpoint = spec.endpoint { lines.append("endpoint: \(scalar(endpoint.description))") }
        if !spec.overlays.isEmpty { lines.append("overlays:") }
        for membership in spec.overlays {
            lines.append("  - name: \(scalar(membership.name))")
            lines.append("    addresses: \(list(membership.addresses, indent: 6))")
            if let port = membership.listenPort { lines.append("    listenPort: \(port)") }
            if let interface = membership.interface { lines.append("    interface: \(scalar(interface))") }
            if !membership.routes.isEmpty { lines.append("    routes: \(list(membership.routes, indent: 6))") }
        }
        // A mapping of comments alone would be null.
        if spec.publicKey == nil, spec.endpoint == nil, spec.overlays.isEmpty { lines.append("overlays: []") }
        return head(.node, node.metadata) + "spec:\n" + lines.map { "  \($0)\n" }.joined()
    }

    private static func head(_ kind: Kind, _ metadata: Metadata) -> String {
        """
        apiVersion: \(Kind.apiVersion)
        kind: \(kind.rawValue)
        metadata: {name: \(scalar(metadata.name))}

        """
    }

    /// On one line while it is short, else one item a line.
    private static func list(_ values: [some CustomStringConvertible], indent: Int) -> String {
        let items = values.map { scalar($0.description) }
        let flow = "[\(items.joined(separator: ", "))]"
        guard flow.utf8.count > 80 else { return flow }
        return items.map { "\n\(String(repeating: " ", count: indent + 2))- \($0)" }.joined()
    }

    /// Everything here may stand inside brackets.
    private static func scalar(_ text: String) -> String { YAMLScalar.text(text, inFlow: true) }
}
