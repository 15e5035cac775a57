internal import Foundation
internal import HostState
internal import JSON

/// The output of `nft -j list table inet wgctl`, compared with what we would have written.
struct TableListing {
    let table: ObservedFirewall.Table

    private struct Listing: Decodable {
        var nftables: [[String: JSONValue]]
    }

    /// - Throws: `DecodingError` for anything but a listing.
    init(json: Data) throws {
        var table = ObservedFirewall.Table()
        var strangers: Set<String> = []
        var hasChain = false
        /// The directions found, by interface; a rule that exists twice is listed twice.
        var clamps: [String: [String]] = [:]
        for item in try JSONDecoder().decode(Listing.self, from: json).nftables {
            guard let kind = item.keys.first, case .object(let object)? = item[kind] else { continue }
            switch kind {
            case "metainfo", "table": continue
            case "chain" where TableListing.isOurs(chain: object): hasChain = true
            case "rule":
                if object["comment"] == .string(OwnershipMark.ruleComment) { table.isMarked = true }
                if let (direction, interface) = TableListing.clamp(object) {
                    clamps[interface, default: []].append(direction)
                } else {
                    strangers.insert("a rule in chain \(TableListing.text(object["chain"]))")
                }
            default: strangers.insert("\(kind) \(TableListing.text(object["name"]))")
            }
        }
        for (interface, directions) in clamps {
            if directions.sorted() == TableDocument.directions {
                table.clampedInterfaces.append(interface)
            } else {
                strangers.insert("one rule of the two on \(interface)")
            }
        }
        // Rules in a chain that is not hooked as ours do nothing.
        if !hasChain { table.clampedInterfaces = [] }
        table.clampedInterfaces.sort()
        table.strangers = strangers.sorted()
        self.table = table
    }

    private static func isOurs(chain: [String: JSONValue]) -> Bool {
        chain["name"] == .string(TableDocument.chain)
            && TableDocument.hook.allSatisfy { chain[$0.key] == $0.value }
    }

    /// The direction and interface of a rule as we write it, including the mark.
    private static func clamp(_ rule: [String: JSONValue]) -> (String, String)? {
        guard rule["comment"] == .string(OwnershipMark.ruleComment), rule["chain"] == .string(TableDocument.chain),
            case .array(let expressions)? = rule["expr"], case .object(let first)? = expressions.first,
            case .object(let match)? = first["match"], case .string(let interface)? = match["right"]
        else { return nil }
        for direction in TableDocument.directions where expressions == TableDocument.clamp(direction, interface) {
            return (direction, interface)
        }
        return nil
    }

    private static func text(_ value: JSONValue?) -> String { if case .string(let text)? = value { text } else { "?" } }
}
