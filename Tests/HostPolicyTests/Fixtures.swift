import Foundation
import HostPolicy
import Manifest
import Resources
import Testing

func policy(_ spec: String) throws -> HostPolicy {
    let text = "apiVersion: wgctl.dev/v1alpha1\nkind: HostPolicy\nspec: \(spec)\n"
    return try HostPolicy(file: ManifestFile(path: "policy.yaml", contents: .bytes(Array(text.utf8))))
}

/// Three nodes on one overlay; host-a is the one that is judged.
struct Fleet {
    static let keyB = "jkFwzuoyDxtjASSsmOFHlNBT1kwAk1ZO6fXKXKYHvgM="
    static let keyC = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

    var subnets = "[10.0.0.0/24]"
    /// Where the overlay's preshared keys come from.
    var secret: String?
    /// Fields of host-a beside its membership, each `  NAME: VALUE`.
    var hostA = ""
    var routesOfB = "[]"
    var keyOfB: String? = Fleet.keyB
    var keyOfC: String?

    /// Containers of host-a, each a flow mapping's fields.
    static func containers(_ fields: String...) -> Fleet {
        let items = fields.enumerated().map { index, fields in
            "    - {name: c\(index), networks: [{overlay: net, addresses: [10.0.0.\(10 + index)]}], \(fields)}\n"
        }
        return Fleet(hostA: "  containers:\n" + items.joined())
    }

    func accepted() throws -> (AcceptedSet, Acceptor) {
        func node(_ name: String, _ number: Int, _ key: String?, routes: String, _ more: String = "") -> ManifestFile {
            let text = """
                apiVersion: wgctl.dev/v1alpha1
                kind: Node
                metadata: {name: \(name)}
                spec:
                  overlays: [{name: net, addresses: [10.0.0.\(number)], routes: \(routes)}]
                \(key.map { "  publicKey: \($0)\n" } ?? "")\(more)
                """
            return ManifestFile(path: "\(name).yaml", contents: .bytes(Array(text.utf8)))
        }
        let overlay = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Overlay
            metadata: {name: net}
            spec: {subnets: \(subnets)\(secret.map { ", wireguard: {presharedKeys: {file: \($0)}}" } ?? "")}
            """
        var acceptor = try Acceptor()
        let accepted = acceptor.accept(
            [
                ManifestFile(path: "net.yaml", contents: .bytes(Array(overlay.utf8))),
                node("host-a", 1, nil, routes: "[192.168.7.0/24]", hostA),
                node("host-b", 2, keyOfB, routes: routesOfB), node("host-c", 3, keyOfC, routes: "[]"),
            ], lastGood: [])
        #expect(accepted.findings == [], "the fixture is refused")
        return (accepted, acceptor)
    }

    func judged(by policy: HostPolicy, node: String = "host-a") throws -> Judgement {
        policy.judge(try accepted().0.live, node: node)
    }
}
