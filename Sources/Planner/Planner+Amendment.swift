import Algorithms
public import HostState
import NetAddress
public import Resources

/// A plan after a few Nodes have changed, and the part of it that is different.
public struct AmendedPlan: Hashable, Sendable {
    public var desired: DesiredHost
    public var scope: KernelScope

    public init(desired: DesiredHost, scope: KernelScope) {
        self.desired = desired
        self.scope = scope
    }
}

extension Planner {
    /// What planning the whole fleet again would come to, found from the plan that stands and the changed Nodes alone.
    ///
    /// Pure, like `plan`.
    ///
    /// - Parameters:
    ///   - plan: what `Planner.plan` made with the same facts before these Nodes changed.
    ///   - node: this host's own Node, which is not among those that changed.
    ///   - overlays: all that are live.
    /// - Returns: nil when it takes the whole fleet to tell.
    public static func amend(
        _ plan: DesiredHost, node: Node, overlays: [Overlay], with amendment: Amendment, facts: HostFacts
    ) -> AmendedPlan? {
        guard plan.node == node.metadata.name, hasKeysOfItsOwn(amendment, facts) else { return nil }
        var amended = AmendedPlan(desired: plan, scope: KernelScope())
        let resources = ResourceSet(overlays: overlays)
        let before = self.overlays(of: node, in: resources, nodes: amendment.before, facts: facts)
        let after = self.overlays(of: node, in: resources, nodes: amendment.after, facts: facts)
        for (old, new) in zip(before, after) {
            guard amended.replace(OverlayPart(old, facts: facts), with: OverlayPart(new, facts: facts), of: new)
            else { return nil }
        }
        return amended
    }

    /// Keys that are given to this host in place of the manifests' could be those that a changed Node has now.
    private static func hasKeysOfItsOwn(_ amendment: Amendment, _ facts: HostFacts) -> Bool {
        amendment.after.allSatisfy { node in
            let others = facts.publicKeys.filter { $0.key != node.metadata.name }.values
            return node.spec.publicKey.map { !others.contains($0) } ?? true
        }
    }
}

/// What of one overlay's plan some Nodes are the reason of.
private struct OverlayPart {
    let peers: [DesiredPeer]
    let routes: [DesiredRoute]
    let proxyNeighbours: [ProxyNeighbour]

    init(_ view: OverlayView, facts: HostFacts) {
        peers = Planner.overlayPeers(view, facts: facts)
        routes = Planner.overlayRoutes(view, peers: peers, facts: facts)
        proxyNeighbours = Planner.overlayProxyNeighbours(view, peers: peers)
    }
}

extension AmendedPlan {
    /// Puts one part in the place of another; false when the plan does not hold it as it should.
    fileprivate mutating func replace(_ old: OverlayPart, with new: OverlayPart, of view: OverlayView) -> Bool {
        guard old.peers != new.peers || old.routes != new.routes else { return true }
        let interface = view.names.wireguard
        // A container's route to its bridge, inside of another node's slice, may be due to several nodes.
        guard (old.routes + new.routes).allSatisfy({ $0.interface == interface }),
            let device = desired.kernel.devices.firstIndex(where: { $0.interface == interface })
        else { return false }
        for peer in old.peers {
            guard desired.kernel.devices[device].peers.remove(peer, by: \.publicKey) else { return false }
        }
        for peer in new.peers {
            guard desired.kernel.devices[device].peers.insert(peer, by: \.publicKey) else { return false }
        }
        for route in old.routes {
            guard desired.kernel.routes.remove(route, by: \.destination) else { return false }
        }
        for route in new.routes {
            guard desired.kernel.routes.insert(route, by: \.destination) else { return false }
        }
        if old.proxyNeighbours != new.proxyNeighbours {
            guard desired.kernel.replace(old.proxyNeighbours, with: new.proxyNeighbours, on: view.names.bridge)
            else { return false }
        }
        scope.peers[interface, default: []].formUnion((old.peers + new.peers).map(\.publicKey))
        scope.destinations.formUnion((old.routes + new.routes).map(\.destination))
        scope.proxyNeighbours.formUnion(old.proxyNeighbours + new.proxyNeighbours)
        return true
    }
}

extension DesiredKernel {
    /// The entries of one bridge are next to each other, sorted by address; false when there is none yet.
    fileprivate mutating func replace(_ old: [ProxyNeighbour], with new: [ProxyNeighbour], on bridge: String) -> Bool {
        guard let start = proxyNeighbours.firstIndex(where: { $0.interface == bridge }) else { return false }
        let gone = Set(old)
        let kept = proxyNeighbours.filter { $0.interface == bridge && !gone.contains($0) }
        proxyNeighbours.removeAll { $0.interface == bridge }
        proxyNeighbours.insert(contentsOf: (kept + new).sorted { $0.address < $1.address }, at: start)
        return true
    }
}

extension Array where Element: Equatable {
    /// Takes an element out of an array that is sorted by a key; false when it is not there, once.
    fileprivate mutating func remove<Key: Comparable>(_ element: Element, by path: KeyPath<Element, Key>) -> Bool {
        let key = element[keyPath: path]
        let position = partitioningIndex { $0[keyPath: path] >= key }
        guard position < endIndex, self[position] == element,
            position + 1 == endIndex || self[position + 1][keyPath: path] != key
        else { return false }
        remove(at: position)
        return true
    }

    /// Puts an element into an array that is sorted by a key; false when there is one with its key.
    fileprivate mutating func insert<Key: Comparable>(_ element: Element, by path: KeyPath<Element, Key>) -> Bool {
        let key = element[keyPath: path]
        let position = partitioningIndex { $0[keyPath: path] >= key }
        guard position == endIndex || self[position][keyPath: path] != key else { return false }
        insert(element, at: position)
        return true
    }
}
