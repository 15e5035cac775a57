import Foundation
import Manifest
import Resources
import Synchronization
import Testing

@testable import Daemon

/// Fault 14: a manifest that crashes or hangs the parser is set aside, and the others converge.
@Suite struct QuarantineTests {
    private func file(_ path: String, _ text: String) -> ManifestFile {
        ManifestFile(path: path, contents: .bytes(Array(text.utf8)))
    }

    private func fingerprint(_ file: ManifestFile) throws -> FileFingerprint { try #require(FileFingerprint(file)) }

    private func withJournal(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "parsing-\(UUID().uuidString)"
        defer { unlink(path) }
        try body(path)
    }

    private func journal(_ path: String) -> ParseJournal {
        ParseJournal(path: path, limit: .seconds(3600)) { _ in }
    }

    @Test func theJournalTellsWhatWasBeingParsed() throws {
        try withJournal { path in
            let long = file("a-file-with-a-long-name.yaml", "a: 1"), short = file("b.yaml", "b: 1")
            var running: ParseJournal? = journal(path)
            #expect(running?.interrupted == nil)
            running?.note(long)
            running?.note(short)
            // The process dies here; the kernel has what it wrote.
            running = nil
            let next = journal(path)
            let print = try fingerprint(short)
            #expect(next.interrupted == print)
            next.note(long)
            next.note(nil)
            #expect(journal(path).interrupted == nil)
        }
    }

    @Test func aNameCannotFakeALineOfTheJournal() throws {
        try withJournal { path in
            journal(path).note(file("a\nb.yaml", "x"))
            #expect(journal(path).interrupted?.path == "a\\u{a}b.yaml")
        }
    }

    @Test func theAcceptorTellsTheJournalWhatItParses() throws {
        var acceptor = try Acceptor()
        let told = Mutex<[String]>([])
        acceptor.willParse = { file in told.withLock { $0.append(file?.path ?? "done") } }
        _ = acceptor.accept([file("b.yaml", "b: 1"), file("a.yaml", "a: 1")], lastGood: [])
        _ = acceptor.accept([file("b.yaml", "b: 2"), file("a.yaml", "a: 1")], lastGood: [])
        #expect(told.withLock { $0 } == ["a.yaml", "b.yaml", "done", "b.yaml", "done"])
    }

    @Test func aFileThatTakesTooLongIsTold() async throws {
        let path = NSTemporaryDirectory() + "parsing-\(UUID().uuidString)"
        defer { unlink(path) }
        let (hung, told) = AsyncStream<String>.makeStream()
        let journal = ParseJournal(path: path, limit: .milliseconds(10)) { told.yield($0) }
        journal.note(file("slow.yaml", "x"))
        let deadline = Task {
            try await Task.sleep(for: .seconds(20))
            told.finish()
        }
        defer { deadline.cancel() }
        #expect(await hung.first { _ in true } == "slow.yaml")
        journal.note(nil)
    }

    @Test func theSecondDeathSetsAFileAsideUntilItsContentsChange() throws {
        let bad = file("bad.yaml", "x: 1"), good = file("good.yaml", "y: 1")
        var quarantine = Quarantine()
        let print = try fingerprint(bad)
        let first = quarantine.note(death: print)
        #expect(!first)
        let all = quarantine.apply(to: [bad, good])
        #expect(all == [bad, good], "the first may be somebody's kill")
        // It died again over it: `acquit` was not reached.
        let second = quarantine.note(death: print)
        #expect(second)
        let safe = quarantine.apply(to: [bad, good])
        #expect(safe == [ManifestFile(path: "bad.yaml", contents: .quarantined), good])
        quarantine.acquit()
        let again = quarantine.apply(to: [bad, good])
        #expect(again == safe, "it stays")
        // Renamed, it is the same file; changed, it is another.
        let renamed = file("renamed.yaml", "x: 1")
        let elsewhere = quarantine.apply(to: [renamed])
        #expect(elsewhere.first?.contents == .quarantined)
        let changed = quarantine.apply(to: [file("bad.yaml", "x: 2")])
        #expect(changed == [file("bad.yaml", "x: 2")])
        #expect(quarantine.isEmpty)
    }

    @Test func oneDeathIsForgottenOnceTheFileWasParsed() throws {
        let once = file("once.yaml", "x: 1")
        var quarantine = Quarantine()
        let first = try quarantine.note(death: fingerprint(once))
        #expect(!first)
        _ = quarantine.apply(to: [once])
        quarantine.acquit()
        #expect(quarantine.isEmpty)
        let later = try quarantine.note(death: fingerprint(once))
        #expect(!later)
    }

    @Test func anotherVersionTriesAgain() throws {
        let bad = file("bad.yaml", "x: 1")
        var quarantine = Quarantine()
        _ = try quarantine.note(death: fingerprint(bad), version: "1.0")
        let second = try quarantine.note(death: fingerprint(bad), version: "1.0")
        let upgraded = try quarantine.note(death: fingerprint(bad), version: "1.1")
        #expect(second && !upgraded)
    }

    @Test func aFileSetAsideKeepsWhatItHeldAndSaysWhy() throws {
        let overlay = """
            apiVersion: wgctl.dev/v1alpha1
            kind: Overlay
            metadata: {name: net}
            spec: {subnets: [10.0.0.0/24]}
            """
        var acceptor = try Acceptor()
        let first = acceptor.accept([file("net.yaml", overlay)], lastGood: [])
        let second = acceptor.accept(
            [ManifestFile(path: "net.yaml", contents: .quarantined)], lastGood: first.lastGood)
        #expect(second.live == first.live)
        #expect(second.fileErrors.first?.message.contains("net.yaml:1:1: wgd died twice") == true)
    }
}
