import Glibc
import ManifestWatch
import TestSupport
import Testing

/// Many files that change as one.
@Suite struct RevisionTests {
    private static let names = (0..<60).map { "f\($0).yaml" }

    /// Fault 8: the layout of a ConfigMap volume, 10,000 flips.
    @Test func flippedLinksNeverMixRevisions() async throws {
        try await withSource(
            quietPeriod: .milliseconds(1),
            prepare: { directory in
                for revision in ["0", "1"] {
                    for name in Self.names { try directory.write("..rev\(revision)/\(name)", revision) }
                }
                try directory.link("..data", to: "..rev0")
                for name in Self.names { try directory.link(name, to: "..data/\(name)") }
            }
        ) { directory, _, recorder in
            try await recorder.wait { $0.texts?.count == Self.names.count }
            for flip in 1...10_000 {
                try directory.link("..data_tmp", to: "..rev\(flip % 2)")
                try directory.rename("..data_tmp", "..data")
                if flip % 37 == 0 { try await Task.sleep(for: .microseconds(1000 * (flip % 17))) }
                // Now and then one revision stands long enough to be seen, however busy the machine is.
                if flip % 501 == 0 { try await recorder.wait { Set(($0.texts ?? [:]).values) == ["\(flip % 2)"] } }
            }
            try directory.link("..data_tmp", to: "..rev1")
            try directory.rename("..data_tmp", "..data")
            try await recorder.wait { Set(($0.texts ?? [:]).values) == ["1"] }
            let updates = await recorder.updates
            #expect(updates.count > 10)
            for update in updates where update.unavailable == nil {
                #expect(update.texts?.count == Self.names.count)
                #expect(Set((update.texts ?? [:]).values).count == 1)
            }
        }
    }

    /// A file that a link leads to, in a directory that is not listed, written in place.
    @Test func linkTargetsAreWatched() async throws {
        try await withSource(prepare: {
            try $0.write(".store/deep/a.yaml", "1")
            try $0.link(".way", to: ".store/deep")
            try $0.link("a.yaml", to: ".way/a.yaml")
            try $0.write(".store/sub/b.yaml", "b")
            try $0.link("sub", to: ".store/sub")
        }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "1", "sub/b.yaml": "b"])
            try directory.write(".store/deep/a.yaml", "2")
            try await recorder.wait(files: ["a.yaml": "2", "sub/b.yaml": "b"])
            try directory.write(".store/sub/c.yaml", "c")
            try await recorder.wait(files: ["a.yaml": "2", "sub/b.yaml": "b", "sub/c.yaml": "c"])
        }
    }

    @Test func checkoutBurstIsOneOfTwoRevisions() async throws {
        try await withSource { directory, _, recorder in
            let git = "git -c user.name=t -c user.email=t@t -c init.defaultBranch=main"
            try directory.run(
                "sh", "-c",
                """
                \(git) init -q . && for r in 0 1; do for i in $(seq 300); do echo $r >f$i.yaml; done; \
                [ $r = 0 ] && touch only0.yaml || rm only0.yaml; \
                git add -A && \(git) commit -qm $r && git tag r$r || exit 1; done
                """)
            for revision in [0, 1, 0, 1] {
                try directory.run("git", "checkout", "-q", "r\(revision)")
                let update = try await recorder.wait {
                    $0.texts?["f300.yaml"] == "\(revision)\n"
                        && Set(($0.texts ?? [:]).values).subtracting([""]).count == 1
                }
                #expect(update.texts?.count == (revision == 0 ? 301 : 300))
            }
        }
    }

    /// One file that is replaced is complete: the quiet period here lasts longer than the test waits.
    @Test(arguments: ["a.yaml.new", ".a.yaml.tmp", "../outside"])
    func aFileRenamedIntoPlaceWaitsForNoQuietPeriod(temporary: String) async throws {
        try await withSource(
            quietPeriod: .seconds(3600),
            prepare: { directory in
                for path in ["a.yaml", "sub/b.yaml"] { try directory.write(path, "0") }
            }
        ) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "0", "sub/b.yaml": "0"])
            try directory.write(temporary, "1")
            try directory.rename(temporary, "sub/b.yaml")
            try await recorder.wait(files: ["a.yaml": "0", "sub/b.yaml": "1"])
        }
    }

    /// The files that are still to be renamed show that the first is not alone, however slow the loop is.
    @Test(arguments: ["", "."])
    func aBurstOfRenamesIsOneRevision(prefix: String) async throws {
        try await withSource(
            quietPeriod: .milliseconds(500),
            prepare: { directory in
                for name in Self.names { try directory.write(name, "0") }
            }
        ) { directory, _, recorder in
            try await recorder.wait { $0.texts?.count == Self.names.count }
            for name in Self.names { try directory.write("\(prefix)\(name).new", "1") }
            for name in Self.names {
                try directory.rename("\(prefix)\(name).new", name)
                if name == Self.names[0] { try await Task.sleep(for: .milliseconds(30)) }
            }
            try await recorder.wait { Set(($0.texts ?? [:]).values) == ["1"] }
            #expect(await recorder.updates.count == 2)
        }
    }

    /// What replaces nothing, or not by a rename, is not read early.
    @Test func aNewFileRenamedIntoPlaceIsRead() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "0") }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "0"])
            try directory.write("../outside", "1")
            try directory.rename("../outside", "b.yaml")
            try await recorder.wait(files: ["a.yaml": "0", "b.yaml": "1"])
            #expect(await recorder.updates.count == 2)
        }
    }

    /// `:w` with vim's backup-and-rename, with its write in place, and sed -i.
    @Test func editorsSaves() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "0\n") }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "0\n"])
            let saves = [
                [
                    "vim", "-Nu", "NONE", "-es", "-c", "set backup backupcopy=no", "-c", "%s/.*/1/", "-c", "wq",
                    "a.yaml",
                ],
                [
                    "vim", "-Nu", "NONE", "-es", "-c", "set nobackup backupcopy=yes", "-c", "%s/.*/2/", "-c", "wq",
                    "a.yaml",
                ],
                ["sed", "-i", "s/.*/3/", "a.yaml"],
            ]
            for (index, save) in saves.enumerated() {
                try directory.run(save)
                try await recorder.wait(files: ["a.yaml": "\(index + 1)\n"])
            }
            #expect(await recorder.updates.allSatisfy { $0.texts?.keys.sorted() == ["a.yaml"] })
        }
    }
}
