import Resources
import Testing

@Suite struct ExamplesTests {
    @Test(arguments: [("manifests/two-hosts", 2, 1), ("manifests/three-sites", 3, 2)])
    func examplesAreAccepted(directory: String, nodes: Int, containers: Int) throws {
        var acceptor = try Acceptor()
        let set = acceptor.accept(try manifestFiles(directory), lastGood: [])
        #expect(set.fileErrors == [])
        #expect(set.acceptances.filter { $0.status != .true }.map(\.message) == [])
        #expect(set.live.nodes.count == nodes)
        #expect(set.live.nodes.allSatisfy { $0.spec.containers.count == containers })
        #expect(set.live.overlays.count == 1)
        #expect(set.lastGood.allSatisfy { $0.generation == 1 })
        // No key yet in the examples.
        #expect(set.acceptances.filter { $0.key.kind == .node }.allSatisfy { $0.reason == Reason.publicKeyMissing })
    }
}
