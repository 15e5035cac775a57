import Glibc
import ManifestWatch
import Testing

@Suite struct ChangeTests {
    @Test func firstSnapshotComesAtOnceAndIsSorted() async throws {
        try await withSource(prepare: {
            try $0.write("b.yaml", "b")
            try $0.write("a/z.yml", "z")
            try $0.write("a.yaml", "a")
            for ignored in [
                ".hidden.yaml", ".a.yaml.swp", "a.yaml~", "a.yaml.bak", "#a.yaml#", "note.txt", ".git/x.yaml",
            ] {
                try $0.write(ignored, "no")
            }
        }) { _, _, recorder in
            guard case .snapshot(let files) = try await recorder.wait(until: { $0.texts != nil }) else { return }
            #expect(files.map(\.path) == ["a.yaml", "a/z.yml", "b.yaml"])
            #expect(
                files.map(\.contents) == [.bytes(Array("a".utf8)), .bytes(Array("z".utf8)), .bytes(Array("b".utf8))])
        }
    }

    @Test func additionChangeAndDeletionAreSeen() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "1") }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            try directory.write("new/deep/b.yaml", "b")
            try await recorder.wait(files: ["a.yaml": "1", "new/deep/b.yaml": "b"])
            try directory.write("new/deep/b.yaml", "c")
            try await recorder.wait(files: ["a.yaml": "1", "new/deep/b.yaml": "c"])
            try directory.remove("new")
            try await recorder.wait(files: ["a.yaml": "1"])
        }
    }

    @Test func whatChangesNothingIsNotTold() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "1") }) { directory, source, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            try directory.write("a.yaml", "1")
            try directory.write("note.txt", "x")
            try directory.write(".a.yaml.swp", "x")
            for _ in 0..<5 { await source.rescan() }
            try directory.write("end.yaml", "")
            try await recorder.wait(files: ["a.yaml": "1", "end.yaml": ""])
            #expect(await recorder.updates.count == 2)
        }
    }

    /// Between the two halves of "remove, then create" there is a directory without the file; nobody may see it.
    @Test func replacedFileIsNeverReportedMissing() async throws {
        try await withSource(quietPeriod: .milliseconds(500), prepare: { try $0.write("a.yaml", "0") }) {
            directory, source, recorder in
            try await recorder.wait(files: ["a.yaml": "0"])
            for round in 1...3 {
                try directory.remove("a.yaml")
                // A scan falls into the gap, and the gap ends before the second one.
                async let scanned: Void = source.rescan()
                try await Task.sleep(for: .milliseconds(50))
                try directory.write("a.yaml", "\(round)")
                try await recorder.wait(files: ["a.yaml": "\(round)"])
                await scanned
            }
            #expect(await recorder.updates.allSatisfy { $0.texts?.keys.sorted() == ["a.yaml"] })
        }
    }

    @Test func renamedFileIsOneSnapshotWithoutTheOldName() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "1") }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "1"])
            try directory.rename("a.yaml", "b.yaml")
            try await recorder.wait(files: ["b.yaml": "1"])
            #expect(await recorder.updates.count == 2)
        }
    }

    /// A writer that pauses between its pieces holds the file open: half a file must not go out.
    @Test func slowWriterIsWaitedFor() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", "old") }) { directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "old"])
            let descriptor = open(directory.root + "/a.yaml", O_WRONLY | O_TRUNC | O_CLOEXEC)
            for piece in ["one ", "two ", "three"] {
                _ = write(descriptor, piece, piece.utf8.count)
                try await Task.sleep(for: .milliseconds(40))
            }
            close(descriptor)
            try await recorder.wait(files: ["a.yaml": "one two three"])
            #expect(await recorder.updates.count == 2)
        }
    }

    @Test func emptiedFileIsBelievedOnlyWhenItStaysEmpty() async throws {
        try await withSource(quietPeriod: .milliseconds(5), prepare: { try $0.write("a.yaml", "old") }) {
            directory, _, recorder in
            try await recorder.wait(files: ["a.yaml": "old"])
            truncate(directory.root + "/a.yaml", 0)
            try await recorder.wait(files: ["a.yaml": ""])
        }
    }

    @Test func aFileWrittenWithoutPauseHoldsUpNobody() async throws {
        try await withSource(prepare: { try $0.write("log.yaml", "0") }) { directory, _, recorder in
            try await recorder.wait(files: ["log.yaml": "0"])
            let writer = Task.detached {
                var round = 0
                while !Task.isCancelled {
                    round += 1
                    try directory.write("log.yaml", "\(round)")
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { writer.cancel() }
            try directory.write("b.yaml", "b")
            try await recorder.wait { $0.texts?["b.yaml"] == "b" }
        }
    }

    @Test func unchangedFilesAreSharedBetweenSnapshots() async throws {
        try await withSource(prepare: { try $0.write("a.yaml", String(repeating: "a", count: 1 << 16)) }) {
            directory, _, recorder in
            let first = try await recorder.wait { $0.texts != nil }
            try directory.write("b.yaml", "b")
            let second = try await recorder.wait { $0.texts?.count == 2 }
            #expect(address(first) == address(second) && address(first) != nil)
        }
    }

    private func address(_ update: SourceUpdate) -> UnsafeRawPointer? {
        guard case .snapshot(let files) = update, case .bytes(let bytes)? = files.first?.contents else { return nil }
        return bytes.withUnsafeBytes { $0.baseAddress }
    }
}
