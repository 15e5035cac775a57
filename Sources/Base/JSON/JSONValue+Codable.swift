internal import Foundation

extension JSONValue: Codable {
    public init(from decoder: any Decoder) throws {
        // Each guess that is wrong throws, which takes longer than all the rest: the most frequent type comes first.
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let members = try? decoder.container(keyedBy: MemberName.self) {
            var object: [String: JSONValue] = [:]
            for name in members.allKeys { object[name.stringValue] = try members.decode(JSONValue.self, forKey: name) }
            self = .object(object)
        } else if var items = try? decoder.unkeyedContainer() {
            var array: [JSONValue] = []
            while !items.isAtEnd { array.append(try items.decode(JSONValue.self)) }
            self = .array(array)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// Parses JSON text, to the last bit of every number.
    ///
    /// - Throws: `DecodingError` for text that is not JSON.
    public init(jsonText: String) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(jsonText.utf8)) }

    /// The value as a type of the caller's.
    ///
    /// - Throws: `DecodingError` where the value and the type disagree.
    public func decode<T: Decodable>(_ type: T.Type) throws -> T { try JSONValue.decode(type, from: canonicalText) }

    /// A value of the caller's type from JSON text.
    ///
    /// - Throws: `DecodingError` where the text and the type disagree.
    public static func decode<T: Decodable>(_ type: T.Type, from jsonText: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(jsonText.utf8))
    }
}

/// Any member of an object.
private struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
