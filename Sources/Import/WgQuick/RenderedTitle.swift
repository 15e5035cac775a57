public import NetAddress

/// The first comment of a file that `wgctl render` makes, from which an import knows what wg-quick has no key for.
public struct RenderedTitle: Hashable, Sendable {
    public var overlay: String
    public var subnets: [CIDR]
    public var node: String

    public init(overlay: String, subnets: [CIDR], node: String) {
        self.overlay = overlay
        self.subnets = subnets
        self.node = node
    }

    private static let ending = ": made by wgctl render, do not edit"

    /// `overlay NAME of SUBNET, SUBNET on NODE: made by …`, without `#`.
    public var text: String {
        "overlay \(overlay) of \(subnets.map(\.description).joined(separator: ", ")) on \(node)\(Self.ending)"
    }

    /// Parses `text`; nil for any other comment.
    public init?(_ text: String) {
        guard text.hasSuffix(Self.ending) else { return nil }
        let words = text.dropLast(Self.ending.count).split(separator: " ")
        guard words.count >= 6, words[0] == "overlay", words[2] == "of", words[words.count - 2] == "on" else {
            return nil
        }
        let texts = words[3..<(words.count - 2)].map { $0.last == "," ? String($0.dropLast()) : String($0) }
        let subnets = texts.compactMap { CIDR($0) }
        let (overlay, node) = (String(words[1]), String(words[words.count - 1]))
        guard subnets.count == texts.count, isLabel(overlay), isLabel(node) else { return nil }
        self.init(overlay: overlay, subnets: subnets, node: node)
    }
}
