import FleetModel
import Foundation
import Glibc
import Testing

@testable import ManifestWatch

/// One edit is looked at alone, and nothing that a whole walk would see is missed for it.
@Suite struct GlanceTests {
    /// A walk of a directory, and the scanner that made it.
    private func withScan(_ body: (TemporaryDirectory, inout ManifestWatch.Scanner, Scan) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        for path in ["a.yaml", "b.yaml", "sub/c.yaml"] { try directory.write(path, path) }
        var scanner = ManifestWatch.Scanner(directory: directory.root, trust: .strict)
        var notifications = Notifications(none: ())
        let scan = try scanner.scan(patient: true, watching: &notifications)
        try body(directory, &scanner, scan)
    }

    private func path(_ text: String) -> RelativePath { RelativePath(bytes: Array(text.utf8)) }

    @Test func anEditIsReadAlone() throws {
        try withScan { directory, scanner, scan in
            try directory.write("sub/new", "edited")
            try directory.rename("sub/new", "sub/c.yaml")
            let files = scanner.glance(at: [path("sub/c.yaml"), path("sub/new")], after: scan)
            #expect(files?.mapValues(\.contents) == [path("sub/c.yaml"): .bytes(Array("edited".utf8))])
        }
    }

    @Test func whatIsNoPlainEditTakesAWholeWalk() throws {
        try withScan { directory, scanner, scan in
            func takesAWalk(_ changed: String, by change: () throws -> Void) throws {
                try change()
                let files = scanner.glance(at: [path(changed)], after: scan)
                #expect(files == nil, "\(changed)")
            }
            try takesAWalk("d.yaml") { try directory.write("d.yaml", "new") }
            try takesAWalk("a.yaml") { try directory.write("a.yaml", "") }
            try takesAWalk("a.yaml") { try directory.write("a.yaml", "x", mode: 0o666) }
            try takesAWalk("a.yaml") { try directory.remove("a.yaml") }
            try takesAWalk("a.yaml") { try directory.link("a.yaml", to: "b.yaml") }
            try takesAWalk("dir") { try directory.link("dir", to: "sub") }
            try takesAWalk("sub") { try directory.rename("sub", "elsewhere") }
            try takesAWalk("b.yaml") {
                _ = Glibc.link(directory.root + "/b.yaml", directory.parent + "/other name")
            }
        }
    }

    @Test func anEditThatGoesOverTheLimitTakesAWholeWalk() throws {
        try withScan { directory, scanner, scan in
            #expect(scan.totalBytes == "a.yaml".count + "b.yaml".count + "sub/c.yaml".count)
            try directory.write("a.yaml", "a longer text")
            var full = scan
            full.totalBytes = ManifestWatch.Scanner.byteLimit - "a longer text".count + "a.yaml".count
            let fitting = scanner.glance(at: [path("a.yaml")], after: full)
            full.replace(try #require(fitting))
            #expect(full.totalBytes == ManifestWatch.Scanner.byteLimit)
            // One that grows while the other shrinks by as much.
            try directory.write("a.yaml", "a.yaml")
            try directory.write("b.yaml", "b longer text")
            let both = scanner.glance(at: [path("a.yaml"), path("b.yaml")], after: full)
            #expect(both?.count == 2)
            let excess = scanner.glance(at: [path("b.yaml")], after: full)
            #expect(excess == nil)
        }
    }

    @Test func aDirectoryThatWasExchangedTakesAWholeWalk() throws {
        try withScan { directory, scanner, scan in
            try directory.run("cp", "-r", directory.root, directory.parent + "/copy")
            guard Glibc.rename(directory.root, directory.parent + "/before") == 0,
                Glibc.rename(directory.parent + "/copy", directory.root) == 0
            else { throw POSIXError(.EIO) }
            let files = scanner.glance(at: [path("a.yaml")], after: scan)
            #expect(files == nil)
        }
    }

    /// The rescan comes far too late to help.
    @Test(arguments: 0..<6)
    func whateverChangesIsSeen(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await withSource(
            rescanInterval: .seconds(3600),
            prepare: { directory in
                for path in ["a.yaml", "b.yaml", "sub/c.yaml", "sub/d.yaml"] { try directory.write(path, path) }
            }
        ) { directory, _, recorder in
            for number in 0..<25 {
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    change(directory, number, &random)
                }
                let expected = try ManifestScan.asDaemon(below: directory.root).files
                try await recorder.wait("step \(number)") { $0 == .snapshot(expected) }
            }
        }
    }

    /// What somebody does to the directory; what cannot be done is not.
    private func change(_ directory: TemporaryDirectory, _ number: Int, _ random: inout SeededGenerator) {
        let path = random.pick(["a.yaml", "b.yaml", "sub/c.yaml", "sub/d.yaml", "e.yaml", "dir/f.yaml"]) ?? ""
        let other = random.pick(["a.yaml", "b.yaml", "sub/c.yaml", "e.yaml"]) ?? ""
        switch Int.random(in: 0..<14, using: &random) {
        case 0...3: try? directory.write(path, "written \(number)")
        case 4...7:
            try? directory.write("\(path).new", "renamed \(number)")
            try? directory.rename("\(path).new", path)
        case 8: try? directory.remove(path)
        case 9: try? directory.rename("sub", "dir")
        case 10: try? directory.rename("dir", "sub")
        case 11: try? directory.link("link-\(number).yaml", to: other)
        case 12: try? directory.write(path, "open to all \(number)", mode: random.chance(50) ? 0o666 : 0o644)
        default: try? directory.rename(path, other)
        }
    }

    /// Nobody who reads such a path could tell which file it is.
    @Test func anEditOfOneOfTwoNamesThatAreOneChangesNothing() async throws {
        let (composed, decomposed) = ("caf\u{e9}.yaml", "cafe\u{301}.yaml")
        try await withSource(
            rescanInterval: .seconds(3600),
            prepare: { directory in
                try directory.write(composed, "a")
                try directory.write(decomposed, "b")
                try directory.write("z.yaml", "z")
            }
        ) { directory, _, recorder in
            try await recorder.wait { $0.reasons.count == 1 }
            for path in [composed, decomposed] { try directory.write(path, "edited") }
            try directory.write("z.yaml", "end")
            try await recorder.wait { $0.texts?["z.yaml"] == "end" }
            #expect(await recorder.updates.allSatisfy { $0.reasons.count == 1 })
        }
    }

    /// However many edits come, the walk that finds what nobody tells keeps its time.
    @Test func editsDoNotPutOffTheRescan() async throws {
        try await withSource(
            rescanInterval: .seconds(1),
            prepare: { directory in
                try directory.write("a.yaml", "a")
                try directory.write("b.yaml", "b")
                // Written through its other name, it changes without a word in its directory.
                _ = Glibc.link(directory.root + "/b.yaml", directory.parent + "/outside")
            }
        ) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "a", "b.yaml": "b"])
            try "changed".write(toFile: directory.parent + "/outside", atomically: false, encoding: .utf8)
            let edits = Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    try directory.write("a.yaml", "edit \(number)")
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
            defer { edits.cancel() }
            try await recorder.wait { $0.texts?["b.yaml"] == "changed" }
        }
    }
}
