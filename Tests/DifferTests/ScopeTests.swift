import Convergence
import FleetModel
import HostState
import NetAddress
import NetworkState
import Planner
import Testing

/// A comparison of one part finds what the whole comparison finds there, and nothing elsewhere.
@Suite struct ScopeTests {
    /// A converged kernel and a changed Node, until `count` of them have served.
    private func amendedWorlds(
        _ count: Int, _ body: (inout World, AmendedPlan, KernelScope) throws -> Bool
    ) throws {
        var random = SeededGenerator(seed: 7)
        var fleet = RandomFleet()
        var done = 0
        for _ in 0..<5000 where done < count {
            let before = fleet
            fleet.mutate(&random)
            guard let amended = fleet.amendedPlan(from: before), !amended.scope.isEmpty else { continue }
            var world = World()
            world.podman.state.images = ["alpine:1": "a", "alpine:2": "b", "busybox": "c"]
            try world.converge(before.desired(), random: &random)
            world.kernel.state.routes.sort { $0.destination < $1.destination }
            if try body(&world, amended, amended.scope) { done += 1 }
        }
        #expect(done == count)
    }

    private func part(of world: World, _ desired: DesiredHost, _ scope: KernelScope, _ context: KernelContext)
        -> ChangeSet<KernelChange>
    {
        Differ.kernelChanges(
            from: world.kernel.state, to: desired.kernel, within: scope, inventory: world.inventory, context: context)
    }

    @Test func thePartIsWhatTheWholeFindsThere() throws {
        try amendedWorlds(60) { world, amended, scope in
            var context = world.context(amended.desired)
            for (interface, keys) in scope.peers {
                for key in keys { context.editedEndpoints.insert(TunnelPeer(interface: interface, publicKey: key)) }
            }
            let whole = Differ.kernelChanges(
                from: world.kernel.state, to: amended.desired.kernel, inventory: world.inventory, context: context)
            let part = part(of: world, amended.desired, scope, context)
            #expect(part.changes == whole.changes)
            return !whole.changes.isEmpty
        }
    }

    /// Who may have roamed since the last look keeps the endpoint that the kernel has.
    @Test func anEndpointIsWrittenOnlyToWhomItIsNews() throws {
        try amendedWorlds(20) { world, amended, scope in
            let context = world.context(amended.desired)
            let part = part(of: world, amended.desired, scope, context)
            for case .updatePeer(_, let update) in part.changes { #expect(update.endpoint == nil) }
            return amended.desired.kernel.devices.flatMap(\.peers).contains { $0.endpoint != nil }
        }
    }

    @Test func elsewhereNothingIsTouched() throws {
        try amendedWorlds(20) { world, amended, scope in
            // Drift that the part does not hold.
            world.kernel.state.routes.removeAll { !scope.destinations.contains($0.destination) }
            world.kernel.state.addresses = []
            let part = part(of: world, amended.desired, scope, world.context(amended.desired))
            for change in part.changes { #expect(scope.contains(change)) }
            return true
        }
    }
}
