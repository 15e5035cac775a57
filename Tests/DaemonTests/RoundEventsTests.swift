import Convergence
import HostState
import NetAddress
import NetworkLane
import NetworkState
import PodmanState
import ReferenceLiterals
import Resources
import Testing

@testable import Daemon
@testable import Reconciler

@Suite struct RoundEventsTests {
    private func contested(_ count: Int, rival: String? = nil) -> [EventDraft] {
        var round = Round(observed: 0, changeSet: ChangeSet<KernelChange>(), outcomes: [], causes: [])
        round.contested = (1...count).map { number in
            let route = DesiredRoute(
                destination: IPAddress(v4: 0x0a00_0000 + UInt32(number)).hostCIDR, interface: "wg0")
            return ContestedRepair(
                change: .addRoute(route), repairs: 6, pause: .milliseconds(500), rival: rival)
        }
        return RoundEvents.drafts(
            of: round, NetworkBackend.traits, owners: Owners(DesiredHost(node: "host-a"), localNode: "host-a"),
            localNode: "host-a")
    }

    @Test func aRivalIsNamedWithTheObjectAndHowOften() {
        #expect(
            contested(1, rival: "keepalived (pid 812)").map(\.message) == [
                "keepalived (pid 812) keeps undoing this; repaired 6 times in a row, the next time after 0.5 seconds: "
                    + "add route 10.0.0.1/32"
            ])
        #expect(contested(1)[0].message.hasPrefix("something keeps undoing this; "))
        #expect(contested(1)[0].reason == "Contested")
    }

    @Test func manyAreOneEvent() {
        #expect(contested(20).count == 20)
        let many = contested(21)
        #expect(many.count == 1 && many[0].message.hasPrefix("21 objects, the first: something keeps undoing this; "))
    }

    @Test func whatFailsIsToldBeforeWhatWasDoneAndManyFailuresAreOneEvent() {
        var round = Round(observed: 0, changeSet: ChangeSet<KernelChange>(), outcomes: [], causes: [])
        round.outcomes = (1...25).map { number in
            let route = DesiredRoute(
                destination: IPAddress(v4: 0x0a00_0000 + UInt32(number)).hostCIDR, interface: "wg0")
            return Outcome(.addRoute(route), error: number > 1 ? "no such link" : nil)
        }
        let drafts = RoundEvents.drafts(
            of: round, NetworkBackend.traits, owners: Owners(DesiredHost(node: "host-a"), localNode: "host-a"),
            localNode: "host-a")
        #expect(drafts.map(\.reason) == ["Failed", "Created"])
        #expect(drafts.first?.message.hasPrefix("add: 24 objects, the first: add route 10.0.0.2/32") == true)
    }

    private func drafts<C: HostChange>(_ changes: C..., node: String? = "host-a") -> [EventDraft] {
        var round = Round(observed: 0, changeSet: ChangeSet<C>())
        round.outcomes = changes.map { Outcome($0) }
        round.isDrift = true
        return RoundEvents.drafts(
            of: round, NetworkBackend.traits, owners: Owners(DesiredHost(node: node), localNode: "host-a"),
            localNode: "host-a")
    }

    /// A container that has ended, and the address of a peer that has moved, are nobody's work.
    @Test func whatNobodyElseCausedIsNoDrift() throws {
        let container = DesiredContainer(name: "web", node: "host-a", image: "x")
        let started = drafts(PodmanChange.startContainer(container, id: "1"), .pullImage(container))
        #expect(started.map(\.reason) == ["Started"] && started.map(\.type) == [.normal])
        let key = try #require(PublicKey(bytes: [UInt8](repeating: 1, count: 32)))
        var roamed = PeerUpdate(node: "host-b", publicKey: key)
        roamed.endpoint = SocketAddress(address: IPAddress(v4: 1), port: 51820)
        roamed.mayHaveRoamed = true
        var byHand = roamed
        byHand.mayHaveRoamed = false
        var both = roamed
        both.persistentKeepalive = 25
        let events = drafts(
            KernelChange.updatePeer(interface: "wg0", roamed), .updatePeer(interface: "wg0", byHand),
            .updatePeer(interface: "wg0", both))
        #expect(events.map(\.reason) == ["Updated", "DriftRepaired", "DriftRepaired"])
        #expect(events.map(\.type) == [.normal, .warning, .warning])
    }

    /// What belongs to no Overlay belongs to this host's Node, also while no manifest names it.
    @Test func noEventRegardsANodeWithoutAName() {
        let sysctl = KernelChange.restoreSysctl(key: "net/ipv4/ip_forward", value: "0")
        #expect(drafts(sysctl, node: nil).map(\.regarding) == ["node/host-a"])
    }

    /// An event says once what was tried, and on what.
    @Test func aFailureNamesItsOperationOnce() {
        let route = DesiredRoute(destination: IPAddress(v4: 0x0a00_0001).hostCIDR, interface: "wg0")
        var round = Round(observed: 0, changeSet: ChangeSet<KernelChange>())
        round.outcomes = [Outcome(.addRoute(route), error: "add route 10.0.0.1/32: Network is unreachable")]
        let drafts = RoundEvents.drafts(
            of: round, NetworkBackend.traits, owners: Owners(DesiredHost(node: "host-a"), localNode: "host-a"),
            localNode: "host-a")
        #expect(drafts.map(\.message) == ["add route 10.0.0.1/32: dev wg0: Network is unreachable"])
    }

    @Test func whatCannotBeReadSaysHowOftenItCouldNot() {
        var ledger = FailureLedger()
        let begin = ContinuousClock.now
        func messages(after seconds: Int) -> [Int] {
            var round = Round<Int, KernelChange>(observed: nil, observeError: "no answer")
            let counts = ledger.filter(&round, lane: .network, at: begin + .seconds(seconds))
            return RoundEvents.drafts(
                of: round, NetworkBackend.traits, owners: Owners(DesiredHost(), localNode: "host-a"),
                localNode: "host-a", counts: counts
            ).map(\.count)
        }
        #expect((0..<10).map(messages) == [[1]] + Array(repeating: [], count: 9))
        #expect(messages(after: 700) == [10])
    }
}
