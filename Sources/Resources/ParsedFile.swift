internal import Manifest
internal import Schema

/// What one file holds, by its content alone: kept as long as the content stays.
enum ParsedFile: Sendable {
    case broken(ManifestError)
    /// Nothing but white space: what a torn write or an accident leaves, so it deletes nothing.
    case blank
    case documents([ParsedDocument])

    init(_ file: ManifestFile, catalog: SchemaCatalog) {
        do throws(ManifestError) {
            let documents = try file.documents()
            if documents.isEmpty, case .bytes(let bytes) = file.contents,
                bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0d).contains($0) })
            {
                self = .blank
            } else {
                self = .documents(documents.map { ParsedDocument($0, catalog: catalog) })
            }
        } catch {
            self = .broken(error)
        }
    }
}

/// One document, validated as far as it can be alone.
struct ParsedDocument: Sendable {
    let document: Document
    /// nil when the document does not say which resource it is.
    let key: ResourceKey?
    let errors: [ManifestError]
    /// Canonical; meaningful without errors only.
    let json: String
    let specText: String
    /// nil with errors, and for a Gateway.
    let content: ResourceContent?

    init(_ document: Document, catalog: SchemaCatalog) {
        self.document = document
        let (_, kindText, name) = SchemaCatalog.identity(of: document)
        let kindErrors = catalog.kindErrors(of: document)
        var errors = (document.errors + kindErrors).sorted()
        var value = JSONValue.null
        var kind: Kind?
        var key: ResourceKey?
        if kindErrors.isEmpty, let kindText, let definition = catalog.definition(named: kindText) {
            let result = definition.validate(document, textRules: TextRules.all)
            (value, errors) = (result.value, result.errors)
            kind = Kind(rawValue: kindText)
            if let kind, let name, result.isNameValid { key = ResourceKey(kind, name) }
        }
        self.key = key
        var content: ResourceContent?
        if errors.isEmpty, let kind, kind != .gateway {
            do {
                let decoded = try ResourceContent(kind: kind, value)
                errors = DocumentChecks.errors(in: decoded, document).sorted()
                if errors.isEmpty { content = decoded }
            } catch {
                // Its own text may quote a value.
                errors = [
                    document.error(
                        at: FieldPath(), "the built-in schema and this program disagree about this document",
                        remedy: "report it with the document")
                ]
            }
        }
        self.errors = errors
        self.content = content
        json = value.canonicalText
        specText = value["spec"]?.canonicalText ?? ""
    }

    var location: SourceLocation {
        SourceLocation(file: document.file, line: document.root.position.line, column: document.root.position.column)
    }
}

/// A typed resource that the planner can use.
enum ResourceContent: Hashable, Sendable {
    case node(Node)
    case overlay(Overlay)

    /// - Throws: `DecodingError` where schema and struct disagree.
    init(kind: Kind, _ value: JSONValue) throws {
        switch kind {
        case .node: self = .node(try value.decode(Node.self))
        case .overlay: self = .overlay(try value.decode(Overlay.self))
        case .gateway: throw UnusableKind()
        }
    }

    struct UnusableKind: Error {}

    var node: Node? {
        if case .node(let node) = self { node } else { nil }
    }

    var overlay: Overlay? {
        if case .overlay(let overlay) = self { overlay } else { nil }
    }
}
