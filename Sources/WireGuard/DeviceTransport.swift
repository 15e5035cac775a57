public import HostState

/// One way to a WireGuard device: the kernel's generic netlink, or the UAPI socket of a userspace implementation.
///
/// Calls block until the answer or the deadline: they run on the backend's own executor.
public protocol DeviceTransport: Sendable {
    /// Reads the whole device.
    ///
    /// - Throws: `WireGuardError.noDevice` when it is not there.
    func device(_ interface: String) throws(WireGuardError) -> ObservedDevice

    /// Whether `PeerConfiguration.removedAllowedIPs` can be asked for.
    ///
    /// - Returns: nil while that cannot be told: ask again.
    func takesAllowedIPsAway() -> Bool?

    /// Applies `configuration` in its order. After a failure a part of it may be live: read back.
    func configure(_ configuration: DeviceConfiguration) throws(WireGuardError)
}
