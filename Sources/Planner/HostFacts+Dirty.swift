public import HostState
internal import NetAddress

extension HostFacts {
    /// The Nodes of other hosts whose parts of a plan these facts change.
    ///
    /// Only the MTU on the way to an endpoint and the addresses of a name concern single Nodes.
    ///
    /// - Parameters:
    ///   - before: the facts that the plan was made with.
    ///   - plan: what was planned with them.
    /// - Returns: nil when all of the plan may change.
    public func dirtyNodes(since before: HostFacts, in plan: DesiredHost) -> Set<String>? {
        var rest = before
        (rest.pathMTUs, rest.resolved) = (pathMTUs, resolved)
        guard rest == self else { return nil }
        let addresses = HostFacts.differences(between: before.pathMTUs, and: pathMTUs)
        let names = HostFacts.differences(between: before.resolved, and: resolved)
        guard !addresses.isEmpty || !names.isEmpty else { return [] }
        let isConcerned = { (peer: DesiredPeer) -> Bool in
            switch peer.endpoint?.host {
            case .address(let address): addresses.contains(address)
            case .name(let name): names.contains(name) || resolved[name]?.contains(where: addresses.contains) ?? false
            case nil: false
            }
        }
        return Set(plan.kernel.devices.flatMap { $0.peers.filter(isConcerned).map(\.node) })
    }

    private static func differences<Key, Value: Equatable>(between a: [Key: Value], and b: [Key: Value]) -> Set<Key> {
        // Mostly nothing is, and two that share their storage are not compared.
        if a == b { return [] }
        return Set(a.filter { b[$0.key] != $0.value }.keys).union(b.filter { a[$0.key] == nil }.keys)
    }
}
