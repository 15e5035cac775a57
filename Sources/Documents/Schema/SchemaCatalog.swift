internal import Foundation
public import Manifest

/// The kinds that this version knows, from the CRDs that are built in.
public struct SchemaCatalog: Sendable {
    /// Sorted by kind.
    public let definitions: [CustomResourceDefinition]

    /// Reads the CRDs that are built in; a test keeps them loadable.
    ///
    /// - Throws: `SchemaError`.
    public init() throws {
        try self.init(files: [
            ManifestFile(path: "gateways.yaml", contents: .bytes(PackageResources.gateways_yaml)),
            ManifestFile(path: "nodes.yaml", contents: .bytes(PackageResources.nodes_yaml)),
            ManifestFile(path: "overlays.yaml", contents: .bytes(PackageResources.overlays_yaml)),
        ])
    }

    init(files: [ManifestFile]) throws {
        self.init(try files.map { try CustomResourceDefinition(file: $0) })
    }

    /// A catalog of other kinds, or of more.
    public init(_ definitions: [CustomResourceDefinition]) {
        self.definitions = definitions.sorted { $0.kind < $1.kind }
    }

    /// By kind, plural, singular or short name, in any case.
    public func definition(named name: String) -> CustomResourceDefinition? {
        definitions.first { $0.names.contains(name.lowercased()) }
    }

    /// What a document says it is. nil for kind or name that is missing, stands twice or is no text.
    public static func identity(of document: Document) -> (apiVersion: String?, kind: String?, name: String?) {
        let root = document.root
        return (
            root["apiVersion"]?.scalar?.text, root["kind"]?.scalar?.text, root["metadata"]?["name"]?.scalar?.text
        )
    }

    /// Where what authors look for as a kind stands.
    private static func place(of kind: String) -> String? {
        ["container", "pod"].contains(kind.lowercased()) ? "containers stand in spec.containers of a Node" : nil
    }

    /// Why a document's kind is not one of ours; empty when it is.
    public func kindErrors(of document: Document) -> [ManifestError] {
        guard document.root.entries != nil else {
            return [
                document.error(
                    at: FieldPath(), "a document must be a mapping, not \(document.root.shape)",
                    remedy: "begin it with apiVersion, kind, metadata and spec")
            ]
        }
        let (apiVersion, kind, _) = SchemaCatalog.identity(of: document)
        let versions = Set(definitions.map(\.apiVersion)).sorted()
        var errors: [ManifestError] = []
        if let apiVersion, !versions.contains(apiVersion) {
            errors.append(
                document.error(
                    at: FieldPath(keys: "apiVersion"), "\(quoted(apiVersion)) is not known",
                    remedy: "write \(listed(versions, "or"))"))
        } else if apiVersion == nil {
            errors.append(
                document.error(
                    at: FieldPath(keys: "apiVersion"), "is missing", remedy: "write \(listed(versions, "or"))"))
        }
        let kinds = definitions.map(\.kind)
        if let kind, !kinds.contains(kind) {
            let near = suggestion(for: kind, among: kinds).map { "did you mean \"\($0)\"?" }
            errors.append(
                document.error(
                    at: FieldPath(keys: "kind"), "\(quoted(kind)) is not known",
                    remedy: near ?? SchemaCatalog.place(of: kind) ?? "write \(listed(kinds, "or"))"))
        } else if kind == nil {
            errors.append(
                document.error(at: FieldPath(keys: "kind"), "is missing", remedy: "write \(listed(kinds, "or"))"))
        }
        return errors
    }
}
