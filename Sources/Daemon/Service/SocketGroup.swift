internal import Glibc

/// The group whose members may read over the control socket.
public enum SocketGroup {
    /// Used where none is named and the host has such a group.
    static let usual = "wgctl"

    /// - Parameter name: nil for the usual one.
    /// - Returns: nil when there is no such group: then the socket is root's alone.
    public static func id(_ name: String?) -> UInt32? {
        var (entry, found) = (group(), UnsafeMutablePointer<group>?.none)
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        guard getgrnam_r(name ?? usual, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
