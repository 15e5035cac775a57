internal import Convergence
internal import Descriptors
internal import Firewall
internal import FirewallLane
internal import HostState
internal import Logging
internal import NetworkLane
internal import Podman
internal import PodmanLane
internal import Reconciler
internal import RouteNetlink
internal import WireGuard

/// The lanes of this daemon. Everything that is done per lane loops over them: a new backend is a target in Package.swift,
/// and its type and its instance here.
struct LaneRegistry: Sendable {
    let network: Lane<NetworkBackend>
    let networkBackend: NetworkBackend
    /// In the order of events and of `wgctl diff`.
    let all: [any AnyLane]

    /// The types of the backends, in the same order.
    static let backends: [any Backend.Type] = [
        NetworkBackend.self, PodmanBackend.self, FirewallBackend.self,
    ]

    /// The lanes that decide the condition Programmed of a kind of resources.
    static func deciding(_ kind: ResourceReference.Kind) -> [LaneName] {
        backends.filter { $0.traits.decides.contains(kind) }.map { $0.lane }
    }

    /// What the backends are built from.
    struct Parts {
        var board: FactBoard
        var inventory: InventoryRecords
        var reporter: Recorder
        var resync: Duration
        /// Whether no records exist of what was here before.
        var isSparing: @Sendable (LaneName) -> Bool
        var routes: RouteNetlinkClient
        var wireguard: WireGuardClient
        var surroundings: NetworkBackend.Surroundings
        var podman: PodmanClient
        var slowSteps: SlowSteps
        var firewall: FirewallClient
        var logger: Logger
    }

    init(_ parts: Parts) async {
        let board = parts.board
        func lane<B: Backend>(_ backend: B) -> Lane<B> {
            Lane(
                backend: backend, board: board, reporter: parts.reporter, resync: parts.resync,
                isSparing: parts.isSparing(B.lane), logger: parts.logger)
        }
        networkBackend = NetworkBackend(
            routes: parts.routes, wireguard: parts.wireguard, inventory: parts.inventory, board: board,
            surroundings: parts.surroundings)
        network = lane(networkBackend)
        all = [
            network,
            lane(
                PodmanBackend(
                    podman: parts.podman, slowSteps: parts.slowSteps, inventory: parts.inventory,
                    reporter: parts.reporter, board: board, runsHealthChecks: !Systemd.runsThisHost)),
            lane(FirewallBackend(firewall: parts.firewall, podman: parts.podman, inventory: parts.inventory)),
        ]
        for lane in all { await lane.attach() }
    }

    subscript(_ name: LaneName) -> (any AnyLane)? { all.first { $0.name == name } }

    /// Wakes all lanes.
    func wake(_ cause: String, isPressing: Bool) {
        for lane in all { lane.wake(cause, isPressing: isPressing) }
    }

    /// The order in which `wgctl down` removes the objects of lanes: a lane comes before those it depends on.
    var inTeardownOrder: [any AnyLane] {
        var rest = all[...]
        var order: [any AnyLane] = []
        while !rest.isEmpty {
            let standing = rest.reduce(into: Set<LaneName>()) { $0.formUnion($1.traits.standsOn) }
            let next = rest.firstIndex { !standing.contains($0.name) } ?? rest.startIndex
            order.append(rest.remove(at: next))
        }
        return order
    }
}
