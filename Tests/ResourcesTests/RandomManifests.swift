import FleetModel
import Manifest
import NetAddress
import Resources

/// The manifests of a small fleet that changes as authors change them: some of it clashes, and some of it is broken.
struct RandomManifests {
    private struct RandomNode {
        let name: String
        var address: Int
        var route: String?
        var endpoint: String?
        var key: UInt8?
        var overlay = "net"
        var second: Int?
        var isBroken = false
        var hasNull = false
        var label = 0
        /// Lines before the document, which move all places in it.
        var comments = 0
        var containers: [Int] = []

        init(_ index: Int) {
            name = "n\(index)"
            address = index + 1
            endpoint = "192.0.2.\(index + 1)"
            key = UInt8(index + 1)
        }

        mutating func mutate(_ random: inout SeededGenerator) {
            switch Int.random(in: 0..<20, using: &random) {
            case 0, 1: address = Int.random(in: 1..<40, using: &random)
            case 2, 3:
                route = random.pick([
                    "172.16.0.0/24", "172.16.0.7/32", "172.17.0.0/16", "10.0.0.64/26", "10.9.0.0/16", "10.0.0.12/32",
                ])
            case 4: route = nil
            case 5, 6:
                endpoint = random.pick([
                    "192.0.2.9", "198.51.100.7:99", "172.16.0.5", "site.example", "198.51.100.7:99",
                ])
            case 7: endpoint = nil
            case 8: key = random.chance(80) ? UInt8.random(in: 1..<30, using: &random) : nil
            case 9: overlay = random.pick(["net", "net", "missing", "other"]) ?? overlay
            case 10: isBroken.toggle()
            case 11: containers.append(Int.random(in: 50..<60, using: &random))
            case 12: if random.chance(30) { containers = [] } else { _ = containers.popLast() }
            case 13: comments = Int.random(in: 0..<4, using: &random)
            case 14: label = Int.random(in: 0..<3, using: &random)
            case 15: hasNull.toggle()
            case 16: second = random.chance(60) ? Int.random(in: 1..<6, using: &random) : nil
            default: isBroken = false
            }
        }

        var document: String {
            let memberships =
                ["{name: \(overlay), addresses: [10.0.0.\(address)]\(route.map { ", routes: [\($0)]" } ?? "")}"]
                + (second.map { ["{name: \(overlay == "other" ? "net" : "other"), addresses: [10.1.0.\($0)]}"] } ?? [])
            var lines =
                [String](repeating: "# a comment", count: comments) + [
                    "apiVersion: wgctl.dev/v1alpha1", "kind: Node",
                    "metadata: {name: \(name), labels: {site: s\(label)}}", "spec:",
                    "  overlays: [\(memberships.joined(separator: ", "))]",
                ]
            if let endpoint { lines.append("  endpoint: \"\(endpoint)\"") }
            if let key { lines.append("  publicKey: \(RandomManifests.publicKey(key))") }
            if hasNull { lines.append("  unschedulable:") }
            if !containers.isEmpty { lines.append("  containers:") }
            for (index, number) in containers.enumerated() {
                lines.append(
                    "    - {name: c\(number)-\(index), image: alpine, networks: [{overlay: \(overlay), "
                        + "addresses: [10.0.0.\(number)]}]}")
            }
            if isBroken { lines.append("  nonsense: 1") }
            return lines.joined(separator: "\n") + "\n"
        }
    }

    private static func publicKey(_ byte: UInt8) -> String {
        PublicKey(bytes: [UInt8](repeating: byte, count: 32))?.description ?? ""
    }

    private enum Damage { case none, syntax, blank, missing, keyless }

    private var nodes = (0..<8).map(RandomNode.init)
    private var damages = [Damage](repeating: .none, count: 4)
    private var subnet = "10.0.0.0/24"
    private var netComments = 0
    private var isNetBroken = false
    private var port = 51821
    private var hasOther = true
    private var other = "other"
    /// A second document of the last Node, which is one too many.
    private var double: String?
    private var hasGateway = false

    /// One change; most are of one Node.
    mutating func mutate(_ random: inout SeededGenerator) {
        switch Int.random(in: 0..<60, using: &random) {
        case 0: subnet = random.pick(["10.0.0.0/24", "10.0.0.0/23", "10.0.0.0/28"]) ?? subnet
        case 1: port = Int.random(in: 51820..<51823, using: &random)
        case 2: hasOther.toggle()
        case 3: hasGateway.toggle()
        case 13: double = double == nil ? nodes[7].document : nil
        case 15: netComments = Int.random(in: 0..<3, using: &random)
        case 16: isNetBroken.toggle()
        case 17: isNetBroken = false
        case 14: other = other == "other" ? "third" : "other"
        case 4, 5:
            damages[Int.random(in: 0..<4, using: &random)] =
                random.pick([.syntax, .blank, .missing, .keyless]) ?? .none
        case 6...12: damages = [Damage](repeating: .none, count: 4)
        default: nodes[Int.random(in: 0..<8, using: &random)].mutate(&random)
        }
    }

    /// Two Nodes have a file together, twice.
    var files: [ManifestFile] {
        let net =
            String(repeating: "# a comment\n", count: netComments)
            + overlay("net", subnet, isNetBroken ? "  nonsense: 1" : "")
        var files = [file("a-net.yaml", net)]
        if hasOther {
            files.append(
                file(
                    "z-other.yaml", overlay(other, "10.1.0.0/24", "  wireguard: {interface: wg1, listenPort: \(port)}"))
            )
        }
        if hasGateway {
            files.append(
                file("g.yaml", "apiVersion: wgctl.dev/v1alpha1\nkind: Gateway\nmetadata: {name: g}\nspec: {}\n"))
        }
        let documents = nodes.map(\.document)
        let texts =
            [documents[0], documents[1], documents[2] + "---\n" + documents[3], documents[4] + "---\n" + documents[5]]
            + documents[6...]
        for (index, text) in texts.enumerated() {
            switch index < damages.count ? damages[index] : .none {
            case .none: files.append(file("m\(index).yaml", text))
            case .syntax: files.append(file("m\(index).yaml", text + "]\n"))
            case .blank: files.append(file("m\(index).yaml", "\n"))
            case .missing: break
            case .keyless: files.append(file("m\(index).yaml", text + "---\nkind: Node\n"))
            }
        }
        if let double { files.append(file("m9.yaml", double)) }
        return files.sorted { $0.path < $1.path }
    }
}
