internal import Foundation
public import HostState
public import NetAddress
public import Planner
public import Resources

/// A fleet of four nodes and eight containers that changes at random the way authors change manifests.
public struct RandomFleet: Sendable {
    public init() {}

    var isDualStack = true
    var isMember = true
    var isDrained = false
    var network: String? = "flat"
    var interface = "wg0"
    var mtu: UInt32?
    var keepalive: UInt16?
    var listenPort: UInt16 = 51820
    var fwmark: UInt32 = 0
    var members: Set<Int> = [0, 1, 2]
    var endpoints: [Int: String] = [1: "192.0.2.1", 2: "site-c.example:4500"]
    /// Container to node.
    var places: [Int: Int] = [0: 0, 1: 0, 2: 1, 3: 2]
    /// Container to the number that its addresses end in.
    var numbers: [Int: Int] = [:]
    var images: [Int: String] = [:]
    var policies: [Int: String] = [:]
    var hasSlice = false
    /// Containers that the host's policy holds, where the host has them.
    var held: Set<Int> = []

    public static let facts = HostFacts(
        node: "n0",
        publicKeys: Dictionary(uniqueKeysWithValues: (0..<4).compactMap { i in key(i).map { ("n\(i)", $0) } }),
        ownPublicKey: key(0))

    public static func key(_ node: Int) -> PublicKey? {
        PublicKey(bytes: [UInt8](repeating: UInt8(node + 1), count: 32))
    }

    public mutating func mutate(_ random: inout SeededGenerator) {
        let container = Int.random(in: 0..<8, using: &random)
        let node = Int.random(in: 0..<4, using: &random)
        let kind = Int.random(in: 0..<24, using: &random)
        switch kind {
        case 0...5: places[container] = node
        case 6, 7: places[container] = nil
        case 8, 9: swapNumbers(container, Int.random(in: 0..<8, using: &random))
        case 10: images[container] = random.pick(["alpine:1", "alpine:2", "busybox"])
        case 11: policies[container] = random.pick(["Always", "IfNotPresent", "Never"])
        case 12: if !members.insert(node).inserted, node != 0 { members.remove(node) }
        case 13: endpoints[node] = random.pick(["192.0.2.\(node)", "198.51.100.\(node):99", "site-c.example"])
        case 14: endpoints[node] = nil
        case 15...18: changeOverlay(kind - 15, &random)
        case 19:
            hasSlice.toggle()
            fwmark = hasSlice ? 7 : 0
        case 20: isMember.toggle()
        case 21, 22: if held.remove(container) == nil { held.insert(container) }
        default: isDrained.toggle()
        }
    }

    /// A change of what the whole overlay stands on: its links or its Podman network are made again or made different.
    public mutating func mutateOverlay(_ random: inout SeededGenerator) {
        changeOverlay(Int.random(in: 0..<4, using: &random), &random)
    }

    private mutating func changeOverlay(_ kind: Int, _ random: inout SeededGenerator) {
        switch kind {
        case 0: isDualStack.toggle()
        case 1: network = random.chance(30) ? nil : random.pick(["flat", "renamed"])
        case 2: interface = random.pick(["wg0", "wg-long-name-15"]) ?? interface
        default: mtu = random.chance(30) ? nil : random.pick([1300, 1400])
        }
    }

    private mutating func swapNumbers(_ a: Int, _ b: Int) {
        let (first, second) = (numbers[a] ?? a, numbers[b] ?? b)
        numbers[a] = second
        numbers[b] = first
    }

    /// - Parameter ownPublicKey: the host's real key; nil for a made-up one.
    public func desired(ownPublicKey: PublicKey? = nil) -> DesiredHost {
        Planner.plan(resources(), facts: facts(ownPublicKey: ownPublicKey))
    }

    /// - Parameter ownPublicKey: the host's real key; nil for a made-up one.
    public func facts(ownPublicKey: PublicKey? = nil) -> HostFacts {
        var facts = RandomFleet.facts
        if let ownPublicKey {
            facts.ownPublicKey = ownPublicKey
            facts.publicKeys[facts.node] = ownPublicKey
        }
        // As the policy judges: a drained host asks for nothing.
        let frozen = isDrained ? [] : held.filter { places[$0] == 0 }
        facts.frozen.containers = frozen.sorted().map { "p\($0)" }
        return facts
    }

    public func resources() -> ResourceSet {
        let subnets = ["10.0.0.0/24", "fd00:10::/64"].prefix(isDualStack ? 2 : 1).compactMap { CIDR($0) }
        let overlay = Overlay(
            metadata: Metadata(name: "net"),
            spec: OverlaySpec(
                subnets: subnets,
                wireguard: .init(
                    interface: interface, listenPort: listenPort, mtu: mtu, persistentKeepalive: keepalive,
                    fwmark: fwmark),
                network: .init(name: network)))
        return ResourceSet(nodes: members.sorted().map(node), overlays: isMember ? [overlay] : [])
    }

    private func addresses(_ number: Int) -> [IPAddress] {
        ["10.0.0.\(number)", "fd00:10::\(number)"].prefix(isDualStack ? 2 : 1).compactMap { IPAddress($0) }
    }

    private func node(_ index: Int) -> Node {
        var membership = OverlayMembership(name: "net", addresses: addresses(index + 1))
        if hasSlice && index == 1 { membership.routes = [CIDR("10.0.0.64/26")].compactMap { $0 } }
        let containers = places.filter { $0.value == index }.keys.sorted().compactMap(container)
        return Node(
            metadata: Metadata(name: "n\(index)"),
            spec: NodeSpec(
                endpoint: endpoints[index].flatMap { Endpoint($0) }, overlays: [membership], containers: containers,
                unschedulable: isDrained && index == 0))
    }

    private func container(_ index: Int) -> Container? {
        let number = 60 + (numbers[index] ?? index)
        let json: [String: Any] = [
            "name": "p\(index)", "image": images[index] ?? "alpine:1",
            "imagePullPolicy": policies[index] ?? "IfNotPresent", "restartPolicy": "Always",
            "networks": [["overlay": "net", "addresses": addresses(number).map(\.description)]],
            "command": ["sleep", "infinity"], "args": [String](), "env": [String](), "ports": [String](),
            "volumes": [String](), "ulimits": [String](), "labels": [String: String](),
            "terminationGracePeriodSeconds": 3,
        ]
        guard let data = try? JSONSerialization.data(withJSONObject: json) else { return nil }
        return try? JSONDecoder().decode(Container.self, from: data)
    }
}
