internal import CLinux
internal import Foundation
internal import Glibc
internal import Synchronization

/// A host: a network namespace of its own, and a mount namespace in which `/run` is its own too.
///
/// All of `/run`, because whoever removes `/run/wireguard` outside detaches what is mounted there inside.
public final class TestHost: Sendable {
    public let name: String
    /// A scratch directory that goes with the host.
    public let directory: String

    private static let count = Atomic<Int>(0)

    public init() throws {
        name = "wgt-\(getpid())-\(TestHost.count.add(1, ordering: .relaxed).newValue)"
        directory = "\(NSTemporaryDirectory())/\(name)".replacingOccurrences(of: "//", with: "/")
        try FileManager.default.createDirectory(atPath: "\(directory)/wireguard", withIntermediateDirectories: true)
        _ = try shell("ip netns add \(name) && ip -n \(name) link set lo up")
    }

    /// Ends every process of the namespace, and takes away the namespace and the directory.
    public func remove() {
        _ = try? shell("ip netns pids \(name) | xargs -r kill -9; ip netns del \(name)")
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Runs `body` on a thread inside the host. Threads and processes that it makes are inside too.
    public func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            let thread = Thread { [self] in
                continuation.resume(
                    with: Result {
                        try enter()
                        return try body()
                    })
            }
            thread.start()
        }
    }

    /// Runs a command line inside the host; what it printed.
    @discardableResult
    public func run(_ command: String) async throws -> String { try await run { try shell(command) } }

    private func enter() throws {
        MachineNamespaces.leave()
        let namespace = open("\(MachineNamespaces.root)/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
        guard namespace >= 0 else { throw TestFailure("open /run/netns/\(name): errno \(errno)") }
        defer { close(namespace) }
        guard clinux_enter_network_namespace(namespace) == 0, clinux_new_mount_namespace() == 0,
            clinux_bind_mount(directory, "/run") == 0
        else { throw TestFailure("enter \(name): errno \(errno)") }
    }
}
