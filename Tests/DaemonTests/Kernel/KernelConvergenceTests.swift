import Convergence
import FleetModel
import Foundation
import HostState
import NetAddress
import Netlink
import Planner
import Synchronization
import TestSupport
import Testing
import WireGuard

/// Random wishes, random drift, requests that get lost: the real kernel ends up as planned, and what both the old and the
/// new plan have is never gone in between (invariants I3, I4, I7).
///
/// `WGCTL_SEQUENCES` says how many; `make property` runs 24,000.
@Suite(.serialized) struct KernelConvergenceTests {
    private static let sequences = ProcessInfo.processInfo.environment["WGCTL_SEQUENCES"].flatMap { Int($0) } ?? 600

    @Test func everySequenceEndsAsPlanned() async throws {
        // A fresh host now and then: what one sequence leaves behind is where the next begins.
        var next = 0
        while next < Self.sequences {
            let host = try await KernelHost()
            defer { host.host.remove() }
            try await host.host.run(
                """
                ip link add f0 type veth peer name f1 && ip link set f0 up && ip link set f1 up
                ip addr add 172.30.0.1/24 dev f0 && ip route add 172.31.0.0/16 dev f0 proto static
                ip route add 10.0.0.2/32 dev f0 metric 500 proto static
                """)
            let foreign = try await Self.foreign(host)
            var fleet = RandomFleet()
            var anticipated = 0
            for _ in 0..<min(500, Self.sequences - next) {
                let seed = UInt64(next)
                do {
                    if try await sequence(seed, host, &fleet) { anticipated += 1 }
                    guard try await Self.foreign(host) == foreign else {
                        throw TestFailure("what is foreign was touched")
                    }
                } catch {
                    throw TestFailure("sequence \(seed): \(error)")
                }
                next += 1
            }
            // So that the way without a look is among what is tested.
            #expect(anticipated > 0)
        }
    }

    /// - Returns: whether something was changed by the last look before there was a new one.
    private func sequence(_ seed: UInt64, _ host: KernelHost, _ fleet: inout RandomFleet) async throws -> Bool {
        var random = SeededGenerator(seed: seed)
        let before = fleet
        if random.chance(25) {
            fleet = Self.edited(elsewhere: fleet, &random)
        } else {
            for _ in 0..<Int.random(in: 0...2, using: &random) { fleet.mutate(&random) }
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) { try await host.drift(&random) }
        let desired = fleet.desired(ownPublicKey: host.key.publicKey)
        let standing = try await host.observed()
        host.want(desired)
        let kept = Kept(standing, desired.kernel)

        let faults = Int.random(in: 0...3, using: &random)
        RequestFault.next.withLock { [random] in $0 = Self.faults(faults, random) }
        defer { RequestFault.next.withLock { $0 = nil } }
        // What somebody did since the last look, this way does not know.
        var isAnticipated = false
        if let amended = fleet.amendedPlan(from: before, ownPublicKey: host.key.publicKey) {
            isAnticipated = await host.anticipate(amended.scope)
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            guard .now < deadline else { throw TestFailure("no end in sight") }
            // A look that failed is taken again, as the lane does.
            guard let round = try? await host.round() else { continue }
            if let before = round.before { try kept.expect(in: before) }
            if round.isSettled { break }
        }
        RequestFault.next.withLock { $0 = nil }
        let end = try await host.observed()
        try expect(desired.kernel, in: end)
        try await host.settle()
        return isAnticipated
    }

    /// A fleet in which only Nodes of other hosts are different, if a few tries find one.
    private static func edited(elsewhere fleet: RandomFleet, _ random: inout SeededGenerator) -> RandomFleet {
        for _ in 0..<20 {
            var edited = fleet
            edited.mutate(&random)
            let plan = edited.amendedPlan(from: fleet)
            if plan?.scope.isEmpty == false { return edited }
        }
        return fleet
    }

    /// Up to `count` requests fail, one way or the other.
    private static func faults(
        _ count: Int, _ random: SeededGenerator
    ) -> @Sendable (Int) -> RequestFault? {
        let state = Mutex((left: count, random: random))
        return { messages in
            state.withLock { state in
                guard state.left > 0, state.random.chance(15) else { return nil }
                state.left -= 1
                return state.random.chance(50)
                    ? .unanswered : .lost(after: messages > 0 ? Int.random(in: 0..<messages, using: &state.random) : 0)
            }
        }
    }

    private func expect(_ desired: DesiredKernel, in kernel: ObservedKernel) throws {
        for link in desired.links where kernel.links[link.name]?.isUp != true {
            throw TestFailure("\(link.name) is not up")
        }
        let ours = kernel.links.values.filter { $0.alias?.hasPrefix(OwnershipMark.aliasPrefix) ?? false }.map(\.name)
        let ends = desired.links.compactMap { if case .veth(let peer) = $0.kind { peer } else { nil } }
        guard Set(ours).subtracting(ends) == Set(desired.links.map(\.name)) else { throw TestFailure("links: \(ours)") }
        for device in desired.devices {
            guard kernel.devices[device.interface]?.fwmark == device.fwmark else {
                throw TestFailure("the mark of \(device.interface) differs")
            }
            let peers = kernel.devices[device.interface]?.peers ?? [:]
            guard peers.count == device.peers.count, peers.values.allSatisfy({ $0.presharedKey == nil }),
                device.peers.allSatisfy({ peers[$0.publicKey]?.allowedIPs == Set($0.allowedIPs) })
            else { throw TestFailure("the peers of \(device.interface) differ") }
        }
        let routes = Set(kernel.routes.filter { $0.protocolNumber == OwnershipMark.routeProtocol }.map(RouteKey.init))
        guard routes == Set(desired.routes.map(RouteKey.init)) else { throw TestFailure("routes differ") }
        guard kernel.proxyNeighbours == Set(desired.proxyNeighbours) else { throw TestFailure("proxy entries differ") }
        let addresses = Set(
            kernel.addresses.filter { ours.contains($0.interface) && !$0.address.isLinkLocal }.map {
                "\($0.interface) \($0.address)/\($0.prefixLength)"
            })
        guard addresses == Set(desired.addresses.map { "\($0.interface) \($0.address)/\($0.prefixLength)" }) else {
            throw TestFailure("addresses differ: \(addresses.sorted())")
        }
        for sysctl in desired.sysctls where kernel.sysctls[sysctl.key] != sysctl.value {
            throw TestFailure("\(sysctl.key) differs")
        }
    }

    private static func foreign(_ host: KernelHost) async throws -> String {
        try await host.host.run(
            "ip -o addr show dev f0 scope global; ip route show proto static; ip -o link show f1 type veth | cut -d: -f2"
        )
    }
}

private struct RouteKey: Hashable {
    let destination: CIDR
    let interface: String?
    let source: IPAddress?

    init(_ route: ObservedRoute) {
        (destination, interface, source) = (route.destination, route.interface, route.preferredSource)
    }

    init(_ route: DesiredRoute) {
        (destination, interface, source) = (route.destination, route.interface, route.preferredSource)
    }
}

/// What stands and is still wanted: routes by destination, allowed IPs whoever has them.
private struct Kept {
    private let routes: Set<CIDR>
    private let allowedIPs: Set<CIDR>

    init(_ standing: ObservedKernel, _ desired: DesiredKernel) {
        routes = Kept.routes(standing).intersection(desired.routes.map(\.destination))
        allowedIPs = Kept.allowedIPs(standing).intersection(desired.devices.flatMap(\.peers).flatMap(\.allowedIPs))
    }

    func expect(in kernel: ObservedKernel) throws {
        let lost = routes.subtracting(Kept.routes(kernel))
        guard lost.isEmpty else { throw TestFailure("a hole: no route to \(lost.sorted())") }
        let owned = allowedIPs.subtracting(Kept.allowedIPs(kernel))
        guard owned.isEmpty else { throw TestFailure("a hole: nobody has the allowed IPs \(owned.sorted())") }
    }

    private static func routes(_ kernel: ObservedKernel) -> Set<CIDR> {
        Set(kernel.routes.filter { $0.protocolNumber == OwnershipMark.routeProtocol }.map(\.destination))
    }

    private static func allowedIPs(_ kernel: ObservedKernel) -> Set<CIDR> {
        Set(kernel.devices.values.flatMap { $0.peers.values.flatMap(\.allowedIPs) })
    }
}
