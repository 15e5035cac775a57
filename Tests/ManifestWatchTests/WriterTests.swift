import Foundation
import Glibc
import ManifestWatch
import Testing

/// Who could write the manifests besides root and their owner, and what follows.
@Suite struct WriterTests {
    /// A directory with one file, which is removed at the end.
    private func withDirectory(_ body: (TemporaryDirectory) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write("deep/a.yaml", "a")
        for path in [directory.parent, directory.root, directory.root + "/deep"] { chmod(path, 0o755) }
        try body(directory)
    }

    private func fault(_ path: String) throws -> String? { try ManifestScan.asDaemon(below: path).fault }

    @Test func aDirectoryAboveItItselfOrBelowThatOthersCanWriteIsAFault() throws {
        try withDirectory { (directory) throws in
            #expect(try fault(directory.root) == nil)
            for path in [directory.parent, directory.root, directory.root + "/deep"] {
                chmod(path, 0o757)
                #expect(try fault(directory.root)?.hasPrefix("\(path) is writable by everybody") == true, "\(path)")
                chmod(path, 0o775)
                #expect(try fault(directory.root) == nil, "root's own group")
                chown(path, 0, 12345)
                chmod(path, 0o775)
                #expect(try fault(directory.root)?.hasPrefix("\(path) is writable by group 12345") == true, "\(path)")
                chown(path, 0, 0)
                chmod(path, 0o755)
            }
            chown(directory.parent, 65534, 0)
            #expect(try fault(directory.root)?.hasPrefix("\(directory.parent) belongs to user 65534") == true)
            chown(directory.parent, 0, 0)
            chown(directory.root + "/deep", 65534, 0)
            #expect(try fault(directory.root)?.hasPrefix("\(directory.root)/deep belongs to user 65534") == true)
        }
    }

    /// As sshd and sudo have it: in a sticky directory of root's nobody else can replace what is root's.
    @Test func aStickyDirectoryIsGoodEnoughAboveAndNotForItself() throws {
        try withDirectory { (directory) throws in
            chmod(directory.parent, 0o1777)
            #expect(try fault(directory.root) == nil)
            // Whoever comes first would make it.
            chown(directory.root, 65534, 0)
            #expect(try fault(directory.root)?.contains("where everybody can make it") == true)
            chown(directory.root, 0, 0)
            symlink(directory.root, directory.parent + "/link")
            #expect(try fault(directory.parent + "/link") == nil)
            lchown(directory.parent + "/link", 65534, 0)
            #expect(try fault(directory.parent + "/link")?.contains("where everybody can make it") == true)
            chmod(directory.parent, 0o755)
            chmod(directory.root, 0o1777)
            #expect(try fault(directory.root)?.contains("is writable by everybody") == true)
        }
    }

    /// A user of its own may pull them; a third one's file is nobody's word.
    @Test func aFileOfNeitherRootNorTheDirectorysOwnerIsRefused() throws {
        try withDirectory { (directory) throws in
            try directory.write("b.yaml", "b")
            try directory.write("c.yaml", "c")
            chown(directory.root, 1000, 1000)
            chown(directory.root + "/b.yaml", 1000, 1000)
            chown(directory.root + "/c.yaml", 65534, 65534)
            let (files, fault) = try ManifestScan.asDaemon(below: directory.root)
            #expect(fault == nil)
            #expect(files.map(\.path) == ["b.yaml", "c.yaml", "deep/a.yaml"])
            #expect(files[0].contents == .bytes(Array("b".utf8)) && files[2].contents == .bytes(Array("a".utf8)))
            #expect(
                files[1].contents
                    == .unreadable(
                        reason:
                            "belongs to user 65534, who could then rule this host; chown it to root, or to user 1000, "
                            + "whose directory it is in"))
            // A checkout on an author's machine is judged by its contents alone.
            #expect(try ManifestScan.files(below: directory.root).allSatisfy { $0.contents != files[1].contents })
        }
    }

    private func withSource(
        _ trust: WriterTrust, mode: mode_t, _ body: (TemporaryDirectory, ManifestSource, Recorder) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try directory.write("a.yaml", "1")
        chmod(directory.root, mode)
        let source = ManifestSource(directory: directory.root, trust: trust)
        let recorder = Recorder()
        await recorder.follow(source)
        try await body(directory, source, recorder)
    }

    @Test func nothingIsReadWhereOthersCanWriteUntilTheyNoLongerCan() async throws {
        try await withSource(.strict, mode: 0o777) { directory, source, recorder in
            try await recorder.wait { $0.unavailable?.hasSuffix("chmod o-w it. Nothing changes until then") == true }
            chmod(directory.root, 0o755)
            try await recorder.wait(files: ["a.yaml": "1"])
            #expect(source.security == SourceSecurity(wasSecure: true))
            chmod(directory.root, 0o777)
            await source.rescan()
            try await recorder.wait { $0.unavailable != nil }
        }
    }

    /// What an earlier release accepted is a warning, until it was in order once.
    @Test func anUpgradedHostReadsOnUntilTheDirectoryWasInOrder() async throws {
        try await withSource(.strictOnceSecure, mode: 0o777) { directory, source, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            #expect(source.security.fault?.contains("writable by everybody") == true && !source.security.wasSecure)
            chmod(directory.root, 0o755)
            await source.rescan()
            #expect(source.security == SourceSecurity(wasSecure: true))
            chmod(directory.root, 0o777)
            await source.rescan()
            try await recorder.wait { $0.unavailable != nil }
        }
    }

    @Test func aLabOnlyWarns() async throws {
        try await withSource(.warning, mode: 0o777) { directory, source, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            #expect(source.security.fault?.contains("writable by everybody") == true)
            try directory.write("a.yaml", "2")
            try await recorder.wait(files: ["a.yaml": "2"])
        }
    }
}
