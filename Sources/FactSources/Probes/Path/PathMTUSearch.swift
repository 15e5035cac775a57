/// Finds the longest packet that a path carries, size by size. Pure: the caller sends `next` and calls `note`.
///
/// Tries the promised size first, because it usually passes; then the least, then the middle of what is left.
public struct PathMTUSearch: Hashable, Sendable {
    /// What every IPv6 path carries (RFC 8200, section 5), and the least MTU of our tunnels. Bytes.
    public static let leastMTU = 1280

    /// The longest size that passed; nil while none has.
    public private(set) var carried: Int?
    /// The shortest size that did not.
    private var tooLong: Int
    private let least: Int
    private var hasAsked = false

    /// - Parameter promised: the kernel's path MTU, in bytes.
    public init(promised: Int) {
        tooLong = promised + 1
        least = min(PathMTUSearch.leastMTU, promised)
    }

    /// The size to try, in bytes; nil when the answer is `carried`.
    public var next: Int? {
        guard let carried else {
            guard tooLong > least else { return nil }
            return hasAsked ? least : tooLong - 1
        }
        return tooLong - carried > 1 ? carried + (tooLong - carried) / 2 : nil
    }

    /// - Parameter passes: whether a packet of `size` bytes came through.
    public mutating func note(_ size: Int, passes: Bool) {
        hasAsked = true
        if passes { carried = max(carried ?? 0, size) } else { tooLong = min(tooLong, size) }
    }
}
