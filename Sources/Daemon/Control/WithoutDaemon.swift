internal import HostState
public import Logging
public import NetAddress
internal import Reconciler
internal import WireGuard

/// What wgctl does itself, as root, when no daemon answers.
public enum WithoutDaemon {
    /// This host's public key; nil when it has none.
    ///
    /// - Throws: `WireGuardError` when the key file exists but cannot be trusted or read.
    public static func publicKey(stateDirectory: String) throws -> PublicKey? {
        try KeyStore(directory: DaemonOptions(node: "", stateDirectory: stateDirectory).keyDirectory).load()?.publicKey
    }

    /// What a teardown did.
    public struct TeardownOutcome: Sendable {
        /// A line for each change.
        public var changes: [String]
        /// Why something could not be observed or removed.
        public var failures: [String]
    }

    /// Removes everything that the inventory and the marks identify as ours, as the daemon would.
    ///
    /// - Parameter onWaiting: called every few seconds with the containers that have not ended yet: by name, their
    ///   termination grace period in seconds.
    /// - Throws: `InstanceLock.LockError` when a daemon runs after all.
    public static func down(
        _ options: DaemonOptions, logger: Logger, onWaiting: @escaping @Sendable ([String: Int]) -> Void = { _ in }
    ) async throws -> TeardownOutcome {
        try StateDirectory.prepare(options.stateDirectory)
        let lock = try InstanceLock(path: options.lockPath)
        let parts = try await DaemonParts(options: options, logger: logger)
        let changes = await Teardown(parts: parts) { removals in
            onWaiting(Dictionary(removals.map { ($0.name, $0.timeout) }) { first, _ in first })
        }.run()
        let failures = parts.board.facts.outstanding.sorted { $0.key < $1.key }.flatMap { lane, outstanding in
            (outstanding.error.map { ["\(lane): \($0)"] } ?? []) + outstanding.failures.map(\.reason)
        }
        withExtendedLifetime(lock) {}
        return TeardownOutcome(changes: changes, failures: failures)
    }
}
