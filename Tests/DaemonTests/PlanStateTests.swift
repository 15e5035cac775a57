import Convergence
import HostState
import NetAddress
import NetworkState
import Testing

@testable import Daemon
@testable import NetworkLane

private let key = PublicKey(bytes: [UInt8](repeating: 7, count: 32))

/// One peer on wg0 with this endpoint.
private func host(_ endpoint: String) throws -> DesiredHost {
    var host = DesiredHost(node: "host-a")
    let peer = DesiredPeer(
        node: "host-b", publicKey: try #require(key), endpoint: Endpoint(endpoint),
        persistentKeepalive: 0, allowedIPs: [], probeAddresses: [])
    host.kernel.devices = [
        DesiredDevice(interface: "wg0", overlay: "net", listenPort: 51820, publicKey: nil, peers: [peer])
    ]
    return host
}

@Suite struct PlanStateTests {
    @Test func aSnapshotThatWasOnItsWayDoesNotUndoATeardown() throws {
        var plan = PlanState()
        plan.takeDown(node: "host-a")
        let number = plan.number
        plan.want(try host("192.168.1.20:1"))
        #expect(plan.desired == DesiredHost(node: "host-a") && plan.number == number)
    }

    @Test func manifestsThatSayTheSameChangeNoRevision() throws {
        var plan = PlanState()
        plan.want(try host("192.168.1.20:1"))
        let number = plan.number
        plan.want(try host("192.168.1.20:1"))
        #expect(plan.hasSnapshot && plan.number == number)
    }

    @Test func aPartThatChangesIsNoOtherWhole() {
        var plan = PlanState()
        plan.want(DesiredHost(node: "a"))
        let whole = plan.wholeNumber
        let isTaken = plan.amend(KernelScope()) { _ in true }
        #expect(isTaken && plan.wholeNumber == whole && plan.number > whole)
        let isOfAnother = !plan.amend(KernelScope()) { _ in false }
        #expect(isOfAnother && plan.wholeNumber == whole)
        plan.want(DesiredHost(node: "b"))
        #expect(plan.wholeNumber > whole)
        plan.takeDown(node: "b")
        let isRefused = !plan.amend(KernelScope()) { _ in true }
        #expect(isRefused)
    }
}

@Suite struct EndpointEditsTests {
    private func facts(_ endpoints: String...) throws -> Facts {
        var facts = Facts()
        for endpoint in endpoints { facts[PlanState.self].want(try host(endpoint)) }
        return facts
    }

    @Test func anEditIsForgottenOnceARoundHasSeenIt() throws {
        var edits = EndpointEdits()
        #expect(edits.pending(try facts("192.168.1.20:1").plan).isEmpty)
        let facts = try facts("192.168.1.20:1", "192.168.1.20:2")
        #expect(edits.pending(facts.plan).count == 1)
        // It stood already: nothing was written, and a roamed endpoint must not be overwritten later.
        edits.settle([], facts, unreadable: [])
        #expect(edits.pending(facts.plan).isEmpty)
    }

    @Test func anEditThatCameDuringARoundWaitsForTheNext() throws {
        var edits = EndpointEdits()
        let seen = try facts("192.168.1.20:1", "192.168.1.20:2")
        var now = seen
        now[PlanState.self].want(try host("192.168.1.20:3"))
        edits.settle([], seen, unreadable: [])
        #expect(edits.pending(now.plan).count == 1)
    }

    /// The peer may have roamed before the whole round that follows.
    @Test func anEditThatAPartHasWrittenIsForgotten() throws {
        var edits = EndpointEdits()
        let facts = try facts("192.168.1.20:1", "192.168.1.20:2")
        let update = PeerUpdate(
            node: "host-b", publicKey: try #require(key),
            endpoint: SocketAddress(address: try #require(IPAddress("192.168.1.20")), port: 2))
        let change = KernelChange.updatePeer(interface: "wg0", update)
        edits.settle(written: [Outcome(change, error: "refused")], facts.plan)
        #expect(edits.pending(facts.plan).count == 1)
        edits.settle(written: [Outcome(change)], facts.plan)
        #expect(edits.pending(facts.plan).isEmpty)
    }

    @Test func anEditWaitsForWhatCouldNotBeWritten() throws {
        var edits = EndpointEdits()
        var facts = try facts("192.168.1.20:1", "peer.example:1")
        edits.settle([], facts, unreadable: [])
        #expect(edits.pending(facts.plan).count == 1, "the name has no address yet")
        facts.resolved["peer.example"] = [try #require(IPAddress("192.168.1.30"))]
        edits.settle([], facts, unreadable: ["wg0"])
        #expect(edits.pending(facts.plan).count == 1, "the device does not answer")
        let update = PeerUpdate(node: "host-b", publicKey: try #require(key))
        let failed = Outcome(KernelChange.updatePeer(interface: "wg0", update), error: "refused")
        edits.settle([failed], facts, unreadable: [])
        #expect(edits.pending(facts.plan).count == 1, "the write failed")
        edits.settle([], facts, unreadable: [])
        #expect(edits.pending(facts.plan).isEmpty)
    }
}
