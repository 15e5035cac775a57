internal import Convergence
internal import NetworkState
internal import HostState
internal import NetAddress
internal import Planner
internal import Reconciler
internal import Resources

/// What the lanes are told once: when it begins to count, and when it has been dealt with.
extension World.State {
    /// Takes over what the manifests say, unless `wgctl down` has begun: then nothing is wanted any more.
    mutating func want(_ wanted: DesiredHost, from accepted: AcceptedSet) {
        guard !isGoingDown else { return }
        self.accepted = accepted
        guard desired != wanted || !hasSnapshot else { return }
        revision += 1
        for key in World.State.editedEndpoints(from: desired, to: wanted) { editedEndpoints[key] = revision }
        desired = wanted
        hasSnapshot = true
    }

    /// Whether the kernel is as the last look left it, and was compared with all that counts now: changes may go by it.
    var isSettled: Bool { settled == present }

    /// What a look that begins now is compared with.
    var present: World.Look { World.Look(revision: revision, kernelHints: kernelHints) }

    /// Changes a part of what is wanted; the whole set is accepted right after.
    ///
    /// - Returns: false when `wgctl down` has begun, no manifest has been seen, or the plan is not the one to be amended.
    mutating func want(_ amendment: PlanAmendment) -> Bool {
        guard !isGoingDown, hasSnapshot else { return false }
        let scope = amendment.scope
        let before = World.State.endpoints(in: desired.kernel.part(scope))
        guard desired.amend(amendment) else { return false }
        let wasSettled = isSettled
        revision += 1
        if wasSettled { settled = present }
        for (peer, endpoint) in World.State.endpoints(in: desired.kernel.part(scope)) {
            if let old = before[peer], old != endpoint { editedEndpoints[peer] = revision }
        }
        return true
    }

    /// Peers that stood before and whose endpoint text an author has changed since.
    private static func editedEndpoints(from old: DesiredHost, to new: DesiredHost) -> [TunnelPeer] {
        let before = endpoints(in: old.kernel)
        return endpoints(in: new.kernel).filter { peer, endpoint in before[peer].map { $0 != endpoint } ?? false }.map(
            \.key)
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

    /// Forgets the edits that a round has dealt with, not those that came while it ran: an edit that outlived its
    /// peer's first handshake would be written over an endpoint that has roamed since.
    ///
    /// - Parameters:
    ///   - seen: the state that the round compared with.
    ///   - unreadable: interfaces that the round left alone.
    mutating func settleEndpoints(_ outcomes: [Outcome<KernelChange>], seen: World.State, unreadable: Set<String>) {
        var waiting: Set<TunnelPeer> = []
        for outcome in outcomes where outcome.error != nil {
            if case .updatePeer(let interface, let update) = outcome.change {
                waiting.insert(TunnelPeer(interface: interface, publicKey: update.publicKey))
            }
        }
        for device in seen.desired.kernel.devices {
            for peer in device.peers where unreadable.contains(device.interface) || seen.isUnresolved(peer) {
                waiting.insert(TunnelPeer(interface: device.interface, publicKey: peer.publicKey))
            }
        }
        for (key, edit) in seen.editedEndpoints where editedEndpoints[key] == edit && !waiting.contains(key) {
            editedEndpoints[key] = nil
        }
    }

    /// Whether the peer's endpoint is a name that has no address yet.
    func isUnresolved(_ peer: DesiredPeer) -> Bool {
        if case .name(let name)? = peer.endpoint?.host { resolved[name] == nil } else { false }
    }

    /// The container of ours that a manifest of this host names, whatever its name in Podman is; nil when Podman has none,
    /// or does not answer.
    func container(_ name: String) -> ObservedContainer? {
        guard case .observed(let podman) = podman, let id = inventory.containers[name]?.id else { return nil }
        if let found = podman.containers[name], found.id == id { return found }
        return podman.containers.values.first { $0.id == id }
    }

    /// What a lane may do at this look, and nothing that cannot be undone without history (fault 46).
    func sparing<Change>(_ changes: ChangeSet<Change>, lane: LaneName) -> ChangeSet<Change> {
        guard sparing.contains(lane), !isGoingDown else { return changes }
        return changes.sparingSurplus(
            because: "there are no records of what was here before: it is removed at the next look")
    }

    /// After a lane has looked with manifests at hand.
    mutating func noteLook(of lane: LaneName, seen: World.State) {
        if seen.hasSnapshot { sparing.remove(lane) }
    }

    /// Notes containers that have begun to run, as Podman was seen before and is seen now.
    mutating func noteArrivals(in observed: ObservedPodman) {
        let wasLive: Set<String>
        switch podman {
        // At the daemon's start nothing is known to have arrived.
        case .unknown: return
        case .unavailable: wasLive = []
        case .observed(let before): wasLive = Set(before.containers.values.filter(\.isLive).map(\.name))
        }
        arrived += desired.podman.containers.filter { container in
            !wasLive.contains(container.name) && observed.containers[container.name]?.isLive ?? false
                && !arrived.contains { $0.name == container.name }
        }
    }

    /// Forgets what a round has announced of arrivals, and arrivals that are gone. An address whose bridge is missing,
    /// or not ours for now, is announced when that is over.
    mutating func settleArrivals(_ outcomes: [Outcome<KernelChange>]) {
        var announced: Set<KernelChange> = []
        for outcome in outcomes where outcome.error == nil {
            if case .announce = outcome.change { announced.insert(outcome.change) }
        }
        for index in arrived.indices {
            for place in arrived[index].networks.indices {
                let network = arrived[index].networks[place]
                // Not once more at each look that another address waits for.
                arrived[index].networks[place].addresses.removeAll { address in
                    announced.contains(
                        .announce(interface: network.bridge, address: address, macAddress: network.macAddress))
                }
            }
        }
        let present = arrived.filter { !isGone($0) }
        arrived = present.filter { !$0.networks.allSatisfy(\.addresses.isEmpty) }
    }

    private func isGone(_ container: DesiredContainer) -> Bool {
        guard desired.podman.containers.contains(where: { $0.name == container.name }) else { return true }
        guard case .observed(let podman) = podman else { return false }
        return podman.containers[container.name]?.isLive != true
    }
}
