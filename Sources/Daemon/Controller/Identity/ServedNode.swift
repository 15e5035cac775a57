internal import NetAddress
internal import Resources

/// Which Node this host is. Pure.
///
/// A host keeps serving the Node that it served before, whatever the host is named now: a changed name alone must never
/// remove a network (fault 51 of docs/reliability.md).
struct ServedNode: Hashable, Sendable {
    enum Basis: Hashable, Sendable {
        /// The Node's public key is this host's own.
        case publicKey
        /// This host served it before.
        case history
        /// It has the host's name: `--node`, `WGD_NODE`, or the host name.
        case name
    }

    var name: String
    var basis: Basis
}

extension ServedNode {
    /// - Parameters:
    ///   - nodes: the live Nodes, including those that are kept until an operator decides.
    ///   - called: the name that the host was given.
    ///   - last: the Node that it served last; nil when that is unknown.
    ///   - ownKey: nil when this host has no key yet.
    ///   - keys: public keys that override the manifests', by Node.
    init(among nodes: [Node], called: String, last: String?, ownKey: PublicKey?, keys: [String: PublicKey]) {
        let key = { (node: Node) in keys[node.metadata.name] ?? node.spec.publicKey }
        let own = nodes.filter { node in key(node).map { $0 == ownKey } ?? false }.map(\.metadata.name).sorted()
        let incumbent = nodes.first { $0.metadata.name == last }
        // Another Node with this host's key waits for `wgctl adopt`, unless the previous Node's key belongs to another
        // host and this host has another name: keys pasted into the wrong files must move no host.
        if let incumbent,
            key(incumbent) == nil || ownKey == nil || key(incumbent) == ownKey || own.isEmpty
                || incumbent.metadata.name == called
        {
            (name, basis) = (incumbent.metadata.name, key(incumbent) == ownKey && ownKey != nil ? .publicKey : .history)
        } else if let first = own.first {
            (name, basis) = (own.contains(called) ? called : first, .publicKey)
        } else {
            (name, basis) = (called, .name)
        }
    }

    /// What an operator sees when the host's name differs from the Node that it serves; nil when they are equal.
    func remark(called: String) -> String? {
        guard called != name else { return nil }
        let why =
            switch basis {
            case .publicKey: "its public key is this host's"
            case .history, .name: "this host served it before"
            }
        return "this host is called \(called) and serves Node/\(name) (\(why)): nothing changes; "
            + "set WGD_NODE=\(name), or rename the Node in the manifests and run `wgctl adopt --from \(name)`"
    }
}
