import PodmanState
import Convergence
import NetworkState
import HostState
import NetAddress
import Planner
import Reconciler
import Resources
import Testing

@testable import Daemon

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

private func container(_ name: String, _ addresses: String...) throws -> DesiredContainer {
    var container = DesiredContainer(name: name, node: "host-a", image: "x")
    container.networks = [
        .init(
            network: "net", bridge: "br-wg0", addresses: try addresses.map { try #require(IPAddress($0)) },
            macAddress: try #require(MACAddress("02:00:00:00:00:01")))
    ]
    return container
}

/// For a container, whose MAC address is told.
private func announced(_ address: String, error: String? = nil) throws -> Outcome<KernelChange> {
    let macAddress = try #require(MACAddress("02:00:00:00:00:01"))
    return Outcome(
        .announce(interface: "br-wg0", address: try #require(IPAddress(address)), macAddress: macAddress),
        error: error)
}

private func podman(_ name: String, _ state: ObservedContainer.State) -> ObservedPodman {
    var podman = ObservedPodman()
    podman.containers[name] = ObservedContainer(id: name, name: name, image: "x", state: state)
    return podman
}

@Suite struct WorldInputsTests {
    @Test func aSnapshotThatWasOnItsWayDoesNotUndoATeardown() throws {
        var state = World.State()
        state.isGoingDown = true
        state.want(try host("192.168.1.20:1"), from: AcceptedSet())
        #expect(state.desired == DesiredHost() && state.revision == 0)
    }

    @Test func manifestsThatSayTheSameChangeNoRevision() throws {
        var state = World.State()
        state.want(try host("192.168.1.20:1"), from: AcceptedSet())
        let revision = state.revision
        state.want(try host("192.168.1.20:1"), from: AcceptedSet())
        #expect(state.hasSnapshot && state.revision == revision)
    }

    @Test func anEditIsForgottenOnceARoundHasSeenIt() throws {
        var state = World.State()
        state.want(try host("192.168.1.20:1"), from: AcceptedSet())
        #expect(state.editedEndpoints.isEmpty)
        state.want(try host("192.168.1.20:2"), from: AcceptedSet())
        #expect(state.editedEndpoints.count == 1)
        // It stood already: nothing was written, and a roamed endpoint must not be overwritten later.
        state.settleEndpoints([], seen: state, unreadable: [])
        #expect(state.editedEndpoints.isEmpty)
    }

    @Test func anEditThatCameDuringARoundWaitsForTheNext() throws {
        var state = World.State()
        state.want(try host("192.168.1.20:1"), from: AcceptedSet())
        state.want(try host("192.168.1.20:2"), from: AcceptedSet())
        let seen = state
        state.want(try host("192.168.1.20:3"), from: AcceptedSet())
        state.settleEndpoints([], seen: seen, unreadable: [])
        #expect(state.editedEndpoints.count == 1)
    }

    @Test func anEditWaitsForWhatCouldNotBeWritten() throws {
        var state = World.State()
        state.want(try host("192.168.1.20:1"), from: AcceptedSet())
        state.want(try host("peer.example:1"), from: AcceptedSet())
        state.settleEndpoints([], seen: state, unreadable: [])
        #expect(state.editedEndpoints.count == 1, "the name has no address yet")
        state.resolved["peer.example"] = [try #require(IPAddress("192.168.1.30"))]
        state.settleEndpoints([], seen: state, unreadable: ["wg0"])
        #expect(state.editedEndpoints.count == 1, "the device does not answer")
        let update = PeerUpdate(node: "host-b", publicKey: try #require(key))
        let failed = Outcome(KernelChange.updatePeer(interface: "wg0", update), error: "refused")
        state.settleEndpoints([failed], seen: state, unreadable: [])
        #expect(state.editedEndpoints.count == 1, "the write failed")
        state.settleEndpoints([], seen: state, unreadable: [])
        #expect(state.editedEndpoints.isEmpty)
    }

    @Test func anArrivalIsKeptUntilEveryAddressIsAnnounced() throws {
        var state = World.State()
        state.arrived = [try container("pod-a", "10.0.0.10", "10.0.0.11")]
        state.desired.podman.containers = state.arrived
        state.settleArrivals([try announced("10.0.0.10"), try announced("10.0.0.11", error: "no")])
        #expect(state.arrived.flatMap(\.networks).flatMap(\.addresses) == [IPAddress("10.0.0.11")])
        state.settleArrivals([try announced("10.0.0.11")])
        #expect(state.arrived.isEmpty)
    }

    @Test func anArrivalDuringARoundWaitsForTheNext() throws {
        var state = World.State()
        state.arrived = [try container("pod-a", "10.0.0.10")]
        state.desired.podman.containers = state.arrived
        state.settleArrivals([try announced("10.0.0.11")])
        #expect(state.arrived.count == 1)
    }

    /// Somebody else's link may have the bridge's name for days: nothing is announced on it.
    @Test func anArrivalOutlastsABridgeThatIsNotOursUntilItIsGone() throws {
        var state = World.State()
        state.desired.podman.containers = [try container("pod-a", "10.0.0.10"), try container("pod-b", "10.0.0.11")]
        state.podman = .unavailable
        state.noteArrivals(in: podman("pod-a", .running))
        state.noteArrivals(in: podman("pod-b", .running))
        state.settleArrivals([])
        #expect(state.arrived.map(\.name) == ["pod-a", "pod-b"])
        // One has ended, the other is no longer wanted.
        state.podman = .observed(podman("pod-b", .running))
        state.settleArrivals([])
        #expect(state.arrived.map(\.name) == ["pod-b"])
        state.desired.podman.containers = []
        state.settleArrivals([])
        #expect(state.arrived.isEmpty)
    }

    @Test func whatBeganWhilePodmanWasSilentHasArrivedAndWhatRanBeforeUsHasNot() throws {
        var state = World.State()
        state.desired.podman.containers = [try container("pod-a", "10.0.0.10")]
        state.noteArrivals(in: podman("pod-a", .running))
        #expect(state.arrived.isEmpty)
        state.podman = .unavailable
        state.noteArrivals(in: podman("pod-a", .exited))
        #expect(state.arrived.isEmpty)
        state.noteArrivals(in: podman("pod-a", .running))
        #expect(state.arrived.map(\.name) == ["pod-a"])
    }

    @Test func withoutRecordsALaneRemovesNothingUntilItHasLookedWithManifests() {
        var changes = ChangeSet<PodmanChange>()
        changes.changes = [.removeContainer(name: "old", id: "1", timeout: 10)]
        var state = World.State()
        state.sparing = [.podman]
        #expect(state.sparing(changes, lane: .podman).changes.isEmpty)
        #expect(state.sparing(changes, lane: .network) == changes)
        state.noteLook(of: .podman, seen: state)
        #expect(!state.sparing.isEmpty, "it has seen no manifests yet")
        var goingDown = state
        goingDown.isGoingDown = true
        #expect(goingDown.sparing(changes, lane: .podman) == changes)
        state.hasSnapshot = true
        state.noteLook(of: .podman, seen: state)
        #expect(state.sparing(changes, lane: .podman) == changes)
    }

    @Test func whatATeardownHadToLeaveIsSaid() {
        var state = World.State()
        state.outstanding[.podman] = World.Outstanding(error: "Podman does not answer")
        #expect(state.remains == ["left: what the podman lane looks after: Podman does not answer"])
        state.outstanding[.podman] = World.Outstanding()
        #expect(state.remains.isEmpty)
    }
}

/// When changes may go by the last look.
@Suite struct SettledTests {
    private func settled() -> World.State {
        var state = World.State()
        state.want(DesiredHost(node: "a"), from: AcceptedSet())
        state.settled = state.present
        return state
    }

    @Test func aPartThatChangesLeavesItSettled() {
        var state = settled()
        let isTaken = state.want(PlanAmendment(node: "a"))
        #expect(isTaken && state.isSettled)
    }

    @Test func whateverElseChangesTakesANewLook() {
        var state = settled()
        #expect(state.isSettled)
        state.kernelHints += 1
        #expect(!state.isSettled)
        state = settled()
        state.want(DesiredHost(node: "b"), from: AcceptedSet())
        #expect(!state.isSettled)
        // What a part changes then does not make it so.
        let isOfAnother = !state.want(PlanAmendment(node: "a"))
        #expect(isOfAnother)
        let isTaken = state.want(PlanAmendment(node: "b"))
        #expect(isTaken && !state.isSettled)
        state.isGoingDown = true
        let isRefused = !state.want(PlanAmendment(node: "b"))
        #expect(isRefused)
    }
}
