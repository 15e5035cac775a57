import HostState
import NetAddress
import Planner
import Resources
import Testing

/// What a host has keeps the names that it was made with.
@Suite struct IdentityTests {
    @Test(arguments: ["two-hosts", "three-sites"]) func aRenameChangesNothingOnTheHost(example: String) throws {
        var fleet = try Example(example)
        for index in fleet.resources.overlays.indices {
            fleet.resources.overlays[index].spec.wireguard.presharedKeys = .init(file: "/etc/wgctl/secrets/psk")
            // Without a name of its own the Podman network has the overlay's.
            fleet.resources.overlays[index].spec.network.name = nil
        }
        let own = try #require(fleet.resources.nodes.first).metadata.name
        let before = fleet.plan(own)

        var renamed = fleet
        let name = try #require(fleet.resources.overlays.first).metadata.name
        renamed.rename(overlay: name, to: "mesh")
        renamed.rename(node: own, to: "successor")
        var facts = renamed.facts("successor")
        facts.publicKeys = Dictionary(
            uniqueKeysWithValues: fleet.facts(own).publicKeys.map { ($0 == own ? "successor" : $0, $1) })
        facts.ownPublicKey = fleet.facts(own).ownPublicKey
        facts.identities = Identities(node: own, overlays: ["mesh": name])
        var after = Planner.plan(renamed.resources, facts: HostFacts(node: "successor"))
        #expect(after.podman != before.podman, "without identities everything would be made again")
        after = Planner.plan(renamed.resources, facts: facts)
        #expect(after.podman == before.podman)
        #expect(after.podman.networks.map(\.specHash) == before.podman.networks.map(\.specHash))
        #expect(after.kernel.links == before.kernel.links)
        #expect(after.kernel.devices.map(\.presharedKeyName) == before.kernel.devices.map(\.presharedKeyName))
        #expect(after.kernel.devices.map(\.peers) == before.kernel.devices.map(\.peers))
        // Only reports speak of the overlay by its new name.
        for index in after.kernel.devices.indices {
            #expect(after.kernel.devices[index].overlay == "mesh" || fleet.resources.overlays.count > 1)
            after.kernel.devices[index].overlay = before.kernel.devices[index].overlay
        }
        #expect(after.kernel == before.kernel)
        #expect(after.node == "successor" && after.firewall == before.firewall)
    }

    @Test func frozenOverlaysAreKnownByTheirMarks() throws {
        var fleet = try Example("two-hosts")
        fleet.rename(overlay: "overlay-net", to: "mesh")
        var facts = fleet.facts("host-a")
        facts.identities = Identities(overlays: ["mesh": "overlay-net"])
        facts.frozen = FrozenObjects(overlays: ["mesh"])
        let plan = Planner.plan(fleet.resources, facts: facts)
        #expect(plan.frozen.overlays == ["overlay-net"] && plan.kernel.links.isEmpty)
    }

    @Test func presharedKeysMayNameWhatTheyDeriveFrom() throws {
        var fleet = try Example("two-hosts")
        fleet.resources.overlays[0].spec.wireguard.presharedKeys = .init(file: "/psk", derivedFrom: "former")
        #expect(fleet.plan("host-a").kernel.devices.map(\.presharedKeyName) == ["former"])
    }
}

extension Example {
    fileprivate mutating func rename(overlay old: String, to new: String) {
        for index in resources.overlays.indices where resources.overlays[index].metadata.name == old {
            resources.overlays[index].metadata.name = new
        }
        for index in resources.nodes.indices {
            var spec = resources.nodes[index].spec
            for place in spec.overlays.indices where spec.overlays[place].name == old {
                spec.overlays[place].name = new
            }
            for container in spec.containers.indices {
                for place in spec.containers[container].networks.indices
                where spec.containers[container].networks[place].overlay == old {
                    spec.containers[container].networks[place].overlay = new
                }
            }
            resources.nodes[index].spec = spec
        }
    }

    fileprivate mutating func rename(node old: String, to new: String) {
        edit(old) { $0.metadata.name = new }
    }
}
