/// What this daemon created or changed, so that `wgctl down` removes exactly that. Persisted by `Records`.
public struct Inventory: Hashable, Sendable, Codable {
    /// Sysctl keys that we set, with their earlier values.
    public var sysctlsBefore: [String: String] = [:]
    /// Names of links that we created.
    public var links: Set<String> = []
    /// Podman networks that we created, by name.
    public var networks: [String: OwnedObject] = [:]
    /// Containers that we created, by the name in the manifest.
    public var containers: [String: OwnedObject] = [:]
    /// Whether Podman has been compared with these records since they began. Until then objects with a seal of this
    /// host are ours: the records may have been lost.
    public var isAdopted = false
    /// The nftables table that we created.
    public var firewallTable: String?
    /// Bytes: the smallest path MTU to any endpoint when one was first found. Objects are sized by it.
    public var underlayMTU: UInt32?

    public init() {}

    /// Also reads the form of releases that knew Podman's objects only by name.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        sysctlsBefore = try fields.decode([String: String].self, forKey: .sysctlsBefore)
        links = try fields.decode(Set<String>.self, forKey: .links)
        networks = try Inventory.objects(fields, .networkObjects, names: .networks)
        containers = try Inventory.objects(fields, .containerObjects, names: .containers)
        isAdopted = try fields.decodeIfPresent(Bool.self, forKey: .isAdopted) ?? false
        firewallTable = try fields.decodeIfPresent(String.self, forKey: .firewallTable)
        underlayMTU = try fields.decodeIfPresent(UInt32.self, forKey: .underlayMTU)
    }

    /// Keeps the form of the first release readable, so that a downgrade is possible: names alone, and ids beside them.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(sysctlsBefore, forKey: .sysctlsBefore)
        try fields.encode(links, forKey: .links)
        try fields.encode(networks.keys.sorted(), forKey: .networks)
        try fields.encode(containers.keys.sorted(), forKey: .containers)
        try fields.encode(networks, forKey: .networkObjects)
        try fields.encode(containers, forKey: .containerObjects)
        try fields.encode(isAdopted, forKey: .isAdopted)
        try fields.encodeIfPresent(firewallTable, forKey: .firewallTable)
        try fields.encodeIfPresent(underlayMTU, forKey: .underlayMTU)
    }

    private enum CodingKeys: String, CodingKey {
        case sysctlsBefore, links, networks, containers, networkObjects, containerObjects, isAdopted, firewallTable
        case underlayMTU
    }

    private static func objects<Key: CodingKey>(
        _ fields: KeyedDecodingContainer<Key>, _ key: Key, names: Key
    ) throws -> [String: OwnedObject] {
        var objects = try fields.decodeIfPresent([String: OwnedObject].self, forKey: key) ?? [:]
        let names = try fields.decode([String].self, forKey: names)
        // A release that knew only names may have written them since.
        objects = objects.filter { names.contains($0.key) }
        for name in names where objects[name] == nil { objects[name] = OwnedObject() }
        return objects
    }
}

/// A container or network that we created.
public struct OwnedObject: Hashable, Sendable, Codable {
    /// Podman's id; nil until Podman has answered, and for what an older release recorded only by name.
    public var id: String?
    /// The nonce in its seal; nil if an older release created it.
    public var nonce: String?
    /// Seconds since the epoch when its removal began; nil when it is not being removed.
    public var removalBegan: Int64?
    /// How often wgd has started the container; nil if an older release created it and it was not started since.
    public var starts: Int?
    /// What a container was made with; nil for a network, and until it is known for what an older release created.
    public var spec: RecordedSpec?

    public init(id: String? = nil, nonce: String? = nil, removalBegan: Int64? = nil, spec: RecordedSpec? = nil) {
        self.id = id
        self.nonce = nonce
        self.removalBegan = removalBegan
        self.spec = spec
    }

    /// How often wgd has started the container again.
    public var restarts: Int { max((starts ?? 1) - 1, 0) }
}
