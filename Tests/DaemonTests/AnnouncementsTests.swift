import Convergence
import HostState
import NetAddress
import NetworkState
import PodmanState
import Reconciler
import Testing

@testable import Daemon
@testable import NetworkLane

private func container(_ name: String, _ addresses: String...) throws -> DesiredContainer {
    var container = DesiredContainer(name: name, node: "host-a", image: "x")
    container.networks = [
        .init(
            network: "net", bridge: "br-wg0", addresses: try addresses.map { try #require(IPAddress($0)) },
            macAddress: try #require(MACAddress("02:00:00:00:00:01")))
    ]
    return container
}

/// For a container, whose MAC address is announced.
private func announced(_ address: String, error: String? = nil) throws -> Outcome<KernelChange> {
    let macAddress = try #require(MACAddress("02:00:00:00:00:01"))
    return Outcome(
        .announce(interface: "br-wg0", address: try #require(IPAddress(address)), macAddress: macAddress),
        error: error)
}

private func podman(
    _ states: [String: ObservedContainer.State], addresses: Set<IPAddress>
) -> ObservedPodman {
    var podman = ObservedPodman()
    for (name, state) in states {
        podman.containers[name] = ObservedContainer(
            id: name, name: name, image: "x", state: state, addresses: addresses)
    }
    return podman
}

@Suite struct AnnouncementsTests {
    private var desired = DesiredPodman()
    private var seen = PodmanObservation()
    private var announcements = Announcements()

    private mutating func want(_ containers: DesiredContainer...) { desired.containers = containers }

    private mutating func see(_ states: [String: ObservedContainer.State]) {
        let addresses = Set(desired.containers.flatMap(\.networks).flatMap(\.addresses))
        seen.observe(podman(states, addresses: addresses), wanted: desired.containers.map(\.name))
    }

    private var pending: [DesiredContainer] { announcements.pending(desired, seen) }

    @Test mutating func anArrivalIsKeptUntilEveryAddressIsAnnounced() throws {
        want(try container("pod-a", "10.0.0.10", "10.0.0.11"))
        seen.view = .unavailable
        see(["pod-a": .running])
        announcements.note([try announced("10.0.0.10"), try announced("10.0.0.11", error: "no")], seen, desired)
        #expect(pending.flatMap(\.networks).flatMap(\.addresses) == [IPAddress("10.0.0.11")])
        announcements.note([try announced("10.0.0.11")], seen, desired)
        #expect(pending.isEmpty)
        // One that ends and begins again arrives again.
        see(["pod-a": .exited])
        see(["pod-a": .running])
        announcements.note([], seen, desired)
        #expect(pending.flatMap(\.networks).flatMap(\.addresses).count == 2)
    }

    @Test mutating func anArrivalDuringARoundWaitsForTheNext() throws {
        want(try container("pod-a", "10.0.0.10"))
        seen.view = .unavailable
        see(["pod-a": .running])
        announcements.note([try announced("10.0.0.11")], seen, desired)
        #expect(pending.count == 1)
    }

    /// Somebody else's link may have the bridge's name for days: nothing is announced on it.
    @Test mutating func anArrivalOutlastsABridgeThatIsNotOursUntilItIsGone() throws {
        want(try container("pod-a", "10.0.0.10"), try container("pod-b", "10.0.0.11"))
        seen.view = .unavailable
        see(["pod-a": .running, "pod-b": .running])
        announcements.note([], seen, desired)
        #expect(pending.map(\.name) == ["pod-a", "pod-b"])
        seen.view = .unavailable
        #expect(pending.map(\.name) == ["pod-a", "pod-b"])
        // One has ended, the other is no longer wanted.
        see(["pod-b": .running])
        #expect(pending.map(\.name) == ["pod-b"])
        want()
        #expect(pending.isEmpty)
    }

    @Test mutating func whatBeganWhilePodmanWasSilentHasArrivedAndWhatRanBeforeUsHasNot() throws {
        want(try container("pod-a", "10.0.0.10"))
        see(["pod-a": .running])
        #expect(pending.isEmpty)
        seen.view = .unavailable
        see(["pod-a": .exited])
        #expect(pending.isEmpty)
        see(["pod-a": .running])
        #expect(pending.map(\.name) == ["pod-a"])
    }

    /// Its new address may be live elsewhere until it is replaced.
    @Test mutating func anAddressThatItIsToGetIsNotAnnounced() throws {
        want(try container("pod-a", "10.0.0.10"))
        seen.view = .unavailable
        see(["pod-a": .running])
        announcements.note([try announced("10.0.0.10")], seen, desired)
        want(try container("pod-a", "10.0.0.11"))
        #expect(pending.isEmpty)
    }

    /// One that was restarted while Podman was silent has to be announced, and nobody knows which one was.
    @Test mutating func afterAnOutageOfPodmanEveryContainerArrivesAgain() throws {
        want(try container("pod-a", "10.0.0.10"))
        seen.view = .unavailable
        see(["pod-a": .running])
        announcements.note([try announced("10.0.0.10")], seen, desired)
        #expect(pending.isEmpty)
        seen.view = .unavailable
        see(["pod-a": .running])
        #expect(pending.map(\.name) == ["pod-a"])
    }

    @Test func whatATeardownHadToLeaveIsSaid() {
        var facts = Facts()
        facts.outstanding[.podman] = Outstanding(error: "Podman does not answer")
        #expect(facts.remains == ["left: what the podman lane looks after: Podman does not answer"])
        facts.outstanding[.podman] = Outstanding()
        #expect(facts.remains.isEmpty)
    }
}
