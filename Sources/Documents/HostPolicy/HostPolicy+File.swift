internal import JSON
public import Manifest
internal import NetAddress
internal import Resources
public import Schema

extension HostPolicy {
    /// Every mistake of a policy file, in its order.
    public struct Mistakes: Error, Hashable, Sendable, CustomStringConvertible {
        public var errors: [ManifestError]

        /// One a line.
        public var description: String { errors.map(\.description).joined(separator: "\n") }
    }

    /// The schema, for `wgctl explain` and the docs.
    ///
    /// - Throws: `SchemaError` when the built-in file does not load; a test keeps it loadable.
    public static func definition() throws -> CustomResourceDefinition {
        try CustomResourceDefinition(
            file: ManifestFile(path: "hostpolicy.yaml", contents: .bytes(PackageResources.hostpolicy_yaml)))
    }

    /// Reads a policy file: one document. Who may write the file is the caller's to ask.
    ///
    /// - Throws: `Mistakes`; `SchemaError` as `definition()`.
    public init(file: ManifestFile) throws {
        let documents: [Document]
        do throws(ManifestError) {
            documents = try file.documents()
        } catch {
            throw Mistakes(errors: [error])
        }
        guard let document = documents.first else {
            let error = ManifestError(
                file: file.path, position: .start, path: FieldPath(), reason: "the file holds no HostPolicy",
                remedy: "write one, or remove the file to have the default")
            throw Mistakes(errors: [error])
        }
        let surplus = documents.dropFirst().map {
            $0.error(at: FieldPath(), "a host has one policy", remedy: "put it into the first document")
        }
        let definition = try HostPolicy.definition()
        var errors = SchemaCatalog([definition]).kindErrors(of: document)
        guard errors.isEmpty else { throw Mistakes(errors: (document.errors + errors + surplus).sorted()) }
        let result = definition.validate(document, textRules: TextRules.all)
        errors = result.errors + surplus
        guard errors.isEmpty, let spec = result.value["spec"] else { throw Mistakes(errors: errors) }
        self = try spec.decode(HostPolicy.self)
        errors = HostPolicy.errors(in: self, document)
        guard errors.isEmpty else { throw Mistakes(errors: errors) }
    }

    /// What the schema cannot say.
    private static func errors(in policy: HostPolicy, _ document: Document) -> [ManifestError] {
        let containers = FieldPath(keys: "spec", "containers")
        let paths =
            policy.containers.hostPaths.enumerated().map {
                ($1.pathPrefix, containers + "hostPaths" + $0 + "pathPrefix")
            } + policy.containers.secretFiles.enumerated().map { ($1, containers + "secretFiles" + $0) }
        var errors = paths.compactMap { path, place in
            PathPrefix(path) == nil
                ? document.error(at: place, "\(quoted(path)) has ..", remedy: "write the path that it leads to") : nil
        }
        var owners: [PublicKey: String] = [:]
        for (index, pin) in policy.nodes.publicKeys.enumerated() {
            if let other = owners.updateValue(pin.node, forKey: pin.publicKey) {
                let place = FieldPath(keys: "spec", "nodes", "publicKeys") + index + "publicKey"
                errors.append(
                    document.error(
                        at: place, "the same key as \(other)'s",
                        remedy: "put the key there that `wgctl key show` prints on \(pin.node)"))
            }
        }
        return errors.sorted()
    }
}
