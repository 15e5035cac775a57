/// What an event, a condition or a change regards, as the records and `wgctl events` write it: `node/host-b`,
/// `overlay/office`, `container/web`, `file/nodes.yaml`.
public struct ResourceReference: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Lower-case, as in the text.
    public enum Kind: String, Hashable, Sendable, CaseIterable { case container, file, gateway, node, overlay }

    public var kind: Kind
    public var name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// Reads `KIND/NAME`; nil when the text is not of that form. A name may contain slashes: a file's path does.
    public init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/"), let kind = Kind(rawValue: String(text[..<slash])) else {
            return nil
        }
        self.init(kind, String(text[text.index(after: slash)...]))
    }

    public static func container(_ name: String) -> ResourceReference { .init(.container, name) }
    /// - Parameter path: relative to the manifest directory.
    public static func file(_ path: String) -> ResourceReference { .init(.file, path) }
    public static func gateway(_ name: String) -> ResourceReference { .init(.gateway, name) }
    public static func node(_ name: String) -> ResourceReference { .init(.node, name) }
    public static func overlay(_ name: String) -> ResourceReference { .init(.overlay, name) }

    public var description: String { "\(kind.rawValue)/\(name)" }

    /// In the order of the texts.
    public static func < (a: ResourceReference, b: ResourceReference) -> Bool {
        (a.kind.rawValue, a.name) < (b.kind.rawValue, b.name)
    }
}

extension ResourceReference: Codable {
    /// As its text.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let reference = ResourceReference(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is not KIND/NAME"))
        }
        self = reference
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
