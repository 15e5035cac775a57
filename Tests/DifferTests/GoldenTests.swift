import Convergence
import Foundation
import HostState
import NetAddress
import NetworkState
import PodmanState
import TestSupport
import Testing

/// `Golden/CASE/{desired.json, observed.json, changes.txt}`: what both lanes do about one situation.
@Suite struct GoldenTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    static let cases = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    @Test func thereAreCases() { #expect(GoldenTests.cases.count >= 20) }

    @Test(arguments: cases)
    func changesAreAsWritten(name: String) throws {
        let directory = GoldenTests.folder.appending(path: name)
        let decoder = JSONDecoder()
        let desired = try decoder.decode(
            DesiredHost.self, from: Data(contentsOf: directory.appending(path: "desired.json")))
        let situation = try decoder.decode(
            Situation.self, from: Data(contentsOf: directory.appending(path: "observed.json")))
        try expectGolden(situation.changes(to: desired), "Golden/\(name)/changes.txt")
    }
}

/// What observed.json holds: both observations and what the lanes are told besides.
struct Situation: Codable {
    var kernel: ObservedKernel
    var podman: PodmanView
    var inventory: Inventory
    /// Seconds since the epoch.
    var now: Int64
    var resolved: [String: [IPAddress]]
    var editedEndpoints: Set<PublicKey>
    /// Names of containers newly running.
    var arrived: [String]
    var freshImages: Set<String>

    /// With the ids of what carries the labels of host-a, as after an upgrade from a release that recorded names.
    private var adopted: Inventory {
        guard case .observed(let podman) = podman else { return inventory }
        var adopted = inventory
        for name in podman.containers.keys { adopted.containers[name] = OwnedObject() }
        for name in podman.networks.keys { adopted.networks[name] = OwnedObject() }
        adopted.adopt(podman, node: "host-a")
        return adopted
    }

    func changes(to desired: DesiredHost) -> String {
        let kernelContext = KernelContext(
            podman: podman, desiredPodman: desired.podman, clock: HandshakeClock(now: now), resolved: resolved,
            editedEndpoints: Set(
                desired.kernel.devices.flatMap { device in
                    editedEndpoints.map { TunnelPeer(interface: device.interface, publicKey: $0) }
                }),
            arrived: desired.podman.containers.filter { arrived.contains($0.name) }, frozen: desired.frozen)
        let owners = Owners(desired, localNode: "host-a")
        let kernelChanges = Differ.kernelChanges(
            from: kernel, to: desired.kernel, inventory: adopted, context: kernelContext)
        let lines =
            ["kernel:"] + kernelChanges.lines(owners)
            + (podmanChanges(to: desired).map { ["podman:"] + $0.lines(owners) } ?? [])
        return lines.joined(separator: "\n") + "\n"
    }

    func podmanChanges(to desired: DesiredHost) -> ChangeSet<PodmanChange>? {
        guard case .observed(let observed) = podman else { return nil }
        return Differ.podmanChanges(
            from: observed, to: desired.podman, inventory: adopted,
            context: PodmanContext(
                node: "host-a", kernel: kernel, desiredKernel: desired.kernel, freshImages: freshImages,
                frozen: desired.frozen))
    }
}

extension ChangeSet {
    fileprivate func lines(_ owners: Owners) -> [String] {
        let lines =
            changes.map { "  \($0.text)  # \($0.regarding(owners))" }
            + waiting.map { "  held: \($0.change.text): \($0.reason)" }
            + conflicts.map { "  conflict: \($0.object) of \($0.owner): \($0.message)" }
        return lines.isEmpty ? ["  nothing"] : lines
    }
}
