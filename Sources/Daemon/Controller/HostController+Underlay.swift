internal import HostState
internal import NetAddress
internal import Reconciler
internal import Resources
internal import RouteNetlink

/// The path MTU of the underlay to each endpoint, as last found.
struct UnderlayPaths: Sendable {
    /// Bytes, by address. An address that has lost its route keeps its value: a flapping link changes no plan.
    var pathMTUs: [IPAddress: UInt32] = [:]
    /// The version of the occupancy at which this was looked up.
    var version: Int?
    /// Increases with every update.
    var edition = 0

    /// Ethernet's (RFC 894), used when no endpoint is known.
    static let usualMTU: UInt32 = 1500

    mutating func add(_ paths: [IPAddress: UInt32]) {
        pathMTUs.merge(paths) { _, new in new }
        edition += 1
    }

    var smallestMTU: UInt32? { pathMTUs.values.min() }

    /// - Parameter occupancy: nil when it could not be read, which is no sign of a change.
    func isOutdated(by occupancy: RouteNetlinkClient.Occupancy?) -> Bool {
        occupancy.map { $0.underlay != version } ?? false
    }
}

extension HostController {
    /// Follows the path MTUs of the underlay, and records the smallest one as soon as one is known.
    ///
    /// - Parameters:
    ///   - occupancy: as just read; nil when it could not be read.
    ///   - isResync: check every path: routing rules and other tables change without a notification.
    func lookAtUnderlay(
        of live: ResourceSet, occupancy: RouteNetlinkClient.Occupancy?, isResync: Bool = false
    ) async {
        let edition = planned.underlay.edition
        let found = await underlay(of: live, occupancy: occupancy, isResync: isResync)
        // Paths added meanwhile may belong to endpoints that this call does not know.
        if planned.underlay.edition == edition {
            planned.underlay = found
        } else {
            planned.underlay.add(found.pathMTUs)
        }
        planned.underlay.edition += 1
        if let smallest = planned.underlay.smallestMTU {
            await inventory.keep(underlayMTU: smallest, unlessGoingDown: facts.plan)
        }
    }

    /// Asks for the paths to new endpoints, or to all when something has changed.
    func underlay(
        of live: ResourceSet, occupancy: RouteNetlinkClient.Occupancy?, isResync: Bool = false
    ) async -> UnderlayPaths {
        var found = planned.underlay
        let endpoints = endpoints(of: live)
        found.pathMTUs = found.pathMTUs.filter { endpoints.contains($0.key) }
        let isChanged = isResync || found.isOutdated(by: occupancy)
        var rest = endpoints.filter { isChanged || found.pathMTUs[$0] == nil }[...]
        while !rest.isEmpty {
            // In batches, so that no change of the network lane waits for thousands of look-ups.
            let piece = rest.prefix(128)
            rest = rest.dropFirst(piece.count)
            guard let mtus = try? await routes.pathMTUs(to: piece) else { return found }
            found.pathMTUs.merge(mtus) { _, new in new }
        }
        if let occupancy { found.version = occupancy.underlay }
        return found
    }

    /// The addresses at which other nodes are dialled, including those of resolved names.
    private func endpoints(of live: ResourceSet) -> Set<IPAddress> { endpoints(of: live.nodes) }

    /// The addresses at which these nodes are dialled.
    func endpoints(of nodes: [Node]) -> Set<IPAddress> {
        let resolved = board.read(ResolvedNames.self).addresses
        var addresses: Set<IPAddress> = []
        for node in nodes where node.metadata.name != options.node {
            for endpoint in [node.spec.endpoint] + node.spec.overlays.map(\.endpoint) {
                switch endpoint?.host {
                case .address(let address): addresses.insert(address)
                case .name(let name): addresses.formUnion(resolved[name] ?? [])
                case nil: break
                }
            }
        }
        return addresses
    }
}
