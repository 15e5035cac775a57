import FleetModel
import Foundation
import HostState
import NetAddress
import Planner
import Resources

/// Two overlays and six Nodes that change at random, as an acceptor lets them: no two claim one address or key. The
/// host's own facts may give a key to several all the same.
struct RandomResources {
    private struct RandomNode {
        var isMember = [true, true]
        /// In manifests.
        var key: Int?
        var number: Int
        /// A slice of overlay 0, or a network behind the node.
        var routes: Set<Int> = []
        var endpoint: String?
        var containers: [Int] = []
    }

    private var nodes = (0..<6).map { RandomNode(key: $0 == 2 ? nil : $0, number: $0 + 1) }
    /// By node, in place of the manifests'.
    private var overrides: [Int: Int] = [2: 2]
    private var paths: [IPAddress: UInt32] = [:]
    private var resolved: [IPAddress] = []
    private var mtu: UInt32 = 1500
    private var isDualStack = true

    static func name(_ index: Int) -> String { "n\(index)" }

    mutating func mutate(_ random: inout SeededGenerator) {
        let node = Int.random(in: 0..<6, using: &random)
        switch Int.random(in: 0..<32, using: &random) {
        case 0...2: nodes[node].isMember[Int.random(in: 0..<2, using: &random)].toggle()
        case 3...5:
            nodes[node].key = random.pick((0..<9).filter { key in !nodes.contains { $0.key == key } })
        case 6: nodes[node].key = nil
        case 7...9:
            let free = (1..<20).filter { number in !nodes.contains { $0.number == number } }
            nodes[node].number = random.pick(free) ?? nodes[node].number
        case 10...14:
            let route = Int.random(in: 0..<6, using: &random)
            if nodes[node].routes.remove(route) == nil {
                for index in nodes.indices { nodes[index].routes.remove(route) }
                nodes[node].routes.insert(route)
            }
        case 15...18:
            nodes[node].endpoint = random.pick(["192.0.2.1", "192.0.2.2:99", "[2001:db8::7]:5", "site.example"])
        case 19: nodes[node].endpoint = nil
        case 20...23:
            let number = Int.random(in: 60..<90, using: &random)
            for index in nodes.indices { nodes[index].containers.removeAll { $0 == number } }
            nodes[node].containers.append(number)
        case 24: nodes[node].containers = []
        case 25, 26:
            let text = random.pick(["192.0.2.1", "192.0.2.2", "2001:db8::7", "198.51.100.1"]) ?? ""
            if let address = IPAddress(text) { paths[address] = random.pick([1500, 1400, 1300]) }
        case 27: resolved = [random.pick(["192.0.2.1", "198.51.100.1"])].compactMap { $0.flatMap { IPAddress($0) } }
        case 28: overrides[node] = random.pick([0, 1, 2, 3, 4, 5, 8])
        case 29: overrides[node] = nil
        case 30: mtu = random.pick([1500, 1400]) ?? mtu
        default: isDualStack.toggle()
        }
    }

    var facts: HostFacts {
        var facts = HostFacts(node: RandomResources.name(0), underlayMTU: mtu)
        facts.publicKeys = [String: PublicKey](
            uniqueKeysWithValues: overrides.compactMap { node, key in
                RandomFleet.key(key).map { (RandomResources.name(node), $0) }
            })
        facts.ownPublicKey = RandomFleet.key(0)
        facts.pathMTUs = paths
        if !resolved.isEmpty { facts.resolved = ["site.example": resolved] }
        return facts
    }

    var resources: ResourceSet {
        let overlays = (0..<2).map { index in
            Overlay(
                metadata: Metadata(name: "net\(index)"),
                spec: OverlaySpec(
                    subnets: subnets(index),
                    wireguard: .init(interface: "wg\(index)", listenPort: 51820 + UInt16(index))))
        }
        return ResourceSet(nodes: nodes.indices.map(node), overlays: overlays)
    }

    private func subnets(_ overlay: Int) -> [CIDR] {
        ["10.\(overlay).0.0/24", "fd00:\(overlay)::/64"].prefix(isDualStack ? 2 : 1).compactMap { CIDR($0) }
    }

    private func addresses(_ overlay: Int, _ number: Int) -> [IPAddress] {
        ["10.\(overlay).0.\(number)", "fd00:\(overlay)::\(number)"].prefix(isDualStack ? 2 : 1)
            .compactMap { IPAddress($0) }
    }

    private func node(_ index: Int) -> Node {
        let state = nodes[index]
        let memberships = [0, 1].filter { state.isMember[$0] }.map { overlay in
            var membership = OverlayMembership(name: "net\(overlay)", addresses: addresses(overlay, state.number))
            membership.routes = state.routes.sorted().compactMap { route in
                switch (overlay, route) {
                case (0, 0): CIDR("10.0.0.64/28")
                case (0, 1): CIDR("10.0.0.80/28")
                case (0, let route): CIDR("172.16.\(route).0/24")
                // The same network in both overlays, now and then.
                case (_, let route): CIDR("172.16.\(route == 5 ? 4 : route + 20).0/24")
                }
            }
            return membership
        }
        let containers = state.containers.sorted().flatMap { number in
            [0, 1].filter { state.isMember[$0] }.compactMap { container(number, on: $0) }
        }
        return Node(
            metadata: Metadata(name: RandomResources.name(index)),
            spec: NodeSpec(
                publicKey: state.key.flatMap(RandomFleet.key), endpoint: state.endpoint.flatMap { Endpoint($0) },
                overlays: memberships, containers: containers))
    }

    private func container(_ number: Int, on overlay: Int) -> Container? {
        let addresses = addresses(overlay, number).map { "\"\($0)\"" }.joined(separator: ",")
        let json = """
            {"name": "c\(number)-\(overlay)", "image": "alpine", "imagePullPolicy": "Never", "restartPolicy": "Always",
             "networks": [{"overlay": "net\(overlay)", "addresses": [\(addresses)]}], "command": [], "args": [], "env": [],
             "ports": [], "volumes": [], "ulimits": [], "labels": {}, "terminationGracePeriodSeconds": 3}
            """
        return try? JSONDecoder().decode(Container.self, from: Data(json.utf8))
    }
}
