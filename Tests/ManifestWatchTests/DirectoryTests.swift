import Foundation
import Glibc
import ManifestWatch
import TestSupport
import Testing

/// What happens to the directory itself.
@Suite struct DirectoryTests {
    @Test func missingDirectoryIsUnavailableAndComesBack() async throws {
        try await withSource(prepare: {
            try $0.write("a.yaml", "1")
            rename($0.root, $0.root + ".away")
        }) { directory, _, recorder in
            try await recorder.wait { $0.unavailable?.contains("No such file") == true }
            rename(directory.root + ".away", directory.root)
            try await recorder.wait(files: ["a.yaml": "1"])
            rename(directory.root, directory.root + ".away")
            try await recorder.wait { $0.unavailable != nil }
            rename(directory.root + ".away", directory.root)
            try await recorder.wait(files: ["a.yaml": "1"])
        }
    }

    @Test func fileInPlaceOfTheDirectoryIsUnavailable() async throws {
        try await withSource(prepare: {
            rmdir($0.root)
            try Data().write(to: URL(filePath: $0.root))
        }) { _, _, recorder in
            try await recorder.wait { $0.unavailable?.contains("Not a directory") == true }
        }
    }

    @Test func directoryRenamedAwayAndAnotherRenamedInIsFollowed() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "1") }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            mkdir(directory.parent + "/next", 0o755)
            try directory.write("../next/a.yaml", "2")
            rename(directory.root, directory.parent + "/old")
            rename(directory.parent + "/next", directory.root)
            try await recorder.wait(files: ["a.yaml": "2"])
            // The watch is on the new one.
            try directory.write("a.yaml", "3")
            try await recorder.wait(files: ["a.yaml": "3"])
            #expect(await recorder.updates.allSatisfy { $0.unavailable == nil })
        }
    }

    /// git-sync: the watched path is a link in another directory, through a link above it.
    @Test func linkOnTheWayToTheDirectoryIsFollowed() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write("one/fleet/a.yaml", "1")
        try directory.write("two/fleet/a.yaml", "2")
        try directory.link("current", to: "one")
        let source = ManifestSource(directory: directory.root + "/current/fleet")
        let recorder = Recorder()
        await recorder.follow(source)
        try await recorder.wait(files: ["a.yaml": "1"])
        for target in ["two", "one", "two"] {
            try directory.link("next", to: target)
            try directory.rename("next", "current")
            try await recorder.wait(files: ["a.yaml": target == "one" ? "1" : "2"])
        }
    }

    /// Fault 3 where permissions do not bind root: a directory deeper than PATH_MAX cannot be opened.
    @Test func directoryThatCannotBeListedMakesTheWholeUnavailable() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "1") }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            let name = String(repeating: "d", count: 250)
            let script = "for i in $(seq 20); do mkdir \(name) && cd -P \(name) || exit 1; done"
            try directory.run("sh", "-c", script)
            try await recorder.wait { $0.unavailable?.contains("File name too long") == true }
            try directory.run("rm", "-rf", name)
            try await recorder.wait(files: ["a.yaml": "1"])
        }
    }

    @Test func subscribersEachGetTheStateAndEndWithTheSource() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write("a.yaml", "1")
        var source: ManifestSource? = ManifestSource(directory: directory.root)
        await source?.rescan()
        for _ in 0..<2 {
            guard let stream = source?.updates() else { return }
            var iterator = stream.makeAsyncIterator()
            #expect(await iterator.next()?.texts == ["a.yaml": "1"])
        }
        #expect(source?.degradedReason == nil)
        guard let stream = source?.updates() else { return }
        source = nil
        for await _ in stream {}
    }
}
