import Foundation
import NetAddress
import Testing

@testable import Lab

@Suite struct LabManifestsTests {
    @Test func `the examples give a host for each node`() async throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../manifests")
            .standardizedFileURL.path
        let two = try await LabManifests(directory: "\(folder)/two-hosts")
        #expect(two.complaints == [])
        #expect(
            two.nodes == [
                LabNode(
                    name: "host-a", endpoints: [.address(UnderlayTests.v4(192, 168, 1, 10))],
                    overlayAddresses: [UnderlayTests.v4(10, 0, 0, 1)]),
                LabNode(
                    name: "host-b", endpoints: [.address(UnderlayTests.v4(192, 168, 1, 20))],
                    overlayAddresses: [UnderlayTests.v4(10, 0, 0, 2)]),
            ])
        let three = try await LabManifests(directory: "\(folder)/three-sites")
        #expect(three.nodes.map(\.name) == ["berlin", "home", "lisbon"])
        #expect(try Underlay(nodes: three.nodes).hosts.map(\.isBehindNAT) == [false, true, false])
    }

    @Test func `a link is kept, to be followed when it is switched`() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "lab-place-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.createDirectory(
            at: root.appending(path: "revisions/1"), withIntermediateDirectories: true)
        let link = root.appending(path: "current").path
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "revisions/1")
        #expect(try ManifestPlace.absolute(link) == link)
        #expect(try ManifestPlace.absolute(link + "//") == link)
        // Each host has a /run of its own, so no link may lead there.
        let hidden = root.appending(path: "hidden").path
        try FileManager.default.createSymbolicLink(atPath: hidden, withDestinationPath: "/run")
        #expect(throws: LabError.self) { try ManifestPlace.absolute(hidden) }
    }

    @Test func `a directory that is not there is named`() async {
        await #expect(throws: LabError.self) { try await LabManifests(directory: "/does/not/exist") }
    }
}
