internal import Convergence
internal import HostState
internal import NetAddress
internal import Planner
internal import Reconciler
internal import Resources
internal import RouteNetlink

extension HostController {
    /// Makes the controller check this host's own routes and addresses when they change, and at every resync.
    ///
    /// The kernel's notifications only say when to check; the resync finds what they missed.
    nonisolated func followHost() async {
        await withTaskGroup { group in
            group.addTask {
                for await hint in self.routes.drift() where hint.routesToRestore == nil {
                    // Our own routes conflict with nothing, and their repair would wait for this check.
                    self.inbox.send(.host(isResync: false))
                    // Many notifications in a row cause one check, not one each.
                    try? await Task.sleep(for: .milliseconds(100))
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: self.options.resync)
                    self.inbox.send(.host(isResync: true))
                }
            }
        }
    }

    /// Plans again when this host's own routes and addresses start or stop conflicting with an overlay, and when the
    /// path MTU of the underlay changes.
    ///
    /// - Parameters:
    ///   - hasNewPolicy: whether to plan again even when nothing on the host has changed.
    ///   - isResync: whether to check also what the kernel does not notify of.
    func hostChanged(hasNewPolicy: Bool = false, isResync: Bool = false) async {
        let before = board.facts
        guard before.hasSnapshot, isFollowing else { return }
        let occupancy = await occupancy(of: before.accepted.live)
        if isResync || planned.underlay.isOutdated(by: occupancy) {
            await lookAtUnderlay(of: before.accepted.live, occupancy: occupancy, isResync: isResync)
        }
        // `wgctl down` may have begun meanwhile.
        guard isFollowing else { return }
        let now = board.facts
        let conflicts = conflicts(of: now.accepted.live, occupancy: occupancy, identities: now.identities)
        guard
            hasNewPolicy || planned.facts?.pathMTUs != planned.underlay.pathMTUs
                || conflicts != now.hostConflicts
        else { return }
        plan(now.accepted, judge(now.accepted.live), occupancy: occupancy)
        if facts.plan.value.desired != now.desired { desiredChanged() }
        await tellHostConflicts(before: now.hostConflicts)
        await tellPolicyViolations(before: now.policyViolations)
        await recorder.refresh()
    }

    /// - Parameter occupancy: nil when it could not be read: earlier decisions are kept.
    func conflicts(
        of live: ResourceSet, occupancy: RouteNetlinkClient.Occupancy?, identities: Identities
    ) -> HostConflicts {
        if let occupancy {
            return HostConflicts(live, node: options.node, occupancy: occupancy, identities: identities)
        }
        var conflicts = facts.manifests.value.conflicts
        conflicts.barTakenNames(in: live, node: options.node, identities)
        return conflicts
    }

    /// nil when the kernel cannot be read: nothing is decided without an observation.
    func occupancy(of live: ResourceSet) async -> RouteNetlinkClient.Occupancy? {
        let subnets = HostConflicts.overlays(of: options.node, in: live).flatMap(\.spec.subnets)
        return try? await routes.occupancy(
            overlapping: subnets, besides: board.read(InventoryState.self).inventory.links)
    }

    /// Records an event of the overlay for each new and each resolved conflict.
    func tellHostConflicts(before: HostConflicts) async {
        let now = facts.manifests.value.conflicts.all
        for (overlay, reason) in now.sorted(by: { $0.key < $1.key }) where before.all[overlay] != reason {
            await recorder.event(.warning, Reason.conflict, reason, regarding: .overlay(overlay))
        }
        for overlay in before.all.keys.sorted() where now[overlay] == nil {
            await recorder.event(
                .normal, Reason.conflictResolved, "no longer overlaps a route or address of this host",
                regarding: .overlay(overlay))
        }
    }
}
