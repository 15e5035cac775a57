internal import Manifest

/// `metadata` of every kind, for `wgctl explain`; `Validator.metadata` is what checks it.
enum ObjectMeta {
    /// - Parameter metadata: the CRD's, which describes the name.
    static func schema(naming metadata: JSONSchema) -> JSONSchema {
        guard let name = metadata.properties["name"], let described else { return metadata }
        return described.replacing("name", with: name)
    }

    /// nil when the text below is no schema, which a test prevents.
    private static let described: JSONSchema? = {
        let file = ManifestFile(path: "metadata.yaml", contents: .bytes(Array(text.utf8)))
        guard let root = try? file.documents().first?.root else { return nil }
        let (schema, problems) = SchemaLoader.load(root, path: FieldPath())
        return problems.isEmpty ? schema : nil
    }()

    private static let text = """
        type: object
        description: 'What the object is called, and what its author notes down about it. creationTimestamp, generation,
          managedFields, resourceVersion, selfLink and uid, which a server sets, may be there and are not looked at.
          Example: {name: host-a, labels: {site: prague}}'
        required: [name]
        properties:
          name: {type: string}
          labels:
            type: object
            description: 'What selectors find the object by (wgctl get -l). Keys and values have up to 63 letters, digits,
              -, _ and .; a key may begin with a DNS name and /. Example: {site: prague, example.org/rack: r12}'
            additionalProperties: {type: string}
          annotations:
            type: object
            description: 'Notes for people and programs, which wgctl does not look at; keys as those of labels.
              Example: {example.org/owner: "ops@example.org"}'
            additionalProperties: {type: string}
        """
}
