public import HostState

/// One way to a WireGuard device: the kernel's generic netlink, or the UAPI socket of a userspace implementation.
///
/// Calls block until the answer or the deadline: they run on the backend's own executor.
public protocol DeviceTransport: Sendable {
    /// Reads the whole device.
    ///
    /// - Throws: `WireGuardError.noDevice` when it does not exist.
    func device(_ interface: String) throws(WireGuardError) -> ObservedDevice

    /// Whether `PeerConfiguration.removedAllowedIPs` is supported.
    ///
    /// - Returns: nil while that is not known yet.
    func takesAllowedIPsAway() -> Bool?

    /// Applies `configuration` in its order. After a failure a part of it may be live: read back.
    func configure(_ configuration: DeviceConfiguration) throws(WireGuardError)
}
