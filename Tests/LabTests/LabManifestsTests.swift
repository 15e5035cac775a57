import Foundation
import Lab
import NetAddress
import Testing

@Suite struct LabManifestsTests {
    @Test func `the examples give a host for each node`() async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../manifests")
            .standardizedFileURL.path
        let two = try await LabManifests(directory: "\(folder)/two-hosts")
        #expect(two.complaints == [])
        #expect(
            two.nodes == [
                LabNode(name: "host-a", endpoints: [.address(UnderlayTests.v4(192, 168, 1, 10))]),
                LabNode(name: "host-b", endpoints: [.address(UnderlayTests.v4(192, 168, 1, 20))]),
            ])
        let three = try await LabManifests(directory: "\(folder)/three-sites")
        #expect(three.nodes.map(\.name) == ["berlin", "home", "lisbon"])
        #expect(try Underlay(nodes: three.nodes).hosts.map(\.isBehindNAT) == [false, true, false])
    }

    @Test func `a directory that is not there is named`() async {
        await #expect(throws: LabError.self) { try await LabManifests(directory: "/does/not/exist") }
    }
}
