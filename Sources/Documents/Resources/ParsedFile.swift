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
            var left: Set<String?> = []
            self = .documents(
                try DocumentList.items(of: file).compactMap { item in
                    let place = DocumentText(item.document, in: text)
                    guard let note = DocumentList.note(on: item) else {
                        return ParsedDocument(item.document, text: place, catalog: catalog)
                    }
                    // Said once for each kind, not for ten thousand peers.
                    let kind = SchemaCatalog.identity(of: item.document).kind
                    return left.insert(kind).inserted ? ParsedDocument(leftOut: note, text: place) : nil
                })
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
    /// Why it is left out, which is no mistake; nil for a document that counts.
    let note: ManifestError?

    init(leftOut note: ManifestError, text: DocumentText) {
        self.text = text
        self.note = note
        (key, errors, resource, nulls) = (nil, [], nil, [])
    }

    init(_ document: Document, text: DocumentText, catalog: SchemaCatalog) {
        self.text = text
        note = nil
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
