/// What `get` and `describe` can show, with the names that they go by.
public enum ListedKind: String, CaseIterable, Sendable, Codable {
    case nodes, overlays, gateways, containers, peers, routes, events

    public var singular: String { String(rawValue.dropLast()) }

    /// As `kind` of an object: `Node`.
    public var title: String { singular.prefix(1).uppercased() + singular.dropFirst() }

    /// `wgnode` and its like are the CRDs' `shortNames`; `po` and `pods` for those whose fingers say so.
    public var shortNames: [String] {
        switch self {
        case .nodes: ["no", "wgnode"]
        case .overlays: ["ov", "wgoverlay"]
        case .gateways: ["gw", "wggw"]
        case .containers: ["co", "po", "pod", "pods"]
        case .peers: ["pe"]
        case .routes: ["ro"]
        case .events: ["ev"]
        }
    }

    public init?(name: String) {
        let name = name.lowercased()
        guard let kind = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
        self = kind
    }

    public var names: [String] { [rawValue, singular] + shortNames }
}
