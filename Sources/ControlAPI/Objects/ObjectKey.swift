internal import Foundation
public import NetAddress

/// The place of an object in the order in which its kind is listed.
public struct ObjectKey: Hashable, Sendable, Comparable, Codable {
    /// Parts joined by U+0001, which is below whatever a name contains.
    let text: String

    public init(_ parts: String...) { text = parts.joined(separator: "\u{1}") }

    /// Routes are listed by destination, numerically.
    public init(_ destination: CIDR, _ interface: String) {
        let bytes = destination.address.bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0" + digits : digits
        }
        let family = destination.address.family == .v4 ? "4" : "6"
        let length = String(destination.prefixLength + 1000)
        text = ([family] + bytes).joined() + length + "\u{1}" + interface
    }

    public static func < (a: ObjectKey, b: ObjectKey) -> Bool { a.text < b.text }

    /// For a continue token.
    var token: String { Data(text.utf8).base64EncodedString() }

    init?(token: String) {
        guard let data = Data(base64Encoded: token), let text = String(data: data, encoding: .utf8), !text.isEmpty
        else {
            return nil
        }
        self.text = text
    }

    public init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
