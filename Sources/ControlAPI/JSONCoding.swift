public import Foundation
public import JSON

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

extension JSONValue {
    /// The JSON value that an `Encodable` encodes to; times are RFC 3339.
    ///
    /// - Throws: `EncodingError`.
    public init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: JSONCoding.encoder.encode(value))
    }
}
