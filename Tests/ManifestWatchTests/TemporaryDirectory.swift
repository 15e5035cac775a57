import Foundation
import Glibc
import Synchronization

/// A directory of the test's own, with another one in it that is watched.
final class TemporaryDirectory: Sendable {
    private static let counter = Atomic<Int>(0)
    let parent: String
    var root: String { parent + "/manifests" }

    init() throws {
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        parent = FileManager.default.temporaryDirectory.appending(path: "manifest-watch-\(getpid())-\(number)").path()
        try FileManager.default.createDirectory(atPath: parent + "/manifests", withIntermediateDirectories: true)
    }

    /// One that another process made and removes.
    init(existing parent: String) { self.parent = parent }

    func remove() { try? FileManager.default.removeItem(atPath: parent) }

    /// Writes in place: open with O_TRUNC, write, close.
    func write(_ path: String, _ text: String, mode: mode_t = 0o644) throws {
        try makeDirectory((path as NSString).deletingLastPathComponent)
        let descriptor = open(root + "/" + path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw POSIXError(.EIO) }
        defer { close(descriptor) }
        _ = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
        fchmod(descriptor, mode)
    }

    func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
    }

    func link(_ path: String, to target: String) throws {
        guard symlink(target, root + "/" + path) == 0 else { throw POSIXError(.EIO) }
    }

    func rename(_ from: String, _ to: String) throws {
        guard Glibc.rename(root + "/" + from, root + "/" + to) == 0 else { throw POSIXError(.EIO) }
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

    /// Runs a program to its end.
    func run(_ arguments: String...) throws { try run(arguments) }

    func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: root)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw POSIXError(.ECHILD) }
    }
}
