internal import JSON

extension JSONSchema {
    /// A CEL rule of `x-kubernetes-validations`.
    public struct Rule: Sendable {
        public let source: String
        /// `REASON; REMEDY`: what is wrong, and what to write instead.
        public let message: String
        /// Where below the schema's own place the error belongs.
        let fieldPath: [String]
        let expression: CELExpression
        /// Kubernetes' `messageExpression`: speaks in the message's place where it gives a text.
        let messageExpression: CELExpression?
        /// What the expression looks at.
        let reads: Set<[CELRead]>

        /// The first part of the message.
        public var reason: String { parts.reason }

        private var parts: (reason: String, remedy: String) { Rule.parts(of: message) }

        private static func parts(of message: String) -> (reason: String, remedy: String) {
            let parts = message.split(separator: "; ", maxSplits: 1)
            return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
        }

        func text(for value: JSONValue) -> (reason: String, remedy: String) {
            guard case .string(let text)? = messageExpression?.result(for: value), !text.isEmpty, !text.contains("\n")
            else { return parts }
            return Rule.parts(of: text)
        }
    }

    /// A type at or below this schema that rules see as something that our part of CEL does not have; nil when all is
    /// well.
    var typeBeyondRules: String? {
        if type == .number { return "number" }
        if let format, [.byte, .date, .dateTime, .duration].contains(format) { return "format \(format.rawValue)" }
        if let found = items?.typeBeyondRules { return found }
        if case .schema(let values) = additionalProperties, let found = values.typeBeyondRules { return found }
        for name in propertyOrder {
            if let found = properties[name]?.typeBeyondRules { return found }
        }
        return nil
    }
}
