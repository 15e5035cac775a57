public import Convergence
public import HostState
public import NetAddress

/// One step of the firewall lane.
public enum FirewallChange: Hashable, Sendable {
    /// Replaces the whole table by ours, in one transaction.
    case replaceTable(DesiredFirewall, before: ObservedFirewall.Table?)
    case deleteTable(ObservedFirewall.Table)
    /// Makes Podman rewrite the rules of all running containers.
    case reloadPodmanRules(missing: [CIDR])
}

extension LaneName {
    /// Our nftables table, and Podman's rules after a flush.
    public static let firewall = LaneName(rawValue: "firewall")
}

/// The objects of changes of the firewall lane.
public enum FirewallObject: Hashable, Sendable, CustomStringConvertible {
    /// Our nftables table.
    case table(String)
    /// Podman's rules of all containers.
    case podmanRules

    public var description: String {
        switch self {
        case .table(let name): "table inet \(name)"
        case .podmanRules: "Podman's firewall rules"
        }
    }
}

extension FirewallChange: HostChange {
    public var object: FirewallObject {
        switch self {
        case .replaceTable, .deleteTable: .table(DesiredFirewall.table)
        case .reloadPodmanRules: .podmanRules
        }
    }

    public var operation: ChangeOperation {
        switch self {
        case .replaceTable(_, let before): before == nil ? .create : .update
        case .deleteTable: .delete
        case .reloadPodmanRules: .reload
        }
    }

    public var words: ChangeWords {
        switch self {
        case .replaceTable(let wanted, nil): ChangeWords("create", "\(object)", wanted.summary)
        case .replaceTable(let wanted, .some(let before)):
            ChangeWords("update", "\(object)", wanted.difference(from: before))
        case .deleteTable(let table):
            ChangeWords(
                "delete", "\(object)", DesiredFirewall(clampedInterfaces: table.clampedInterfaces).summary)
        case .reloadPodmanRules(let missing):
            ChangeWords("reload", "\(object)", "none for \(missing.map(\.description).joined(separator: ", "))")
        }
    }
}

extension DesiredFirewall {
    fileprivate var summary: String {
        clampedInterfaces.isEmpty ? "" : "clamp TCP on \(clampedInterfaces.joined(separator: ", "))"
    }

    fileprivate func difference(from before: ObservedFirewall.Table) -> String {
        let (old, new) = (Set(before.clampedInterfaces), Set(clampedInterfaces))
        let parts =
            new.subtracting(old).sorted().map { "+clamp TCP on \($0)" }
            + old.subtracting(new).sorted().map { "-clamp TCP on \($0)" } + before.strangers.map { "-\($0)" }
        return parts.joined(separator: ", ")
    }
}

extension Inventory {
    /// Records what is about to be created.
    public mutating func willApply(_ changes: [FirewallChange]) {
        for case .replaceTable in changes { firewallTable = DesiredFirewall.table }
    }

    /// Removes what was deleted.
    public mutating func didApply(_ outcomes: [Outcome<FirewallChange>]) {
        for outcome in outcomes where outcome.error == nil {
            if case .deleteTable = outcome.change { firewallTable = nil }
        }
    }
}
