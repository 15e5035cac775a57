import Descriptors
import Foundation
import Glibc
import Testing

@testable import Daemon

/// What wgd finds in the place of its own files: said at once, with what it is.
@Suite struct StateFilesTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("wgd-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    @Test func aStateDirectoryOfAnotherUserIsRefused() throws {
        try withDirectory { directory in
            try #require(chown(directory, 12_345, 0) == 0, "these tests run as root")
            let error = #expect(throws: StateDirectory.StateDirectoryError.self) {
                try StateDirectory.prepare(directory)
            }
            let text = error.map { "\($0)" } ?? ""
            #expect(text.hasPrefix("the state directory \(directory) belongs to user 12345"), "\(text)")
            #expect(text.hasSuffix("--state-dir"))
            var status = stat()
            #expect(stat(directory, &status) == 0 && status.st_uid == 12_345, "nothing is changed")
            try #require(chown(directory, 0, 0) == 0)
            try StateDirectory.prepare(directory)
        }
    }

    @Test func aFileInPlaceOfTheStateDirectoryIsNamed() throws {
        try withDirectory { directory in
            let path = directory + "/state"
            try Data("kept".utf8).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: StateDirectory.StateDirectoryError.self) { try StateDirectory.prepare(path) }
            #expect("\(String(describing: error))".contains("is a plain file; move it away"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
        }
    }

    /// The lock, the parse journal and the file of peer keys; the database has its own in `StateFileTests`.
    @Test(.timeLimit(.minutes(1))) func aFIFOInAFilesPlaceIsNamedWithoutWaiting() throws {
        try withDirectory { directory in
            let path = directory + "/file"
            try #require(mkfifo(path, 0o600) == 0)
            let reason = "is a FIFO, not a plain file; move it away"
            let lock = #expect(throws: InstanceLock.LockError.self) { _ = try InstanceLock(path: path) }
            #expect("\(String(describing: lock))".contains("\(path), which \(reason)"))
            // Another daemon's lock may be behind it: none beside the socket stands in for it.
            var options = DaemonOptions(node: "host-a")
            options.stateDirectory = directory
            options.controlSocket = directory + "/sock"
            try #require(rename(path, options.lockPath) == 0)
            #expect(throws: InstanceLock.LockError.self) { _ = try InstanceLock.acquire(options) }
            try #require(rename(options.lockPath, path) == 0)

            let journal = ParseJournal(path: path, limit: .seconds(1)) { _ in }
            #expect(journal.fault == "\(path) \(reason)" && journal.interrupted == nil)
            let keys = #expect(throws: PlainFileError.self) { try PeerKeysFile.read(path) }
            #expect(keys?.reason == reason)
        }
    }

    @Test(arguments: [("a directory", S_IFDIR), ("a socket", S_IFSOCK), ("a symbolic link", S_IFLNK)])
    func whatCannotBeOpenedAsAFileIsNamedToo(_ kind: String, _ mode: mode_t) throws {
        try withDirectory { directory in
            let path = directory + "/file"
            switch mode {
            case S_IFDIR: try #require(mkdir(path, 0o700) == 0)
            case S_IFLNK: try #require(symlink("/etc/hostname", path) == 0)
            default: try #require(mknod(path, mode | 0o600, 0) == 0)
            }
            let error = #expect(throws: PlainFileError.self) {
                _ = try Descriptor(openingFile: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            }
            #expect(error?.reason == "is \(kind), not a plain file; move it away", "\(String(describing: error))")
        }
    }
}
