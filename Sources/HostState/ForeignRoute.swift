public import NetAddress

/// A prefix that this host reaches by something that is not ours: a route, or an address with its prefix.
public struct ForeignRoute: Hashable, Sendable, Comparable {
    public enum Source: String, Hashable, Sendable { case route, address }

    public var source: Source
    public var destination: CIDR
    /// nil for a route that leads to no interface, such as a blackhole.
    public var interface: String?

    public init(_ source: Source, _ destination: CIDR, interface: String?) {
        self.source = source
        self.destination = destination
        self.interface = interface
    }

    public static func < (a: ForeignRoute, b: ForeignRoute) -> Bool {
        (a.destination, a.interface ?? "", a.source.rawValue) < (b.destination, b.interface ?? "", b.source.rawValue)
    }
}

extension ForeignRoute: CustomStringConvertible {
    public var description: String { "\(source.rawValue) \(destination)" + (interface.map { " dev \($0)" } ?? "") }
}
