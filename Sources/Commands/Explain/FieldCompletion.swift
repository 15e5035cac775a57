internal import ArgumentParser
internal import Schema

/// What a shell offers after `explain`: kinds, then the fields one level down.
enum FieldCompletion {
    static let field = CompletionKind.custom { _, _, prefix in
        guard let catalog = try? SchemaCatalog.ofEverything() else { return [] }
        guard let dot = prefix.lastIndex(of: ".") else { return catalog.definitions.map(\.singular).sorted() }
        let parent = String(prefix[..<dot])
        guard let explanation = try? FieldExplanation(parent, in: catalog) else { return [] }
        var schema = explanation.schema
        while let items = schema.items { schema = items }
        return schema.propertyOrder.map { "\(parent).\($0)" }
    }
}
