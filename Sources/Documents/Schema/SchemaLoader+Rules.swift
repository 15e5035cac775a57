internal import JSON
internal import Manifest

/// `x-kubernetes-validations`.
extension SchemaLoader {
    private static let reasons = [
        "FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate",
    ]

    mutating func rules(_ properties: [String: JSONSchema]) -> [JSONSchema.Rule] {
        guard let value = value("x-kubernetes-validations") else { return [] }
        guard let items = value.items, !items.isEmpty else {
            report("x-kubernetes-validations must be a list of rules")
            return []
        }
        return items.compactMap { rule($0, properties) }
    }

    private mutating func rule(_ item: JSONValue, _ properties: [String: JSONSchema]) -> JSONSchema.Rule? {
        guard case .object(let fields) = item, let source = item["rule"]?.text, let message = item["message"]?.text,
            !message.isEmpty, !message.contains("\n")
        else {
            report("a rule needs rule and message, each one line of text")
            return nil
        }
        for name in fields.keys.sorted() {
            switch name {
            case "rule", "message", "messageExpression", "fieldPath": break
            case "reason" where SchemaLoader.reasons.contains(item["reason"]?.text ?? ""): break
            case "reason": report("rule \(quoted(source)): reason must be \(listed(SchemaLoader.reasons, "or"))")
            case "optionalOldSelf": report("rule \(quoted(source)): optionalOldSelf is not supported")
            default: report("rule \(quoted(source)): unknown field \(quoted(name))")
            }
        }
        guard let expression = expression(source) else { return nil }
        return JSONSchema.Rule(
            source: source, message: message, fieldPath: fieldPath(item["fieldPath"], of: source, properties),
            expression: expression,
            messageExpression: item["messageExpression"].flatMap { self.expression($0.text ?? "") },
            reads: expression.reads)
    }

    private mutating func expression(_ source: String) -> CELExpression? {
        do throws(CELExpression.SyntaxError) {
            return try CELExpression(parsing: source)
        } catch {
            report("rule \(quoted(source)): \(error)")
            return nil
        }
    }

    /// Of Kubernetes' JSON paths the ones with plain names: `.spec.addresses`.
    private mutating func fieldPath(
        _ value: JSONValue?, of source: String, _ properties: [String: JSONSchema]
    ) -> [String] {
        guard let value else { return [] }
        let steps = (value.text ?? "").split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        var schemas: [String: JSONSchema]? = properties
        for step in steps.dropFirst() { schemas = schemas?[step]?.properties }
        guard steps.count > 1, steps[0].isEmpty, schemas != nil else {
            report("rule \(quoted(source)): fieldPath must be .NAME or .NAME.NAME of a field below")
            return []
        }
        return Array(steps.dropFirst())
    }
}
