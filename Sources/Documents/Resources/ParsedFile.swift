internal import JSON
internal import Manifest
internal import Schema

/// What one file holds, by its content alone: kept as long as the content stays.
enum ParsedFile: Sendable {
    case broken(ManifestError)
    /// Nothing but white space: what a torn write or an accident leaves, so it deletes nothing.
    case blank
    case documents([ParsedDocument])

    init(_ file: ManifestFile, catalog: SchemaCatalog) {
        if case .bytes(let bytes) = file.contents, bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0d).contains($0) }) {
            self = .blank
            return
        }
        do throws(ManifestError) {
            let text = FileText(file)
            self = .documents(
                try file.documents().map { ParsedDocument($0, text: DocumentText($0, in: text), catalog: catalog) })
        } catch {
            self = .broken(error)
        }
    }
}

/// One document, validated as far as it can be alone.
struct ParsedDocument: Sendable {
    let text: DocumentText
    /// nil when the document does not say which resource it is.
    let key: ResourceKey?
    let errors: [ManifestError]
    /// nil with errors, and for a Gateway.
    let resource: TypedResource?
    /// Fields that are written without a value.
    let nulls: [NullField]

    init(_ document: Document, text: DocumentText, catalog: SchemaCatalog) {
        self.text = text
        let (_, kindText, name) = SchemaCatalog.identity(of: document)
        let kindErrors = catalog.kindErrors(of: document)
        guard kindErrors.isEmpty, let kindText, let kind = Kind(rawValue: kindText),
            let definition = catalog.definition(named: kindText)
        else {
            errors = (document.errors + kindErrors).sorted()
            (key, resource, nulls) = (nil, nil, [])
            return
        }
        let result = definition.validate(
            document, textRules: TextRules.all, mirrored: MirroredRules.messages(for: kind))
        nulls = result.nulls.map { NullField(path: $0, in: document, value: result.value) }
        key = result.isNameValid ? name.map { ResourceKey(kind, $0) } : nil
        guard result.errors.isEmpty, kind != .gateway else {
            (errors, resource) = (result.errors, nil)
            return
        }
        do {
            let decoded = try TypedResource(kind: kind, json: result.value.canonicalText)
            errors = DocumentChecks.errors(in: decoded.content, document).sorted()
            resource = errors.isEmpty ? decoded : nil
        } catch {
            // Its own text may quote a value.
            errors = [
                document.error(
                    at: FieldPath(), "the built-in schema and this program disagree about this document",
                    remedy: "report it with the document")
            ]
            resource = nil
        }
    }

    var location: SourceLocation { text.location }
}
