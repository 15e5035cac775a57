import FleetModel
import HostPolicy
import NetAddress
import Resources
import Testing

/// A judgement that comes of the one before is the judgement of the whole fleet.
@Suite struct DirtyTests {
    @Test func aPartComesToWhatTheWholeComesTo() throws {
        let key = try #require(RandomFleet.key(2))
        let policies = try [
            "{}", "{overlays: {cidrs: [10.0.0.0/24, \"fd00:10::/64\", 172.16.0.0/16]}}",
            "{overlays: {cidrs: [10.0.0.0/24]}}", "{nodes: {publicKeys: [{node: n2, publicKey: \"\(key)\"}]}}",
        ].map(policy)
        var random = SeededGenerator(seed: 3)
        var parts = 0
        for policy in policies {
            var resources = RandomFleet().resources()
            var judgement = policy.judge(resources, node: "n0")
            for step in 0..<500 {
                let index = Int.random(in: 0..<3, using: &random)
                edit(&resources.nodes[index], &random)
                let dirty: Set<String> = [resources.nodes[index].metadata.name]
                let expected = policy.judge(resources, node: "n0")
                let part = policy.judge(resources, node: "n0", previous: judgement, dirty: dirty)
                try #require(part == expected, "step \(step)")
                if part.violations.isEmpty, index != 0 { parts += 1 }
                judgement = part
            }
        }
        #expect(parts > 500)
    }

    private func edit(_ node: inout Node, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: node.spec.publicKey = random.pick([1, 2, 3]).flatMap(RandomFleet.key)
        case 1: node.spec.publicKey = nil
        case 2:
            let route = random.pick(["10.0.0.64/26", "172.16.1.0/24", "192.168.0.0/24"]) ?? ""
            node.spec.overlays[0].routes += [CIDR(route)].compactMap { $0 }
        case 3: node.spec.overlays[0].name = random.pick(["net", "net", "none"]) ?? ""
        default: node.spec.overlays[0].routes = []
        }
    }
}
