import Convergence
import FirewallState
import HostState
import NetAddress
import Testing

@Suite struct FirewallDifferenceTests {
    private static let ours = ObservedFirewall.Table(clampedInterfaces: ["wg0"], isMarked: true)
    private static let made: Inventory = {
        var inventory = Inventory()
        inventory.firewallTable = DesiredFirewall.table
        return inventory
    }()

    /// The changes in words, then what is held and what stands in the way.
    private func words(
        _ table: ObservedFirewall.Table?, _ wanted: [String]?, _ inventory: Inventory = Inventory(),
        without subnets: [String] = [], frozen: Set<String> = [], isMissingForGood: Bool = false
    ) -> [String] {
        let context = FirewallContext(node: "host-a", frozenInterfaces: frozen, isMissingForGood: isMissingForGood)
        let changes = Differ.firewallChanges(
            from: ObservedFirewall(table: table, subnetsWithoutRules: subnets.compactMap { CIDR($0) }),
            to: wanted.map(DesiredFirewall.init), inventory: inventory, context: context)
        return changes.changes.map(\.text) + changes.waiting.map { "held: \($0.change.text)" }
            + changes.conflicts.map { "conflict: \($0.object)" }
    }

    @Test func theTableBecomesWhatIsWanted() {
        #expect(words(nil, ["wg0", "wg1"]) == ["create table inet wgctl (clamp TCP on wg0, wg1)"])
        #expect(words(Self.ours, ["wg0"]) == [])
        #expect(words(Self.ours, ["wg1"]) == ["update table inet wgctl (+clamp TCP on wg1, -clamp TCP on wg0)"])
        var changed = Self.ours
        changed.strangers = ["a rule in chain forward"]
        #expect(words(changed, ["wg0"]) == ["update table inet wgctl (-a rule in chain forward)"])
        #expect(words(Self.ours, nil) == ["delete table inet wgctl (clamp TCP on wg0)"])
        #expect(words(nil, nil) == [])
    }

    @Test func aTableThatIsNotOursIsLeftAlone() {
        let foreign = ObservedFirewall.Table(strangers: ["chain input"])
        #expect(words(foreign, ["wg0"]) == ["conflict: table/inet wgctl"])
        #expect(words(foreign, nil) == [])
        // One that we made is ours even when all its rules are gone.
        #expect(
            words(foreign, ["wg0"], Self.made) == ["update table inet wgctl (+clamp TCP on wg0, -chain input)"])
    }

    @Test func whatIsFrozenStaysClamped() {
        #expect(words(Self.ours, nil, frozen: ["wg0"]) == [])
        #expect(words(Self.ours, ["wg1"], frozen: ["wg0"]) == ["update table inet wgctl (+clamp TCP on wg1)"])
        #expect(words(nil, nil, frozen: ["wg0"]) == [])
    }

    @Test func podmansRulesAreWrittenAgainAfterAFlushAtOnceAndElseWithPatience() {
        let reload = "reload Podman's firewall rules (none for 10.0.0.0/24)"
        #expect(
            words(nil, ["wg0"], Self.made, without: ["10.0.0.0/24"])
                == ["create table inet wgctl (clamp TCP on wg0)", reload])
        #expect(words(Self.ours, ["wg0"], Self.made, without: ["10.0.0.0/24"]) == ["held: \(reload)"])
        #expect(words(Self.ours, ["wg0"], without: ["10.0.0.0/24"], isMissingForGood: true) == [reload])
        // A first start is no flush.
        #expect(
            words(nil, ["wg0"], without: ["10.0.0.0/24"])
                == ["create table inet wgctl (clamp TCP on wg0)", "held: \(reload)"])
    }
}
