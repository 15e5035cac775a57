internal import ControlAPI
internal import NetAddress

/// Where a path begins or ends.
struct Place: Hashable, Codable, Comparable, CustomStringConvertible {
    enum Kind: String, Codable { case node, container }

    var kind: Kind
    var name: String

    static func node(_ name: String) -> Place { Place(kind: .node, name: name) }
    static func container(_ name: String) -> Place { Place(kind: .container, name: name) }

    var description: String { "\(kind.rawValue)/\(name)" }

    /// Nodes before containers.
    static func < (a: Place, b: Place) -> Bool {
        (a.kind == .node ? 0 : 1, a.name) < (b.kind == .node ? 0 : 1, b.name)
    }
}

/// One address to probe from one place.
struct CheckedPath: Hashable {
    var from: Place
    /// The file of the container's network namespace; nil from the host itself.
    var networkNamespace: String?
    var source: IPAddress
    var to: Place
    var address: IPAddress
    var peer: PathList.Peer
    var overlay: PathList.Overlay
}

/// What the command line asks for. Empty lists ask for everything.
struct CheckSelection: Hashable {
    var nodes: [String] = []
    var overlays: [String] = []
    /// `host`, `containers`, or a container's name.
    var origins: [String] = []

    /// The paths to probe, those from the host first. From the host they lead to other nodes; from containers to
    /// other nodes and their containers, on the overlay that both are on and in the families that both have.
    ///
    /// - Throws: `CommandFailure` for a name that nothing has.
    func paths(in list: PathList) throws -> [CheckedPath] {
        try require(nodes, of: list.peers.map(\.node), "no other node called", "shares an overlay with this host")
        try require(overlays, of: list.overlays.map(\.name), "no overlay called", "is set up on this host")
        let names = origins.filter { $0 != "host" && $0 != "containers" }.map(Self.containerName)
        try require(
            names, of: list.origins.map(\.container) + (list.unprobed ?? []).map(\.container), "no container called",
            "is on an overlay of this host")

        let overlays = Dictionary(list.overlays.map { ($0.name, $0) }) { first, _ in first }
        let peers = Dictionary(
            grouping: list.peers.filter {
                (nodes.isEmpty || nodes.contains($0.node))
                    && (self.overlays.isEmpty || self.overlays.contains($0.overlay))
            }, by: \.overlay)
        var paths: [CheckedPath] = []
        if origins.isEmpty || origins.contains("host") {
            for overlay in list.overlays {
                for peer in peers[overlay.name] ?? [] {
                    paths += Self.paths(
                        from: .node(list.node), nil, overlay.addresses, to: .node(peer.node), peer.addresses,
                        peer: peer, overlay: overlay)
                }
            }
        }
        for origin in list.origins
        where origins.isEmpty || origins.contains("containers") || names.contains(origin.container) {
            guard let overlay = overlays[origin.overlay] else { continue }
            for peer in peers[origin.overlay] ?? [] {
                let ends =
                    [(Place.node(peer.node), peer.addresses)]
                    + peer.containers.map { (Place.container($0.name), $0.addresses) }
                for (place, addresses) in ends {
                    paths += Self.paths(
                        from: .container(origin.container), origin.networkNamespace, origin.addresses, to: place,
                        addresses, peer: peer, overlay: overlay)
                }
            }
        }
        return paths
    }

    /// Why some of what is asked for cannot be probed at all, a line each. `paths` has checked the names.
    func unprobed(in list: PathList) -> [String] {
        let names = origins.map(Self.containerName)
        return (list.unprobed ?? []).filter { container in
            (origins.isEmpty || origins.contains("containers") || names.contains(container.container))
                && (overlays.isEmpty || container.overlays.contains(where: overlays.contains))
        }.map { "container/\($0.container) \($0.reason): nothing was probed from it" }
    }

    private static func paths(
        from: Place, _ namespace: String?, _ sources: [IPAddress], to: Place, _ addresses: [IPAddress],
        peer: PathList.Peer, overlay: PathList.Overlay
    ) -> [CheckedPath] {
        addresses.compactMap { address in
            sources.first { $0.family == address.family }.map { source in
                CheckedPath(
                    from: from, networkNamespace: namespace, source: source, to: to, address: address, peer: peer,
                    overlay: overlay)
            }
        }
    }

    /// `container/pod-a` as tables print it, or `pod-a`.
    private static func containerName(_ text: String) -> String {
        text.hasPrefix("container/") ? String(text.dropFirst("container/".count)) : text
    }

    private func require(_ names: [String], of known: [String], _ complaint: String, _ condition: String) throws {
        let missing = names.filter { !known.contains($0) }
        guard !missing.isEmpty else { return }
        let there = Set(known).sorted().prefix(10).joined(separator: ", ")
        throw CommandFailure(
            missing.map { "\(complaint) \"\($0)\" \(condition); there is \(there.isEmpty ? "none" : there)".printable }
                .joined(separator: "\n"))
    }
}
