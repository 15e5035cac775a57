import Convergence
import HostState
import NetAddress
import NetworkState
import PodmanState
import Testing

@testable import Reconciler

private func route(_ last: UInt32, dev interface: String = "wg0") -> KernelChange {
    .addRoute(DesiredRoute(destination: IPAddress(v4: 0x0a00_0000 + last).hostCIDR, interface: interface))
}

private func set<Change>(_ changes: Change...) -> ChangeSet<Change> {
    var set = ChangeSet<Change>()
    set.changes = changes
    return set
}

extension RepairBackoff {
    /// Drift at one revision.
    fileprivate mutating func repaired(
        _ changes: [Change], at now: ContinuousClock.Instant
    ) -> [ContestedRepair<Change>] {
        done(changes, isDrift: true, wanted: 1, at: now)
    }
}

@Suite struct RepairBackoffTests {
    private let begin = ContinuousClock.now

    /// Repairs at once whenever it may; the pauses between the repairs.
    private func pauses(_ count: Int, of change: KernelChange, _ backoff: inout RepairBackoff<KernelChange>)
        -> [Duration]
    {
        var now = begin
        return (0..<count).map { _ in
            let undone = now
            let held = backoff.postpone(set(change), isPatient: true, wanted: 1, at: undone)
            now = backoff.nextDue ?? undone
            #expect(held.changes.isEmpty == (now > undone))
            #expect(backoff.postpone(set(change), isPatient: true, wanted: 1, at: now) == set(change))
            #expect(backoff.repaired([change], at: now).allSatisfy { $0.repairs > RepairPause.tolerance })
            return now - undone
        }
    }

    @Test func fiveRepairsAreImmediateAndThenPausesDoubleUpToHalfAMinute() {
        var backoff = RepairBackoff<KernelChange>()
        let seconds = [0, 0, 0, 0, 0, 0, 0.5, 1, 2, 4, 8, 16, 30, 30]
        #expect(pauses(seconds.count, of: route(20), &backoff) == seconds.map { .seconds($0) })
    }

    @Test func oneThatDriftedOnceIsNotContested() {
        var backoff = RepairBackoff<KernelChange>()
        for second in 0..<6 {
            let changes = second == 5 ? [route(20), route(21)] : [route(20)]
            let contested = backoff.repaired(changes, at: begin + .seconds(second))
            #expect(
                contested
                    == (second == 5 ? [ContestedRepair(change: route(20), repairs: 6, pause: .milliseconds(500))] : []))
        }
        let now = begin + .seconds(5)
        let result = backoff.postpone(set(route(20), route(21)), isPatient: true, wanted: 1, at: now)
        #expect(result.changes == [route(21)])
        #expect(result.waiting.map(\.change) == [route(20)])
        #expect(backoff.nextDue == now + .milliseconds(500))
        #expect(
            result
                == backoff.postpone(set(route(20), route(21)), isPatient: true, wanted: 1, at: now + .milliseconds(499))
        )
    }

    @Test func severalStepsOfOneRepairCountOnce() {
        var backoff = RepairBackoff<KernelChange>()
        let address = ObservedAddress(interface: "wg0", address: IPAddress(v4: 1), prefixLength: 32)
        let steps: [KernelChange] = [
            .deleteAddress(address),
            .addAddress(DesiredAddress(interface: "wg0", address: address.address, prefixLength: 32)),
        ]
        for _ in 0..<RepairPause.tolerance { #expect(backoff.repaired(steps, at: begin).isEmpty) }
        #expect(backoff.repaired(steps, at: begin).count == 1)
    }

    @Test func quietForgives() {
        var backoff = RepairBackoff<KernelChange>()
        for _ in 0..<8 { _ = backoff.repaired([route(20)], at: begin) }
        // The pause is 2 s by now.
        #expect(backoff.repaired([route(20)], at: begin + .seconds(12)).first?.repairs == 9)
        #expect(backoff.repaired([route(20)], at: begin + .seconds(12 + 14.1)).isEmpty)
    }

    @Test func anAuthorDoesNotWait() {
        var backoff = RepairBackoff<KernelChange>()
        for _ in 0..<9 { _ = backoff.repaired([route(20)], at: begin) }
        #expect(backoff.postpone(set(route(20)), isPatient: true, wanted: 1, at: begin).changes.isEmpty)
        #expect(backoff.postpone(set(route(20)), isPatient: false, wanted: 1, at: begin) == set(route(20)))
        #expect(backoff.nextDue == nil)
    }

    /// Something that fails for good keeps the lane from converging, and drift from being told.
    @Test func whatIsMadeAgainAndAgainIsContestedThoughNothingIsToldAsDrift() {
        var backoff = RepairBackoff<KernelChange>()
        let counts = (0..<8).map { _ in
            backoff.done([route(20)], isDrift: false, wanted: 1, at: begin).first?.repairs
        }
        // The first time it is made, not repaired.
        #expect(counts == [nil, nil, nil, nil, nil, nil, 6, 7])
        #expect(
            backoff.postpone(set(route(20), route(21)), isPatient: true, wanted: 1, at: begin).changes == [route(21)])
        #expect(backoff.nextDue == begin + .seconds(1))
    }

    @Test func anEditIsNoRepairAndDoesNotWaitButForgivesNoRival() {
        var backoff = RepairBackoff<KernelChange>()
        for wanted in 0..<20 {
            #expect(backoff.done([route(20)], isDrift: false, wanted: wanted, at: begin).isEmpty)
            #expect(backoff.postpone(set(route(20)), isPatient: true, wanted: wanted, at: begin) == set(route(20)))
        }
        for _ in 0..<7 { _ = backoff.done([route(20)], isDrift: false, wanted: 19, at: begin) }
        #expect(backoff.postpone(set(route(20)), isPatient: true, wanted: 19, at: begin).changes.isEmpty)
        #expect(backoff.postpone(set(route(20)), isPatient: true, wanted: 20, at: begin) == set(route(20)))
        let counts = (0..<3).map { _ in
            backoff.done([route(20)], isDrift: false, wanted: 20, at: begin).first?.repairs
        }
        #expect(counts == [nil, nil, 6])
    }

    @Test func whatWasOnlyMadeIsForgottenWhenNothingIsLeftToDo() {
        var backoff = RepairBackoff<KernelChange>()
        for _ in 0..<20 {
            #expect(backoff.done([route(20)], isDrift: false, wanted: 1, at: begin).isEmpty)
            _ = backoff.postpone(set(), isPatient: true, wanted: 1, at: begin)
        }
    }

    @Test func whatHangsOnALinkThatWaitsWaitsToo() {
        var backoff = RepairBackoff<KernelChange>()
        let link = KernelChange.createLink(DesiredLink(name: "br-wg0", kind: .bridge, alias: "wgctl:net"))
        let port = KernelChange.createLink(
            DesiredLink(name: "an-wg0", kind: .veth(peer: "an-wg0p"), alias: "wgctl:net", master: "br-wg0"))
        let setting = KernelChange.setSysctl(
            DesiredSysctl(key: "net/ipv6/conf/an-wg0p/disable_ipv6", value: "1"), before: nil)
        let told = KernelChange.announce(interface: "br-wg0", address: IPAddress(v4: 9), macAddress: nil)
        for _ in 0..<7 { _ = backoff.repaired([link], at: begin) }
        let changes = set(link, port, setting, route(20, dev: "br-wg0"), route(21), told)
        let result = backoff.postpone(changes, isPatient: true, wanted: 1, at: begin)
        #expect(result.changes == [route(21)])
        #expect(result.waiting.map(\.change) == [link, port, setting, route(20, dev: "br-wg0")])
        #expect(result.waiting.last?.reason == "waiting for link br-wg0")
        // A link that stands and is only altered carries what it carries.
        let before = ObservedLink(index: 7, name: "br-wg0", kind: "bridge", mtu: 1, isUp: true)
        let update = KernelChange.updateLink(
            DesiredLink(name: "br-wg0", kind: .bridge, alias: "wgctl:net"), before: before)
        #expect(
            backoff.postpone(set(update, route(20, dev: "br-wg0")), isPatient: true, wanted: 1, at: begin).changes
                == [route(20, dev: "br-wg0")])
    }

    @Test func startsAreLeftToTheirOwnBackoff() {
        var backoff = RepairBackoff<PodmanChange>()
        let start = PodmanChange.startContainer(DesiredContainer(name: "a", node: "host-a", image: "x"), id: "1")
        for _ in 0..<20 { #expect(backoff.repaired([start], at: begin).isEmpty) }
    }

    private let network = DesiredNetwork(
        name: "net", overlay: "net", bridge: "br-wg0", subnets: [], mtu: 1420, isDNSEnabled: false)
    private let container = DesiredContainer(name: "a", node: "host-a", image: "x")

    private var teardown: ChangeSet<PodmanChange> {
        var teardown = set(
            PodmanChange.removeContainer(name: "a", id: "1", timeout: 10), .removeNetwork(name: "net"))
        teardown.together = [[.container("a"), .network("net")]]
        return teardown
    }

    /// A network that a rival keeps altering: its containers would be away for as long as its creation waits.
    @Test func whatWasTakenAwayComesBackWithoutWaitingAndBothHalvesCountOnce() {
        var backoff = RepairBackoff<PodmanChange>()
        for cycle in 1...8 {
            let taken = backoff.repaired(teardown.changes, at: begin)
            #expect(taken.count == (cycle > RepairPause.tolerance ? 2 : 0))
            for half in [PodmanChange.createNetwork(network), .createContainer(container)] {
                #expect(backoff.postpone(set(half), isPatient: true, wanted: 1, at: begin) == set(half))
                #expect(backoff.repaired([half], at: begin).isEmpty)
            }
        }
        // Now it stands, and waits to be taken away again.
        let result = backoff.postpone(teardown, isPatient: true, wanted: 1, at: begin)
        #expect(result.changes.isEmpty && result.waiting.count == 2 && backoff.nextDue == begin + .seconds(2))
        // One that is replaced in one round has been made again in it.
        let both = [
            PodmanChange.removeContainer(name: "a", id: "1", timeout: 10), .createContainer(container),
        ]
        #expect(backoff.repaired(both, at: begin).map(\.repairs) == [9])
        #expect(backoff.postpone(set(both[1]), isPatient: true, wanted: 1, at: begin).changes.isEmpty)
    }

    @Test func containersStayAsLongAsTheirNetworkMayNotBeTakenAway() {
        let made: [PodmanChange] = [.createContainer(container), .createNetwork(network)]
        for (contested, made) in zip(teardown.changes, made) {
            var backoff = RepairBackoff<PodmanChange>()
            for _ in 0..<7 { for half in [contested, made] { _ = backoff.repaired([half], at: begin) } }
            let result = backoff.postpone(teardown, isPatient: true, wanted: 1, at: begin)
            #expect(result.changes.isEmpty && Set(result.waiting.map(\.change)) == Set(teardown.changes))
            #expect(result.waiting.contains { $0.reason == "waiting for \(contested.object)" })
        }
    }
}
