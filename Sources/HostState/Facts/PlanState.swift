public import Convergence
public import NetAddress

/// What is wanted of this host now. Written by whoever plans.
public struct PlanState: Fact {
    public var desired = DesiredHost()
    /// False until manifests have been accepted, or `wgctl down` has begun: nothing is wanted and nothing unwanted
    /// before (invariant I1).
    public var hasSnapshot = false
    /// Since `wgctl down`: manifests no longer say what is wanted.
    public var isGoingDown = false
    /// How often what is wanted has changed.
    public var number = 0
    /// How often it has changed otherwise than by `amended`.
    public var wholeNumber = 0
    /// The number at which an author last changed the endpoint of a peer that existed before.
    public var editedEndpoints: [TunnelPeer: Int] = [:]

    public static let cause = "manifests"

    public init() {}

    /// Takes over a plan, unless `wgctl down` has begun.
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
    /// - Parameter change: returns false where the plan is not the one to be changed, which it leaves as it was.
    /// - Returns: false when `wgctl down` has begun, no manifest has been accepted, or `change` does.
    public mutating func amend(_ scope: KernelScope, _ change: (inout DesiredHost) -> Bool) -> Bool {
        guard !isGoingDown, hasSnapshot else { return false }
        let before = PlanState.endpoints(in: desired.kernel.part(scope))
        guard change(&desired) else { return false }
        number += 1
        noteEdits(from: before, to: PlanState.endpoints(in: desired.kernel.part(scope)))
        return true
    }

    /// Wants nothing any more. The Node stays known, so that events of what goes still name it.
    ///
    /// - Parameter node: the name of this host's Node where none was planned for.
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
