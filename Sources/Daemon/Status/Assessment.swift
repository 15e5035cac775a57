internal import Convergence
internal import FirewallState
internal import HostState
internal import NetAddress
internal import NetworkState
internal import Planner
internal import PodmanState
internal import Reconciler
internal import Resources

/// A condition before the records add its transition time.
struct AssessedCondition: Hashable, Sendable {
    var type: Condition.ConditionType
    var status: Condition.Status
    var reason: String
    var message: String

    init(_ type: Condition.ConditionType, _ status: Condition.Status, _ reason: String, _ message: String = "") {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
    }
}

/// Decides for every object whether it is accepted, programmed and ready as seen from this host. Pure.
struct Assessment: Sendable {
    let state: Facts
    let localNode: String
    private let now: ContinuousClock.Instant
    let pending: [ResourceReference: [Obstacle]]
    /// By name, because each node is looked up once per object: the fleet has thousands.
    private let nodes: [String: Node]
    private let peers: [String: [(interface: String, overlay: String, peer: DesiredPeer)]]
    let missingKeys: MissingKeys

    /// A reason why an object is not as desired: the most severe gives the reason, all of them the message.
    enum Obstacle: Hashable, Comparable {
        case conflict(String)
        case failure(String)
        case wait(String)

        var reason: String {
            switch self {
            case .conflict: Reason.conflict
            case .failure: Reason.failed
            case .wait: Reason.pending
            }
        }

        var text: String {
            switch self {
            case .conflict(let text), .failure(let text), .wait(let text): text
            }
        }
    }

    init(state: Facts, localNode: String, now: ContinuousClock.Instant = .now) {
        self.state = state
        self.localNode = localNode
        missingKeys = MissingKeys(state: state, localNode: localNode)
        self.now = now
        nodes = Dictionary(state.accepted.live.nodes.map { ($0.metadata.name, $0) }) { first, _ in first }
        peers = Dictionary(
            grouping: state.desired.kernel.devices.flatMap { device in
                device.peers.map { (interface: device.interface, overlay: device.overlay, peer: $0) }
            }, by: \.peer.node)
        let owners = Owners(state.desired, localNode: localNode)
        var pending: [ResourceReference: [Obstacle]] = [:]
        let advisory = Set(LaneRegistry.backends.filter { $0.traits.decides.isEmpty }.map { $0.lane })
        for (lane, outstanding) in state.outstanding where !advisory.contains(lane) {
            for gap in outstanding.failures { pending[gap.resource, default: []].append(.failure(gap.reason)) }
            for waiting in outstanding.waiting {
                pending[waiting.regarding, default: []].append(.wait("\(waiting.target): \(waiting.reason)"))
            }
            for conflict in outstanding.conflicts {
                pending[conflict.regarding(owners), default: []].append(.conflict(conflict.message))
            }
        }
        // A failure is reported for as long as the next attempt waits, not only in the round that failed.
        for (name, text) in state.startErrors where pending[.container(name)]?.contains(.failure(text)) != true {
            pending[.container(name), default: []].append(.failure(text))
        }
        self.pending = pending.mapValues { $0.sorted() }
    }

    func conditions() -> [ResourceReference: [AssessedCondition]] {
        var all: [ResourceReference: [AssessedCondition]] = [:]
        for acceptance in state.accepted.acceptances {
            var conditions = [accepted(acceptance)]
            if acceptance.json != nil, acceptance.key.kind != .gateway {
                conditions +=
                    acceptance.key.kind == .overlay
                    ? overlay(acceptance.key.name) : node(acceptance.key.name)
            }
            all[acceptance.key.reference] = conditions
        }
        for container in state.desired.podman.containers {
            all[.container(container.name)] = self.container(container)
        }
        for (container, reason) in barredContainers() {
            all[.container(container)] = barred(reason)
        }
        for object in state.policyViolations.keys where object.kind == .container {
            all[object] = heldContainer(object)
        }
        return all
    }

    // MARK: Overlays

    private func overlay(_ name: String) -> [AssessedCondition] {
        if let held = held(.overlay(name)) { return heldOverlay(name, held) }
        if let reason = state.hostConflicts.barred[name] { return barred(reason) }
        let links = state.desired.kernel.links.filter { $0.alias == mark(of: name) }
        guard !links.isEmpty else {
            return [AssessedCondition(.programmed, .true, Reason.programmed, "nothing to do on this host")]
        }
        var programmed = programmed(.overlay(name))
        if programmed.status == .true {
            programmed.message = ([state.hostConflicts.overlapped[name]].compactMap { $0 } + advisoryFaults)
                .joined(separator: "\n")
        }
        let areUp = links.allSatisfy { state.kernel?.links[$0.name]?.isUp ?? false }
        let ready =
            programmed.status == .true && areUp
            ? AssessedCondition(.ready, .true, Reason.ready)
            : AssessedCondition(.ready, .false, Reason.notReady, areUp ? programmed.message : "an interface is down")
        return [programmed, ready]
    }

    /// The alias of an overlay's links.
    func mark(of overlay: String) -> String {
        OwnershipMark.alias(overlay: state.desired.identities.original(ofOverlay: overlay))
    }

    /// Problems of the lanes that decide no condition.
    private var advisoryFaults: [String] {
        LaneRegistry.backends.filter { $0.traits.decides.isEmpty }.compactMap { backend in
            guard let outstanding = state.outstanding[backend.lane] else { return nil }
            let reason =
                outstanding.error ?? outstanding.failures.first?.reason ?? outstanding.conflicts.first?.message
            return reason.map { "\(backend.traits.noun) is not as wanted: \($0)" }
        }
    }

    /// A lane that cannot observe makes its objects unknown, not false.
    func programmed(_ object: ResourceReference, lanes: [LaneName]? = nil) -> AssessedCondition {
        if let obstacles = pending[object], let first = obstacles.first {
            return AssessedCondition(
                .programmed, .false, first.reason, obstacles.map(\.text).joined(separator: "\n"))
        }
        for lane in lanes ?? LaneRegistry.deciding(object.kind) {
            guard let outstanding = state.outstanding[lane] else {
                return AssessedCondition(.programmed, .unknown, Reason.pending, "not looked at yet")
            }
            if let error = outstanding.error {
                return AssessedCondition(.programmed, .unknown, Reason.pending, error)
            }
        }
        return AssessedCondition(.programmed, .true, Reason.programmed)
    }

    // MARK: Nodes

    private func node(_ name: String) -> [AssessedCondition] { name == localNode ? ownNode() : remoteNode(name) }

    private func ownNode() -> [AssessedCondition] {
        if state.isGoingDown {
            let message = "taken away by `wgctl down`: start wgd to bring it back"
            return [
                AssessedCondition(.programmed, .false, Reason.notReady, message),
                AssessedCondition(.ready, .false, Reason.notReady, message),
            ]
        }
        if let error = state.keyError {
            return [
                AssessedCondition(.programmed, .false, Reason.failed, error),
                AssessedCondition(.ready, .false, Reason.notReady, error),
            ]
        }
        if let held = held(.node(localNode)) {
            return [held, AssessedCondition(.ready, .false, Reason.notReady, held.message)]
        }
        var programmed = programmed(.node(localNode))
        if let reason = state.hostConflicts.barred.min(by: { $0.key < $1.key })?.value { return barred(reason) }
        let mine = state.desired.kernel.devices.map {
            self.programmed(.overlay($0.overlay), lanes: LaneRegistry.deciding(.node))
        }
        if programmed.status == .true, let worst = mine.first(where: { $0.status != .true }) { programmed = worst }
        if programmed.status == .true, let change = state.nameChange {
            (programmed.reason, programmed.message) = (Reason.nameChanged, change)
        }
        let broken = state.desired.podman.containers.filter { readiness(of: $0).status != .true }.map(\.name)
        let ready: AssessedCondition =
            if programmed.status != .true {
                AssessedCondition(.ready, .false, Reason.notReady, programmed.message)
            } else if !broken.isEmpty {
                AssessedCondition(
                    .ready, .false, Reason.notReady, "containers not ready: \(broken.joined(separator: ", "))")
            } else if let keyless = missingKeys.own {
                AssessedCondition(.ready, .false, Reason.publicKeyMissing, keyless)
            } else {
                AssessedCondition(.ready, .true, Reason.ready)
            }
        return [programmed, ready]
    }

    private func remoteNode(_ name: String) -> [AssessedCondition] {
        guard let peers = peers[name] else { return stranger(name) }
        let isPresent = peers.allSatisfy {
            state.kernel?.devices[$0.interface]?.peers[$0.peer.publicKey] != nil
        }
        var programmed = programmed(.node(name))
        if programmed.status == .true, !isPresent {
            programmed = AssessedCondition(.programmed, .false, Reason.pending, "the peer is not in yet")
        }
        let ready = peers.map { readiness(of: $0.peer, in: $0.overlay) }.min(by: isWorse)
        return [held(.node(name)) ?? programmed, ready ?? programmed]
    }

    static let notProbedYet = AssessedCondition(.ready, .unknown, Reason.pending, "not probed yet")

    /// Ready of one peer: whether it answered the last probe, and not too long ago.
    func readiness(of peer: DesiredPeer, in overlay: String) -> AssessedCondition {
        if !hasPath(to: peer.node, in: overlay) {
            return AssessedCondition(
                .ready, .false, Reason.noPath,
                "neither this host nor \(peer.node) has an endpoint: give one of them one")
        }
        let probe = state.probes[PeerKey(overlay: overlay, node: peer.node)]
        if state[ResolvedNames.self].isUnresolved(peer), let endpoint = peer.endpoint,
            !(probe?.state.isAnswered ?? false)
        {
            if let useless = unreachable(endpoint) { return useless }
            return AssessedCondition(
                .ready, .false, Reason.noPath,
                "the name of its endpoint, \(endpoint), does not resolve: check DNS, or write an address")
        }
        guard let probe else { return Assessment.notProbedYet }
        if probe.isOverdue(at: now, period: state.probePeriod) {
            return AssessedCondition(
                .ready, .unknown, Reason.notProbed,
                "no probe for more than \(state.probePeriod * PeerProbe.periods): its interface may be down or without "
                    + "an address, or nothing can be sent; look at `wgctl status` and `wgctl events`")
        }
        return switch probe.state {
        case .unknown: Assessment.notProbedYet
        case .answered: AssessedCondition(.ready, .true, Reason.ready)
        case .unanswered:
            AssessedCondition(
                .ready, .false, Reason.noReply,
                "\(peer.node) does not answer over \(overlay): is wgd running there, and its listen port reachable?")
        }
    }

    func sharesOverlay(with node: String) -> Bool {
        let own = Set(nodes[localNode]?.spec.overlays.map(\.name) ?? [])
        return nodes[node]?.spec.overlays.contains { own.contains($0.name) } ?? false
    }

    /// A name that this host finds no other host by: mostly a line of /etc/hosts that gives the name to the host itself.
    private func unreachable(_ endpoint: Endpoint) -> AssessedCondition? {
        guard case .name(let name) = endpoint.host, let address = state[ResolvedNames.self].useless[name] else {
            return nil
        }
        let why =
            Endpoint(host: .address(address), port: nil).whyUnreachable
            ?? "\(address) is link-local and names no interface"
        return AssessedCondition(
            .ready, .false, Reason.unreachableEndpoint,
            "the name of its endpoint, \(endpoint), resolves here to an address at which no other host is: \(why); "
                + "correct /etc/hosts or DNS, or write an address")
    }

    private func hasPath(to node: String, in overlay: String) -> Bool {
        guard let here = nodes[localNode], let there = nodes[node] else { return true }
        return Planner.hasPath(from: here, to: there, overlay: overlay)
    }

    private func isWorse(_ a: AssessedCondition, _ b: AssessedCondition) -> Bool {
        let order: [Condition.Status] = [.false, .unknown, .true]
        return order.firstIndex(of: a.status) ?? 0 < order.firstIndex(of: b.status) ?? 0
    }
}
