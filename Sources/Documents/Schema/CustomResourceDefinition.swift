public import Manifest

/// One of our kinds, as `crds/*.yaml` defines it.
public struct CustomResourceDefinition: Sendable {
    public struct PrinterColumn: Hashable, Sendable {
        public let name: String
        public let type: String
        public let description: String
        /// As kubectl reads it: `.spec.endpoint`.
        public let jsonPath: String
        /// 0 is always shown, above only with `-o wide`.
        public let priority: Int
    }

    public let kind: String
    public let plural: String
    public let singular: String
    public let shortNames: [String]
    public let categories: [String]
    public let group: String
    public let version: String
    public let printerColumns: [PrinterColumn]
    public let schema: JSONSchema

    public var apiVersion: String { "\(group)/\(version)" }

    /// Reads a CRD.
    ///
    /// - Throws: `SchemaError` with every keyword that is not known and every part that is missing.
    public init(file: ManifestFile) throws {
        guard let document = try file.documents().first, document.errors.isEmpty else {
            throw SchemaError(file: file.path, problems: ["not one plain YAML document"])
        }
        let spec = document.root["spec"]
        let version = spec?["versions"]?.items?.first
        guard let names = spec?["names"], let kind = names["kind"]?.scalar?.text,
            let plural = names["plural"]?.scalar?.text, let singular = names["singular"]?.scalar?.text,
            let group = spec?["group"]?.scalar?.text, let version, let versionName = version["name"]?.scalar?.text,
            let root = version["schema"]?["openAPIV3Schema"]
        else {
            throw SchemaError(file: file.path, problems: ["not a CustomResourceDefinition of apiextensions.k8s.io/v1"])
        }
        let (schema, problems) = SchemaLoader.load(root, path: FieldPath())
        guard problems.isEmpty else { throw SchemaError(file: file.path, problems: problems.map(\.description)) }
        self.kind = kind
        self.plural = plural
        self.singular = singular
        self.group = group
        self.version = versionName
        self.schema = schema
        shortNames = names["shortNames"]?.items?.compactMap { $0.scalar?.text } ?? []
        categories = names["categories"]?.items?.compactMap { $0.scalar?.text } ?? []
        printerColumns = (version["additionalPrinterColumns"]?.items ?? []).map { column in
            PrinterColumn(
                name: column["name"]?.scalar?.text ?? "", type: column["type"]?.scalar?.text ?? "",
                description: column["description"]?.scalar?.text ?? "",
                jsonPath: column["jsonPath"]?.scalar?.text ?? "",
                priority: column["priority"]?.scalar.flatMap { Int($0.text) } ?? 0)
        }
    }

    /// The schema with all of `metadata`, as `wgctl explain` shows it: the CRD may say only how a name looks
    /// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/).
    public var explainedSchema: JSONSchema {
        guard let metadata = schema.properties["metadata"] else { return schema }
        return schema.replacing("metadata", with: ObjectMeta.schema(naming: metadata))
    }

    /// Every word that names this kind on a command line, lower-case.
    public var names: Set<String> { Set([kind.lowercased(), plural, singular] + shortNames) }
}

/// A mistake in a CRD of ours, not in a manifest.
public struct SchemaError: Error, Hashable, CustomStringConvertible {
    public let file: String
    public let problems: [String]

    public var description: String { "crds/\(file): " + problems.joined(separator: "; ") }
}
