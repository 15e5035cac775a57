public import Foundation

/// Any JSON value, for the parts of a report whose shape the CRDs define.
public enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Parses the JSON text of a spec, whose numbers are integers, or short; nil when it is none.
    ///
    /// `JSONDecoder` has to be asked of each value whether it is of this type or that, and answers no with an error, which
    /// takes longer than all the rest. `JSONSerialization` is quick, but the last bit of a long fraction may be another.
    public init?(parsing json: String) {
        guard let tree = try? JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed) else {
            return nil
        }
        self.init(tree: tree)
    }

    /// The JSON value that an `Encodable` encodes to; times are RFC 3339.
    ///
    /// - Throws: `EncodingError`.
    public init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: JSONCoding.encoder.encode(value))
    }

    private init?(tree: Any) {
        switch tree {
        case let text as String: self = .string(text)
        case let members as [String: Any]: self = .object(members.compactMapValues(JSONValue.init(tree:)))
        case let items as [Any]: self = .array(items.compactMap(JSONValue.init(tree:)))
        case let number as NSNumber: self.init(number)
        case is NSNull: self = .null
        default: return nil
        }
    }

    /// `objCType` tells what was written: `c` is a Boolean, `d` a fraction, `Q` an integer beyond `Int64`.
    private init(_ number: NSNumber) {
        switch String(cString: number.objCType) {
        case "c": self = .bool(number.boolValue)
        case "d", "Q":
            let value = number.doubleValue
            self = Int64(exactly: value).map(JSONValue.integer) ?? .number(value)
        default: self = .integer(number.int64Value)
        }
    }

    /// The member of an object; nil for other values and for a missing member.
    public subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    /// The elements of an array; empty for other values.
    public var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The text of a string; nil for other values.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
}

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
}

/// Any member of an object.
private struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// How both sides write JSON: sorted keys, RFC 3339 times in whole seconds (UTC), as Kubernetes does.
public enum JSONCoding {
    public static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }

    public static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }
}
