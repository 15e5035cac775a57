public import Convergence
public import HostState
internal import NetAddress

/// What the comparison of the packet filter needs besides it.
public struct FirewallContext: Sendable {
    /// This host's own Node name, for conflicts.
    public var node: String
    /// Interfaces of overlays that must not be changed.
    public var frozenInterfaces: Set<String>
    /// Whether Podman's rules have been missing long enough: a stopping container loses them before it ends.
    public var isMissingForGood: Bool

    public init(node: String, frozenInterfaces: Set<String> = [], isMissingForGood: Bool = false) {
        self.node = node
        self.frozenInterfaces = frozenInterfaces
        self.isMissingForGood = isMissingForGood
    }
}

extension Differ {
    /// The changes that nftables needs. Our table is small: it is replaced as a whole, in one transaction.
    ///
    /// - Parameter desired: nil when no table is desired.
    public static func firewallChanges(
        from observed: ObservedFirewall, to desired: DesiredFirewall?, inventory: Inventory, context: FirewallContext
    ) -> ChangeSet<FirewallChange> {
        var result = ChangeSet<FirewallChange>()
        let table = observed.table
        let kept = context.frozenInterfaces.intersection(table?.clampedInterfaces ?? [])
        let clamped = kept.union(desired?.clampedInterfaces ?? []).sorted()
        if let table, !table.isMarked, inventory.firewallTable == nil {
            if !clamped.isEmpty { result.conflicts.append(conflict(node: context.node)) }
        } else if !clamped.isEmpty {
            if table?.clampedInterfaces != clamped || table?.strangers.isEmpty == false {
                let wanted = DesiredFirewall(clampedInterfaces: clamped)
                result.changes.append(.replaceTable(wanted, before: table))
            }
        } else if let table {
            result.changes.append(.deleteTable(table))
        }
        if !observed.subnetsWithoutRules.isEmpty {
            let reload = FirewallChange.reloadPodmanRules(missing: observed.subnetsWithoutRules)
            // A flush of the whole ruleset has deleted our table as well.
            if context.isMissingForGood || (table == nil && inventory.firewallTable != nil && !clamped.isEmpty) {
                result.changes.append(reload)
            } else {
                result.waiting.append(WaitingChange(reload, reason: "waiting a moment: a container may be stopping"))
            }
        }
        return result
    }

    private static func conflict(node: String) -> Conflict {
        Conflict(
            object: "table/inet \(DesiredFirewall.table)", owner: node, ownerKind: .node,
            message:
                "the nftables table inet \(DesiredFirewall.table) exists and is not ours: look at it "
                + "(nft list table inet \(DesiredFirewall.table)), then delete it or give it another name")
    }
}
