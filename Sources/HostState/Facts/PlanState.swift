public import Convergence
public import NetAddress

/// The current desired state of this host. Written by the host controller.
public struct PlanState: Fact {
    public var desired = DesiredHost()
    /// False until manifests have been accepted, or `wgctl down` has begun: before that, nothing is desired and
    /// nothing is surplus (invariant I1).
    public var hasSnapshot = false
    /// Since `wgctl down`: manifests are ignored.
    public var isGoingDown = false
    /// The number of changes of the desired state.
    public var number = 0
    /// The number of changes other than by `amend`.
    public var wholeNumber = 0
    /// The plan number at which an author last changed the endpoint of an existing peer.
    public var editedEndpoints: [TunnelPeer: Int] = [:]

    public static let cause = "manifests"

    public init() {}

    /// Adopts a plan, unless `wgctl down` has begun.
    public mutating func want(_ wanted: DesiredHost) {
        guard !isGoingDown, desired != wanted || !hasSnapshot else { return }
        number += 1
        wholeNumber += 1
        let endpoints = PlanState.endpoints(in: wanted.kernel)
        editedEndpoints = editedEndpoints.filter { endpoints[$0.key] != nil }
        noteEdits(from: PlanState.endpoints(in: desired.kernel), to: endpoints)
        desired = wanted
        hasSnapshot = true
    }

    /// Changes a part of the plan.
    ///
    /// - Parameter change: returns false when the plan is not the expected one, which it leaves unchanged.
    /// - Returns: false when `wgctl down` has begun, no manifest has been accepted, or `change` does.
    public mutating func amend(_ scope: KernelScope, _ change: (inout DesiredHost) -> Bool) -> Bool {
        guard !isGoingDown, hasSnapshot else { return false }
        let before = PlanState.endpoints(in: desired.kernel.part(scope))
        guard change(&desired) else { return false }
        number += 1
        noteEdits(from: before, to: PlanState.endpoints(in: desired.kernel.part(scope)))
        return true
    }

    /// Desires nothing any more. Keeps the Node, so that events of what is removed still name it.
    ///
    /// - Parameter node: the name of this host's Node if no plan has one.
    public mutating func takeDown(node: String) {
        isGoingDown = true
        let node = desired.node ?? node
        desired = DesiredHost(node: node)
        hasSnapshot = true
        number += 1
        wholeNumber += 1
    }

    private mutating func noteEdits(from old: [TunnelPeer: Endpoint?], to new: [TunnelPeer: Endpoint?]) {
        for (peer, endpoint) in new {
            if let before = old[peer], before != endpoint { editedEndpoints[peer] = number }
        }
    }

    private static func endpoints(in kernel: DesiredKernel) -> [TunnelPeer: Endpoint?] {
        var endpoints: [TunnelPeer: Endpoint?] = [:]
        for device in kernel.devices {
            for peer in device.peers {
                endpoints[TunnelPeer(interface: device.interface, publicKey: peer.publicKey)] = .some(peer.endpoint)
            }
        }
        return endpoints
    }
}

/// A peer of one device: a node has one key in all its overlays, but an endpoint in each.
public struct TunnelPeer: Hashable, Sendable {
    public var interface: String
    public var publicKey: PublicKey

    public init(interface: String, publicKey: PublicKey) {
        self.interface = interface
        self.publicKey = publicKey
    }
}
