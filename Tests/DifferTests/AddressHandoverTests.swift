import Convergence
import Foundation
import HostState
import NetAddress
import PodmanState
import Testing

/// An address that goes from one container of ours to another, when the first cannot go yet.
@Suite struct AddressHandoverTests {
    /// Of two that swap their addresses, pod-a waits for a route; so pod-z waits for pod-a.
    @Test func aContainerWaitsForTheOneThatKeepsItsAddress() throws {
        let directory = GoldenTests.folder.appending(path: "containers-swap-addresses")
        let decoder = JSONDecoder()
        let desired = try decoder.decode(
            DesiredHost.self, from: Data(contentsOf: directory.appending(path: "desired.json")))
        var situation = try decoder.decode(
            Situation.self, from: Data(contentsOf: directory.appending(path: "observed.json")))
        let wanted = IPAddress(v4: 0x0a00_000b).hostCIDR
        situation.kernel.routes.append(
            ObservedRoute(destination: wanted, interface: "wg0", protocolNumber: 87, metric: 0))
        let changes = try #require(situation.podmanChanges(to: desired))
        #expect(changes.changes.isEmpty)
        #expect(
            Set(changes.waiting.map(\.reason)) == [
                "waiting until the route for 10.0.0.11 is gone", "waiting until container pod-a gives up 10.0.0.10",
            ])
        // One that has ended has given its address back to Podman.
        guard case .observed(var podman) = situation.podman else { return }
        podman.containers["pod-a"]?.state = .exited
        situation.podman = .observed(podman)
        let later = try #require(situation.podmanChanges(to: desired))
        #expect(later.changes.map(\.text) == ["delete container pod-z (stop timeout 10 s)"])
        #expect(
            later.waiting.map(\.reason) == [
                "waiting until the route for 10.0.0.11 is gone", "waiting until the container that it replaces is gone",
            ])
    }
}
