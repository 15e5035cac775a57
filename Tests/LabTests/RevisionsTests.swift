import Foundation
import ManifestWatch
import TestSupport
import Testing

@testable import Lab

/// The folder that a late host's manifests are delivered in.
@Suite struct RevisionsTests {
    private func withFolder(_ body: (Revisions, _ source: String) throws -> Void) throws {
        let root = temporaryPath("revisions")
        let source = "\(root)/source"
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        try body(Revisions(path: "\(root)/manifests"), source)
    }

    private func files(_ texts: [String: String]) -> [SourceFile] {
        texts.sorted { $0.key < $1.key }.map { SourceFile(path: $0.key, contents: .bytes(Array($0.value.utf8))) }
    }

    @Test func `a name comes back from its text, whatever the time`() throws {
        for milliseconds in [1, 1001, 1_414_612, 472_305] + (0..<10_000).map({ $0 * 7919 }) {
            let name = Revisions.Name(number: 1, due: .milliseconds(milliseconds))
            #expect(name.text == "1-\(milliseconds)")
            #expect(Revisions.Name(name.text) == name)
        }
    }

    @Test func `a revision is delivered whole, and the one before it stays to be read to its end`() throws {
        try withFolder { revisions, source in
            #expect(revisions.delivered() == nil)
            let contents = [
                files(["a.yaml": "1", "sites/b.yaml": "1"]), files(["a.yaml": "2"]), files(["c.yaml": "2"]), files([:]),
            ]
            for (index, files) in contents.enumerated() {
                let name = Revisions.Name(number: index + 1, due: .milliseconds(1000 * index))
                try revisions.write(files, of: source, as: name)
                #expect(revisions.waiting() == [name])
                try revisions.deliver(name)
                #expect(revisions.delivered() == name)
                #expect(revisions.waiting() == [])
                #expect(try ManifestScan.asDaemon(below: revisions.current).files == files)
            }
            #expect(revisions.all().map(\.number) == [3, 4])
        }
    }

    @Test func `what waits is known from the folder alone, without a revision that was never finished`() throws {
        try withFolder { revisions, source in
            let names = [(1, 0), (2, 61_000), (10, 62_000)].map {
                Revisions.Name(number: $0.0, due: .milliseconds($0.1))
            }
            for name in names { try revisions.write([], of: source, as: name) }
            try revisions.deliver(names[0])
            try makeDirectory("\(revisions.path)/revisions/unfinished")
            #expect(revisions.waiting() == [names[1], names[2]])
        }
    }

    @Test func `a file that is refused is refused there too`() throws {
        try withFolder { revisions, source in
            for name in ["open.yaml", "good.yaml"] {
                try "kind: Node\n".write(toFile: "\(source)/\(name)", atomically: true, encoding: .utf8)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: "\(source)/open.yaml")
            try FileManager.default.createSymbolicLink(
                atPath: "\(source)/nothing.yaml", withDestinationPath: "/nonexistent/x.yaml")
            let files = try ManifestScan.asDaemon(below: source).files
            #expect(files.filter { if case .unreadable = $0.contents { true } else { false } }.count == 2)
            let name = Revisions.Name(number: 1, due: .zero)
            try revisions.write(files, of: source, as: name)
            #expect(try ManifestScan.asDaemon(below: revisions.directory(name)).files == files)
        }
    }
}
