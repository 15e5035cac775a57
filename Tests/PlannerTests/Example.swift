import Foundation
import HostState
import Manifest
import NetAddress
import Planner
import Resources

/// A fleet of `manifests/NAME` or `Golden/NAME`, its nodes with made-up keys.
struct Example {
    static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    private static let manifests = golden.appending(path: "../../../manifests")

    var resources: ResourceSet

    init(_ name: String) throws {
        let own = Example.golden.appending(path: name)
        let shared = Example.manifests.appending(path: name)
        let folder = FileManager.default.fileExists(atPath: shared.path) ? shared : own
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        let files = try names.sorted().map { name in
            ManifestFile(path: name, contents: .bytes(Array(try Data(contentsOf: folder.appending(path: name)))))
        }
        var acceptor = try Acceptor()
        let accepted = acceptor.accept(files, lastGood: [])
        let refusals =
            accepted.fileErrors.map(\.message) + accepted.acceptances.filter { $0.status != .true }.map(\.message)
        guard refusals.isEmpty, !accepted.live.nodes.isEmpty else { throw Refusal(messages: refusals) }
        resources = accepted.live
    }

    struct Refusal: Error { let messages: [String] }

    func facts(_ node: String) -> HostFacts {
        let keys = resources.nodes.enumerated().compactMap { index, node in
            PublicKey(bytes: [UInt8](repeating: UInt8(index + 1), count: 32)).map { (node.metadata.name, $0) }
        }
        let map = Dictionary(uniqueKeysWithValues: keys)
        return HostFacts(node: node, publicKeys: map, ownPublicKey: map[node])
    }

    func plan(_ node: String) -> DesiredHost { Planner.plan(resources, facts: facts(node)) }

    mutating func edit(_ name: String, _ body: (inout Node) -> Void) {
        for index in resources.nodes.indices where resources.nodes[index].metadata.name == name {
            body(&resources.nodes[index])
        }
    }
}
