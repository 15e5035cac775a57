import HostState
import NetAddress
import Planner
import Resources
import Testing

/// What the marks on a host tell of the names that it was made with, when the records are lost.
@Suite struct IdentityRecoveryTests {
    private let example: Example
    private let kernel: ObservedKernel

    init() throws {
        example = try Example("two-hosts")
        var kernel = ObservedKernel()
        kernel.links["wg0"] = ObservedLink(
            index: 3, name: "wg0", kind: "wireguard", mtu: 1420, alias: "wgctl:old-net", isUp: true)
        kernel.addresses = [
            ObservedAddress(interface: "wg0", address: try #require(IPAddress("10.0.0.2")), prefixLength: 32)
        ]
        self.kernel = kernel
    }

    private func podman(_ labels: [[String: String]]) -> ObservedPodman {
        var podman = ObservedPodman()
        for (index, labels) in labels.enumerated() {
            let name = "pod-\(index)"
            podman.containers[name] = ObservedContainer(
                id: name, name: name, image: "i", state: .running,
                labels: labels.merging([OwnershipMark.nameLabel: name]) { own, _ in own })
        }
        return podman
    }

    private func recovered(_ podman: ObservedPodman? = nil, node: String = "host-b") -> Identities {
        let facts = example.facts(node)
        return Identities(
            recoveredFrom: kernel, podman, resources: example.resources, node: node, ownKey: facts.ownPublicKey,
            publicKeys: facts.publicKeys)
    }

    @Test func anOverlayIsWhatItsTunnelIsMarkedWith() throws {
        #expect(recovered() == Identities(overlays: ["overlay-net": "old-net"]))
        // Another host's address: it is not that overlay's tunnel.
        #expect(recovered(node: "host-a") == Identities())
    }

    /// Two Overlays may have exchanged their names, and a third may have taken one: the place tells, not the name.
    @Test func aMarkIsAFormerNameEvenIfAnotherOverlayHasIt() throws {
        var more = self.example
        more.resources.overlays.append(
            Overlay(
                metadata: Metadata(name: "old-net"), spec: OverlaySpec(subnets: [try CIDR(parsing: "10.9.0.0/24")])))
        let facts = more.facts("host-b")
        let identities = Identities(
            recoveredFrom: kernel, nil, resources: more.resources, node: "host-b", ownKey: facts.ownPublicKey)
        #expect(identities == Identities(overlays: ["overlay-net": "old-net"]))
    }

    @Test func aNodeIsWhatItsContainersAreMarkedWith() {
        let label = OwnershipMark.nodeLabel
        #expect(recovered(podman([[label: "was-b"], [label: "was-b"]])).node == "was-b")
        #expect(recovered(podman([[label: "host-b"]])).node == nil)
        // Two names tell nothing, and neither does a label that somebody wrote by hand.
        #expect(recovered(podman([[label: "was-b"], [label: "x"]])).node == nil)
        #expect(recovered(podman([[label: "was-b", OwnershipMark.nameLabel: "another"]])).node == nil)
        // A Node of that name is another host, by its key, and has these containers no more.
        #expect(recovered(podman([[label: "host-a"]])).node == "host-a")
        var keyless = example
        keyless.edit("host-a") { $0.spec.publicKey = nil }
        let identities = Identities(
            recoveredFrom: ObservedKernel(), podman([[label: "host-a"]]), resources: keyless.resources, node: "host-b",
            ownKey: example.facts("host-b").ownPublicKey)
        #expect(identities.node == nil)
    }
}
