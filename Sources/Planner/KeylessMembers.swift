public import NetAddress
public import Resources

extension Planner {
    /// A member of an overlay that no host can have as a peer yet: its public key is not known.
    public struct KeylessMember: Hashable, Sendable {
        public var overlay: String
        public var node: String
        /// Its own in the overlay.
        public var addresses: [IPAddress]
    }

    /// The members without a key of the overlays that `name` is in, itself among them, by overlay and node.
    ///
    /// - Parameter publicKeys: the keys that stand in for the manifests', by node.
    public static func keylessMembers(
        in resources: ResourceSet, of name: String, publicKeys: [String: PublicKey] = [:]
    ) -> [KeylessMember] {
        guard let own = resources.nodes.first(where: { $0.metadata.name == name }) else { return [] }
        let overlays = Set(own.spec.overlays.map(\.name)).intersection(resources.overlays.map(\.metadata.name))
        return resources.nodes.filter { $0.spec.publicKey == nil && publicKeys[$0.metadata.name] == nil }
            .flatMap { node in
                node.spec.overlays.filter { overlays.contains($0.name) }.map {
                    KeylessMember(
                        overlay: $0.name, node: node.metadata.name, addresses: $0.addresses.sorted())
                }
            }.sorted { ($0.overlay, $0.node) < ($1.overlay, $1.node) }
    }

    /// What such a member lacks, and who can add it.
    public static func keyRemedy(of node: String) -> String {
        "Node \(node) has no publicKey yet: put there what `wgctl key show` prints on that host"
    }
}
