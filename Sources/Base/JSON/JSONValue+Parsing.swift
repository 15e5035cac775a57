internal import Foundation

extension JSONValue {
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
}
