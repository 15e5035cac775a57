public import Logging
public import NetAddress
internal import WireGuard

/// What wgctl does itself, as root, when no daemon answers.
public enum WithoutDaemon {
    /// This host's public key; nil when it has none.
    ///
    /// - Throws: `WireGuardError` when the key file is there and cannot be trusted or read.
    public static func publicKey(stateDirectory: String) throws -> PublicKey? {
        try KeyStore(directory: DaemonOptions(node: "", stateDirectory: stateDirectory).keyDirectory).load()?.publicKey
    }

    /// Takes away everything that the inventory and the marks say is ours, as the daemon would.
    ///
    /// - Returns: a line for each change.
    /// - Throws: `InstanceLock.LockError` when a daemon runs after all.
    public static func down(_ options: DaemonOptions, logger: Logger) async throws -> [String] {
        try StateDirectory.prepare(options.stateDirectory)
        let lock = try InstanceLock(path: options.lockPath)
        let lines = await Teardown(parts: try await DaemonParts(options: options, logger: logger)).run()
        withExtendedLifetime(lock) {}
        return lines
    }
}
