import Foundation
import GRDB
import Glibc
import HostState
import Records
import Resources
import TestSupport
import Testing

/// The database as a file: modes, versions, damage, readers without a writer.
struct StateFileTests {
    @Test func directoryAndFilesAreRootsAlone() async throws {
        let fixture = Fixture()
        let records = try fixture.open()
        try await records.heartbeat()
        #expect(try fixture.mode(fixture.directory + "/lib") == 0o700)
        for suffix in ["", "-wal", "-shm"] { #expect(try fixture.mode(fixture.path + suffix) == 0o600) }
    }

    @Test func aWiderFileIsNarrowed() throws {
        let fixture = Fixture()
        _ = try fixture.open()
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: fixture.path)
        _ = try fixture.open()
        #expect(try fixture.mode(fixture.path) == 0o600)
    }

    @Test func aSymbolicLinkIsNotFollowed() throws {
        let fixture = Fixture()
        let target = fixture.directory + "/target"
        try FileManager.default.createDirectory(atPath: fixture.directory + "/lib", withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: target))
        try FileManager.default.createSymbolicLink(atPath: fixture.path, withDestinationPath: target)
        let reason = "is a symbolic link, not a plain file; move it away"
        #expect(throws: RecordsError.refused(path: fixture.path, reason: reason)) { try fixture.open() }
    }

    /// Opening a FIFO waits for its other end, and reading one for bytes that never come.
    @Test(.timeLimit(.minutes(1)), arguments: ["", "-wal", "-shm"])
    func whatIsNoFileIsRefusedAtOnce(_ suffix: String) throws {
        let fixture = Fixture()
        try FileManager.default.createDirectory(atPath: fixture.directory + "/lib", withIntermediateDirectories: true)
        if !suffix.isEmpty { _ = try fixture.open() }
        let path = fixture.path + suffix
        unlink(path)
        try #require(mkfifo(path, 0o600) == 0)
        let refusal = RecordsError.refused(path: path, reason: "is a FIFO, not a plain file; move it away")
        #expect(throws: refusal) { try fixture.open() }
        #expect(throws: refusal) { try Records.readOnly(path: fixture.path) }
        // The stand-in does not look into it either.
        #expect(try Records.inMemory(copying: fixture.path).isPersistent == false)
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO, "it is left alone")
    }

    @Test func aDatabaseOfAnotherUserIsRefusedAndNotBelieved() async throws {
        let fixture = Fixture()
        do {
            let records = try fixture.open()
            var inventory = Inventory()
            inventory.links = ["theirs"]
            try await records.save(inventory)
        }
        try #require(chown(fixture.path, 12_345, 12_345) == 0, "these tests run as root")
        let error = #expect(throws: RecordsError.self) { try fixture.open() }
        #expect("\(String(describing: error))".contains("belongs to user 12345"), "\(String(describing: error))")
        #expect(try await Records.inMemory(copying: fixture.path).inventory().links.isEmpty)
    }

    /// A full disk loses what could not be kept, says so, and nothing that was there.
    @Test func aFullDiskIsToldAndSurvived() async throws {
        let fixture = Fixture()
        let directory = fixture.directory + "/lib"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try #require(mount("tmpfs", directory, "tmpfs", 0, "size=512k") == 0, "these tests run as root")
        defer { umount2(directory, Int32(MNT_DETACH)) }
        let records = try fixture.open()
        try await records.save(report: "small")
        do {
            try await records.save(report: String(repeating: "x", count: 1 << 20))
            Issue.record("a megabyte fits in 512 KiB")
        } catch {
            #expect("\(error)".contains("free space on its file system"))
        }
        #expect(try await records.report() == "small")
        try await records.save(report: "smaller")
        #expect(try await fixture.open().report() == "smaller")
    }

    @Test func aNewerDatabaseIsRefusedUntouched() throws {
        let fixture = Fixture()
        try FileManager.default.createDirectory(
            atPath: fixture.directory + "/lib", withIntermediateDirectories: true)
        do {
            let queue = try DatabaseQueue(path: fixture.path)
            try queue.write { try $0.execute(sql: "CREATE TABLE future (x); PRAGMA user_version = 99") }
            try queue.close()
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: fixture.path))
        let expected = RecordsError.newerVersion(path: fixture.path, found: 99, supported: Records.version)
        #expect(throws: expected) { try fixture.open() }
        #expect(throws: expected) { try Records.readOnly(path: fixture.path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: fixture.path)) == before)
        #expect("\(expected)".contains("99") && "\(expected)".contains("\(Records.version)"))
    }

    @Test(arguments: ["header", "page"])
    func aCorruptDatabaseIsSetAsideAndRebuilt(_ where: String) async throws {
        let fixture = Fixture()
        for attempt in 1...2 {
            try await fill(fixture)
            try await untilClosed(fixture.path)
            try damage(fixture.path, at: `where` == "header" ? 0 : 4096 * 3)
            let records = try fixture.open()
            #expect(records.recovered == "\(fixture.path).corrupt-\(attempt)")
            #expect(FileManager.default.fileExists(atPath: "\(fixture.path).corrupt-\(attempt)"))
            #expect(try await records.lastGood().isEmpty)
        }
    }

    @Test func aReaderNeedsNoWriter() async throws {
        let fixture = Fixture()
        #expect(throws: RecordsError.missing(path: fixture.path)) { try Records.readOnly(path: fixture.path) }
        try await fill(fixture)
        let reader = try Records.readOnly(path: fixture.path)
        #expect(try await reader.lastGood().count == 200)
        await #expect(throws: RecordsError.self) { try await reader.heartbeat() }
    }

    @Test func aReaderSeesWhatALiveWriterWrites() async throws {
        let fixture = Fixture()
        let writer = try fixture.open()
        let reader = try Records.readOnly(path: fixture.path)
        try await writer.heartbeat(at: at(7))
        #expect(try await reader.lastHeartbeat() == at(7))
    }

    /// What a `kill -9` leaves: a database, its journal with commits, and no process.
    @Test func aReaderSeesTheJournalOfAKilledWriter() async throws {
        let fixture = Fixture()
        let killed = Fixture()
        let writer = try fixture.open()
        try await writer.heartbeat(at: at(7))
        try FileManager.default.createDirectory(atPath: killed.directory + "/lib", withIntermediateDirectories: true)
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: fixture.path + suffix, toPath: killed.path + suffix)
        }
        #expect(fixture.size(killed.path + "-wal") > 0)
        #expect(try await Records.readOnly(path: killed.path).lastHeartbeat() == at(7))
        #expect(try await killed.open().lastHeartbeat() == at(7))
    }

    /// Fault 48: whatever a kill leaves of a migration's journal, it counts whole or not at all, and is done again.
    @Test func aMigrationCutAnywhereIsDoneAgain() async throws {
        let fixture = Fixture()
        let whole = try fixture.open()
        let journal = try Data(contentsOf: URL(fileURLWithPath: fixture.path + "-wal"))
        try #require(journal.count > 4096)
        // A header of 32 bytes, then frames of 24 bytes and a page (sqlite.org/fileformat2.html, section 4.1).
        for cut in stride(from: 0, through: journal.count, by: 24 + 4096 / 2) {
            let killed = Fixture()
            try FileManager.default.createDirectory(
                atPath: killed.directory + "/lib", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: fixture.path, toPath: killed.path)
            try journal.prefix(cut).write(to: URL(fileURLWithPath: killed.path + "-wal"))
            let records = try killed.open()
            #expect(records.recovered == nil, "cut at \(cut)")
            try await records.save(lastGood: [document("host-a")])
            #expect(try await killed.open().lastGood() == [document("host-a")], "cut at \(cut)")
        }
        withExtendedLifetime(whole) {}
    }

    /// A program that knew fewer fields of the inventory wrote it.
    @Test func anOlderInventoryIsReadable() async throws {
        let fixture = Fixture()
        _ = try fixture.open()
        do {
            let queue = try DatabaseQueue(path: fixture.path)
            try await queue.write {
                try $0.execute(sql: #"INSERT INTO document VALUES ('inventory', '{"links": ["wg0"]}')"#)
            }
            try queue.close()
        }
        var expected = Inventory()
        expected.links = ["wg0"]
        #expect(try await fixture.open().inventory() == expected)
    }

    private func fill(_ fixture: Fixture) async throws {
        let records = try fixture.open()
        let json = #"{"x":""# + String(repeating: "x", count: 500) + #""}"#
        try await records.save(lastGood: (0..<200).map { document("host-\($0)", json: json) })
    }

    /// Waits until the last connection is closed, which folds the journal in: after that nobody mends the damage.
    private func untilClosed(_ path: String) async throws {
        try await waitUntil("every connection is closed", seconds: 20) {
            !FileManager.default.fileExists(atPath: path + "-wal")
        }
    }

    private func damage(_ path: String, at offset: UInt64) throws {
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(repeating: 0x5a, count: 4096))
        try file.close()
    }
}
