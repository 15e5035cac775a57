internal import ControlAPI
internal import JSON
internal import Schema

/// The text of `wgctl explain`, in kubectl's layout.
struct FieldExplanation {
    let definition: CustomResourceDefinition
    /// The path below the kind; empty for the kind itself.
    let steps: [String]
    let schema: JSONSchema
    let isRequired: Bool
    /// Where the field stands, if not where it was looked for.
    let remark: String?

    /// - Parameter word: `node`, `node.spec.overlays`, `ov.spec.subnets[]`.
    /// - Throws: `CommandFailure` that names what is meant, for a kind or a field that does not exist.
    init(_ word: String, in catalog: SchemaCatalog) throws(CommandFailure) {
        let typed = word.split(separator: ".", omittingEmptySubsequences: false).map { part in
            String(part.hasSuffix("[]") ? part.dropLast(2) : part)
        }
        let (parts, remark) = Self.place(of: typed, in: catalog)
        self.remark = remark
        definition = try Self.definition(named: parts.first ?? "", in: catalog)
        steps = Array(parts.dropFirst())
        var schema = definition.explainedSchema
        var isRequired = false
        for (index, step) in steps.enumerated() {
            schema = schema.element
            guard let next = schema.properties[step] else {
                let parent = ([definition.singular] + steps[..<index]).joined(separator: ".")
                throw CommandFailure(Self.missing(step, in: schema, of: parent))
            }
            isRequired = schema.required.contains(step)
            schema = next
        }
        self.schema = schema
        self.isRequired = isRequired
    }

    /// Containers are listed like a kind, and are fields of their Node.
    private static func place(of parts: [String], in catalog: SchemaCatalog) -> (parts: [String], remark: String?) {
        guard let name = parts.first, catalog.definition(named: name) == nil, ListedKind(name: name) == .containers
        else {
            return (parts, nil)
        }
        // `pod.spec.image` has a step that containers have not.
        let fields = parts.dropFirst(parts.dropFirst().first == "spec" ? 2 : 1)
        return (
            ["node", "spec", "containers"] + fields,
            "no schema for \"\(name.printable)\"; containers are described under node.spec.containers"
        )
    }

    private static func definition(
        named name: String, in catalog: SchemaCatalog
    ) throws(CommandFailure) -> CustomResourceDefinition {
        if let found = catalog.definition(named: name) { return found }
        if let kind = ListedKind(name: name), let found = catalog.definition(named: kind.singular) { return found }
        let kinds = catalog.definitions.map(\.singular)
        let near = suggestion(for: name, among: catalog.definitions.flatMap { [$0.singular, $0.plural] })
        throw CommandFailure(
            "no schema for \"\(name.printable)\"; "
                + (near.map { "did you mean \"\($0)\"?" } ?? "kinds: \(kinds.joined(separator: ", "))"))
    }

    private static func missing(_ step: String, in schema: JSONSchema, of parent: String) -> String {
        let known = schema.propertyOrder
        let remedy: String
        if known.isEmpty {
            remedy = "it is no object"
        } else if let near = suggestion(for: step, among: known) {
            remedy = "did you mean \"\(near)\"?"
        } else {
            remedy = "it has \(known.joined(separator: ", "))"
        }
        return "\(parent) has no field \"\(step.printable)\"; \(remedy)"
    }

    /// - Parameter isRecursive: All fields below, names and types alone.
    func lines(isRecursive: Bool = false) -> [String] {
        var lines = ["GROUP:      \(definition.group)", "KIND:       \(definition.kind)"]
        lines += ["VERSION:    \(definition.version)", ""]
        if let name = steps.last {
            lines += ["FIELD: \(name) <\(schema.displayType)>\(isRequired ? " -required-" : "")"]
            lines += schema.limitLines.flatMap { Self.wrapped($0, indent: 4) } + [""]
        }
        lines.append("DESCRIPTION:")
        lines += Self.wrapped(schema.description, indent: 4)
        let fields = schema.element
        guard !fields.propertyOrder.isEmpty else { return lines }
        lines += ["", "FIELDS:"]
        lines += isRecursive ? fields.tree(indent: 2) : fields.fieldLines
        while lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines
    }

    /// At most 80 columns, words kept whole.
    static func wrapped(_ text: String, indent: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            if !line.isEmpty, indent + line.count + 1 + word.count > 80 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { String(repeating: " ", count: indent) + $0 }
    }
}

extension JSONSchema {
    /// What the fields belong to: lists are stepped into.
    fileprivate var element: JSONSchema {
        var schema = self
        while let items = schema.items { schema = items }
        return schema
    }

    /// `[]Object` where `typeName` has `[]object`, as kubectl writes it.
    fileprivate var displayType: String { typeName.replacing("object", with: "Object") }

    /// The values that it may have, in kubectl's words.
    fileprivate var limitLines: [String] {
        var lines: [String] = []
        let values = enumeration.isEmpty ? items?.enumeration ?? [] : enumeration
        if !values.isEmpty {
            lines.append("enum: " + values.map { $0.text ?? $0.canonicalText }.joined(separator: ", "))
        }
        if let defaultValue { lines.append("default: \(defaultValue.text ?? defaultValue.canonicalText)") }
        let others = constraints.filter { !$0.hasPrefix("one of ") || enumeration.isEmpty }
        if let format = format ?? items?.format { lines.append("format: \(format.rawValue)") }
        if !others.isEmpty { lines.append("limits: " + others.joined(separator: "; ")) }
        return lines + fieldRules.map { "refused: \($0.message)" }
    }

    fileprivate var fieldLines: [String] {
        propertyOrder.flatMap { name -> [String] in
            guard let property = properties[name] else { return [] }
            let text = (property.limitLines + [property.description]).flatMap {
                FieldExplanation.wrapped($0, indent: 4)
            }
            return [heading(name, property, indent: 2)] + text + [""]
        }
    }

    fileprivate func tree(indent: Int) -> [String] {
        propertyOrder.flatMap { name -> [String] in
            guard let property = properties[name] else { return [] }
            return [heading(name, property, indent: indent)] + property.element.tree(indent: indent + 2)
        }
    }

    private func heading(_ name: String, _ property: JSONSchema, indent: Int) -> String {
        String(repeating: " ", count: indent) + "\(name)\t<\(property.displayType)>"
            + (required.contains(name) ? " -required-" : "")
    }
}
