internal import JSON
public import Manifest

extension CustomResourceDefinition {
    /// Validates a document of this kind: everything that can be said of it alone.
    ///
    /// - Parameters:
    ///   - textRules: parsers for texts by the schema's `title`, beyond patterns.
    ///   - mirrored: messages of CEL rules that the caller checks itself once a document has no other mistake.
    public func validate(
        _ document: Document, textRules: [String: TextRule] = [:], mirrored: Set<String> = []
    ) -> ValidationResult {
        var validator = Validator(document: document, textRules: textRules, mirrored: mirrored)
        var result: [String: JSONValue] = ["apiVersion": .string(apiVersion), "kind": .string(kind)]
        // First, so that the mistakes kept hold those of the name: a name that is wrong names no resource.
        // A kind of which a host has one needs no name.
        let metadataSchema = schema.properties["metadata"]
        let metadata =
            metadataSchema == nil && document.root["metadata"] == nil
            ? nil : validator.metadata(document.root["metadata"], name: metadataSchema?.properties["name"])
        let isNameValid = !validator.errors.contains { ["metadata", "metadata.name"].contains($0.path) }
        let known = ["apiVersion", "kind", "metadata", "spec", "status"]
        for entry in document.root.entries ?? [] where !known.contains(entry.name) {
            validator.reportUnknown(
                entry, at: FieldPath(keys: entry.name), among: known, otherwise: "the fields of spec stand below spec")
        }
        result["metadata"] = metadata
        if let spec = schema.properties["spec"] {
            let path = FieldPath(keys: "spec")
            if let node = document.root["spec"] {
                result["spec"] = validator.validate(node, spec, at: path)
            } else if schema.required.contains("spec") {
                validator.report(path, "is missing", spec.exampleRemedy)
            }
        }
        validator.finish()
        let errors = (document.errors + validator.errors).sorted().prefix(Document.errorLimit)
        return ValidationResult(
            value: .object(result), isNameValid: isNameValid, errors: Array(errors), nulls: validator.nulls)
    }
}

/// Kubernetes' ObjectMeta, of which the CRD may say only how a name looks.
extension Validator {
    /// Fields that a pasted object carries and that an author does not set.
    private static let ignored: Set<String> = [
        "creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid",
    ]

    mutating func metadata(_ node: YAMLNode?, name nameSchema: JSONSchema?) -> JSONValue? {
        let path = FieldPath(keys: "metadata")
        guard let node else {
            report(path, "is missing", "write metadata: {name: NAME}")
            return nil
        }
        guard let entries = node.entries else {
            report(path, at: node.position, node.whyNoMapping, "write metadata: {name: NAME}")
            return nil
        }
        var fields: [String: JSONValue] = [:]
        if let name = node["name"] {
            if let nameSchema { fields["name"] = validate(name, nameSchema, at: path + "name") }
        } else {
            report(path + "name", "is missing", nameSchema?.exampleRemedy ?? "add it")
        }
        for entry in entries where !Validator.ignored.contains(entry.name) {
            switch entry.name {
            case "name": continue
            case "labels": fields["labels"] = labels(entry.value, at: path + "labels")
            case "annotations": checkAnnotations(entry.value, at: path + "annotations")
            case "namespace":
                report(path + "namespace", at: entry.key.position, "the resources have no namespace", "remove it")
            default:
                reportUnknown(
                    entry, at: path + entry.name, among: ["name", "labels", "annotations"],
                    otherwise: "known are annotations, labels, name")
            }
        }
        return .object(fields)
    }

    /// Kubernetes' syntax of labels: `[PREFIX/]NAME: VALUE`, name and value up to 63 characters.
    private mutating func labels(_ node: YAMLNode, at path: FieldPath) -> JSONValue? {
        if let scalar = node.scalar, scalar.isPlain, PlainScalar(scalar.text) == .null { return nil }
        guard let entries = node.entries else {
            report(path, at: node.position, node.whyNoMapping, "write labels: {KEY: VALUE}")
            return nil
        }
        var labels: [String: JSONValue] = [:]
        for entry in entries {
            let place = path + entry.name
            guard let value = entry.value.scalar else {
                report(place, at: entry.value.position, "must be text, not \(entry.value.shape)", "write one value")
                continue
            }
            for (part, text, position) in [
                ("key", entry.key.scalar, entry.key.position), ("value", value, entry.value.position),
            ] {
                guard let text, text.isPlain, PlainScalar(text.text) != .string, !(part == "value" && text.text.isEmpty)
                else { continue }
                report(place, at: position, "the \(part) is \(PlainScalar(text.text).noun) to YAML", "quote it")
            }
            if !isQualifiedName(entry.name) || !isLabel(value.text[...]) {
                report(
                    place, at: entry.key.position, "is not a label",
                    "use up to 63 letters, digits, -, _ and ., with a letter or digit at both ends; a key may begin with "
                        + "a DNS name and /")
            }
            labels[entry.name] = .string(value.text)
        }
        return .object(labels)
    }

    /// Kubernetes' syntax of annotations: `[PREFIX/]NAME: ANY TEXT`, in which capitals may be anywhere in the key. Nothing
    /// here reads them, so that their values are not looked at.
    private mutating func checkAnnotations(_ node: YAMLNode, at path: FieldPath) {
        if let scalar = node.scalar, scalar.isPlain, PlainScalar(scalar.text) == .null { return }
        guard let entries = node.entries else {
            return report(
                path, at: node.position, node.whyNoMapping, "write annotations: {KEY: VALUE}")
        }
        for entry in entries {
            if let key = entry.key.scalar, key.isPlain, PlainScalar(key.text) != .string {
                report(
                    path + entry.name, at: entry.key.position, "the key is \(PlainScalar(key.text).noun) to YAML",
                    "quote it")
            } else if !isQualifiedName(entry.name.lowercased()) {
                report(
                    path + entry.name, at: entry.key.position, "is not the key of an annotation",
                    "use up to 63 letters, digits, -, _ and ., with a letter or digit at both ends; a DNS name and / may "
                        + "stand before")
            }
        }
    }

    /// `[PREFIX/]NAME`, the prefix a DNS name.
    private func isQualifiedName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let name = parts.last ?? ""
        return parts.count <= 2 && !name.isEmpty && isLabel(name)
            && (parts.count == 1 || Format.longName.holds(for: String(parts[0])))
    }

    private func isLabel(_ text: Substring) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
        }
        guard let first = text.utf8.first, let last = text.utf8.last else { return true }
        return text.utf8.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }
    }
}
