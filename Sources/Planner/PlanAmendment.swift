public import HostState
import NetAddress

/// What of a plan some Nodes are the reason of, before and after they changed.
public struct PlanAmendment: Hashable, Sendable {
    /// This host's own Node.
    let node: String
    var parts: [Part] = []

    public init(node: String) { self.node = node }

    /// One overlay's.
    struct Part: Hashable, Sendable {
        let interface: String
        let bridge: String
        let old: Side
        let new: Side

        var isDifferent: Bool { old.peers != new.peers || old.routes != new.routes }
    }

    struct Side: Hashable, Sendable {
        let peers: [DesiredPeer]
        let routes: [DesiredRoute]
        let proxyNeighbours: [ProxyNeighbour]
    }

    /// Where the plan is different afterwards.
    public var scope: KernelScope {
        var scope = KernelScope()
        for part in parts {
            for side in [part.old, part.new] {
                scope.peers[part.interface, default: []].formUnion(side.peers.map(\.publicKey))
                scope.destinations.formUnion(side.routes.map(\.destination))
                scope.proxyNeighbours.formUnion(side.proxyNeighbours)
            }
        }
        return scope
    }
}

extension DesiredHost {
    /// Changes the plan in place: what that costs does not grow with the fleet.
    ///
    /// - Returns: false, and nothing is changed, when this is not the plan that the Nodes gave before.
    public mutating func amend(_ amendment: PlanAmendment) -> Bool {
        guard node == amendment.node else { return false }
        // The routes of all overlays are one list.
        let routes = amendment.parts.map { (old: $0.old.routes, new: $0.new.routes) }
        guard amendment.parts.allSatisfy(kernel.canAmend),
            kernel.routes.canReplace(routes.flatMap(\.old), with: routes.flatMap(\.new), by: \.destination)
        else { return false }
        kernel.routes.replace(routes.flatMap(\.old), with: routes.flatMap(\.new), by: \.destination)
        for part in amendment.parts { kernel.amend(part) }
        return true
    }
}

extension DesiredKernel {
    private func device(of part: PlanAmendment.Part) -> Int? {
        devices.firstIndex { $0.interface == part.interface }
    }

    fileprivate func canAmend(_ part: PlanAmendment.Part) -> Bool {
        guard let device = device(of: part),
            devices[device].peers.canReplace(part.old.peers, with: part.new.peers, by: \.publicKey)
        else { return false }
        return part.old.proxyNeighbours == part.new.proxyNeighbours
            || proxyNeighbours.contains { $0.interface == part.bridge }
    }

    fileprivate mutating func amend(_ part: PlanAmendment.Part) {
        if let device = device(of: part) {
            devices[device].peers.replace(part.old.peers, with: part.new.peers, by: \.publicKey)
        }
        guard part.old.proxyNeighbours != part.new.proxyNeighbours,
            let start = proxyNeighbours.firstIndex(where: { $0.interface == part.bridge })
        else { return }
        // The entries of one bridge are next to each other, sorted by address.
        let gone = Set(part.old.proxyNeighbours)
        let kept = proxyNeighbours.filter { $0.interface == part.bridge && !gone.contains($0) }
        proxyNeighbours.removeAll { $0.interface == part.bridge }
        proxyNeighbours.insert(
            contentsOf: (kept + part.new.proxyNeighbours).sorted { $0.address < $1.address }, at: start)
    }
}
