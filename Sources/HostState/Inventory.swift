/// What this daemon created or altered, so that `wgctl down` takes away just that. Persisted by `Records`.
public struct Inventory: Hashable, Sendable, Codable {
    /// Sysctl keys we set, with the value found before.
    public var sysctlsBefore: [String: String] = [:]
    /// Names of links we made.
    public var links: Set<String> = []
    /// Names of Podman networks we made.
    public var networks: Set<String> = []
    /// Names of containers we made.
    public var containers: Set<String> = []
    /// The nftables table that we made.
    public var firewallTable: String?
    /// Bytes: the smallest MTU on the way to any endpoint when one was first found. What was made is sized by it.
    public var underlayMTU: UInt32?

    public init() {}
}
