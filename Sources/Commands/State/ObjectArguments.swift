internal import ControlAPI
internal import Manifest
internal import Schema

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
        // A route's name contains a slash, so only a first part that is a kind makes KIND/NAME.
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
            let known = ListedKind.allCases.flatMap { [$0.rawValue, $0.singular] }
            let near = suggestion(for: word, among: known).flatMap(ListedKind.init(name:))
            let hint = near.map { " (did you mean \($0.rawValue)?)" } ?? ""
            throw ParseError(description: "unknown kind \"\(word.printable)\"\(hint); kinds: \(kindList)")
        }
        return kind
    }
}
