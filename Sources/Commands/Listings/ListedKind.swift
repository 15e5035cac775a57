/// What `get` and `describe` can show, with the names that they go by.
enum ListedKind: String, CaseIterable {
    case nodes, overlays, gateways, containers, peers, routes, events

    var singular: String { String(rawValue.dropLast()) }

    /// `wgnode` and its like are the CRDs' `shortNames`; `po` and `pods` for those whose fingers say so.
    var shortNames: [String] {
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

    init?(name: String) {
        let name = name.lowercased()
        guard let kind = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
        self = kind
    }

    var names: [String] { [rawValue, singular] + shortNames }
}

/// The words after `get` or `describe`: `nodes,peers`, `node host-a`, `node/host-a container/pod-a`.
struct ObjectArguments: Hashable {
    var kinds: [ListedKind]
    /// By kind; nil is every one.
    var names: [ListedKind: [String]]

    struct ParseError: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    init(_ words: [String]) throws(ParseError) {
        kinds = []
        names = [:]
        guard let first = words.first else {
            throw ParseError(description: "name a kind: \(Self.kindList)")
        }
        // A route's name has a slash of its own, so only a first part that is a kind makes KIND/NAME.
        if first.contains("/") {
            for word in words {
                let parts = word.split(separator: "/", maxSplits: 1)
                guard parts.count == 2 else {
                    throw ParseError(description: "\"\(word.printable)\": write KIND/NAME for each, or KIND NAME…")
                }
                let kind = try Self.kind(String(parts[0]))
                if !kinds.contains(kind) { kinds.append(kind) }
                names[kind, default: []].append(String(parts[1]))
            }
            return
        }
        for word in first.split(separator: ",") {
            let all: [ListedKind] = word == "all" ? [.nodes, .overlays, .gateways, .containers, .peers, .routes] : []
            for kind in all.isEmpty ? [try Self.kind(String(word))] : all where !kinds.contains(kind) {
                kinds.append(kind)
            }
        }
        let wanted = Array(words.dropFirst())
        guard !wanted.isEmpty else { return }
        for kind in kinds { names[kind] = wanted }
    }

    private static let kindList = ListedKind.allCases.map(\.rawValue).joined(separator: ", ")

    private static func kind(_ word: String) throws(ParseError) -> ListedKind {
        guard let kind = ListedKind(name: word) else {
            throw ParseError(description: "\"\(word.printable)\" is no kind; there are \(kindList)")
        }
        return kind
    }
}
