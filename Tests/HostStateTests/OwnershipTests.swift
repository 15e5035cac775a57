import Foundation
import HostState
import Testing

/// Fault 54: which of Podman's containers and networks the inventory takes in as ours.
@Suite struct OwnershipTests {
    private func container(
        _ name: String, id: String, nonce: String? = nil, labelled: String? = nil
    ) -> ObservedContainer {
        var labels: [String: String] = [:]
        if let labelled { labels = [OwnershipMark.nodeLabel: "host-a", OwnershipMark.nameLabel: labelled] }
        return ObservedContainer(id: id, name: name, image: "x", state: .running, labels: labels, sealNonce: nonce)
    }

    private func podman(_ containers: ObservedContainer...) -> ObservedPodman {
        var podman = ObservedPodman()
        for container in containers { podman.containers[container.name] = container }
        return podman
    }

    private func adopted(_ inventory: Inventory, _ podman: ObservedPodman) -> [String: OwnedObject] {
        var inventory = inventory
        inventory.adopt(podman, node: "host-a")
        #expect(inventory.isAdopted)
        return inventory.containers
    }

    @Test func labelsAloneProveNothing() {
        let found = podman(
            container("web", id: "1", labelled: "web"), container("copy", id: "2", labelled: "web"))
        #expect(adopted(Inventory(), found).isEmpty)
        var used = Inventory()
        used.isAdopted = true
        #expect(adopted(used, found).isEmpty)
    }

    /// The release before had names only: at its first look, and only then, labels say which id a name has.
    @Test func anUpgradeAdoptsByNameAndLabelsOnce() throws {
        let stored = """
            {"sysctlsBefore": {}, "links": [], "networks": ["net"], "containers": ["web", "gone"]}
            """
        var old = try JSONDecoder().decode(Inventory.self, from: Data(stored.utf8))
        #expect(!old.isAdopted)
        var found = podman(
            container("web", id: "1", labelled: "web"), container("mine", id: "2", labelled: "mine"))
        found.networks["net"] = ObservedNetwork(
            name: "net", id: "7", bridge: "b", subnets: [], mtu: nil, isDNSEnabled: false,
            labels: [OwnershipMark.overlayLabel: "net"])
        old.adopt(found, node: "host-a")
        #expect(old.containers == ["web": OwnedObject(id: "1")])
        #expect(old.networks == ["net": OwnedObject(id: "7")])
        let text = String(decoding: try JSONEncoder().encode(old), as: UTF8.self)
        #expect(try JSONDecoder().decode(Inventory.self, from: Data(text.utf8)) == old)
        // What carries the labels of a name from then on is another one.
        let later = podman(
            container("gone", id: "3", labelled: "gone"), container("web", id: "4", labelled: "web"))
        #expect(adopted(old, later) == old.containers)
    }

    @Test func aKillBetweenTheCreationAndItsRecordLosesNothing() {
        var inventory = Inventory()
        inventory.isAdopted = true
        inventory.containers["web"] = OwnedObject(nonce: "n1")
        #expect(adopted(inventory, podman()) == inventory.containers, "Podman may still make it")
        #expect(adopted(inventory, podman(container("web", id: "1"))) == inventory.containers, "it is somebody's")
        #expect(adopted(inventory, podman(container("web", id: "1", nonce: "n2"))) == inventory.containers)
        #expect(
            adopted(inventory, podman(container("web", id: "1", nonce: "n1")))
                == ["web": OwnedObject(id: "1", nonce: "n1")])
    }

    @Test func aSealCountsOnlyOnceTheRecordsWereLost() {
        let sealed = podman(container("web", id: "1", nonce: "n1"))
        #expect(adopted(Inventory(), sealed) == ["web": OwnedObject(id: "1", nonce: "n1")])
        var used = Inventory()
        used.isAdopted = true
        #expect(adopted(used, sealed).isEmpty)
        used.containers["web"] = OwnedObject(id: "0", nonce: "n1")
        #expect(adopted(used, sealed) == used.containers, "ours was removed, and this is a copy")
        // What was made while nothing could be written down is known by its seal alone.
        let unrecorded = podman(container("web", id: "1", nonce: Nonce.random(isRecorded: false)))
        #expect(adopted(used, unrecorded)["web"]?.id == "1")
    }
}
