/// The name of a lane, as events, metrics and `wgctl status` show it. Each backend declares its own beside its code.
public struct LaneName: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    public static func < (a: LaneName, b: LaneName) -> Bool { a.rawValue < b.rawValue }
}
