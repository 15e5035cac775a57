internal import Manifest
internal import Synchronization

/// Where a document stands, as text: its tree is made again for whoever asks for the place of a field.
///
/// A tree with all its positions is many times as large as its text, and only mistakes ask for them.
struct DocumentText: Sendable {
    private let file: FileText
    private let index: Int
    private let position: Position

    init(_ document: Document, in file: FileText) {
        self.file = file
        index = document.index
        position = document.root.position
    }

    /// The place of the deepest node on a path that exists, as `Document.position(at:)` says.
    func position(at path: FieldPath) -> Position {
        guard !path.steps.isEmpty, let document = file.document(index) else { return position }
        return document.position(at: path)
    }

    /// An error at a path of this document.
    func error(at path: FieldPath, _ reason: String, remedy: String) -> ManifestError {
        ManifestError(file: file.path, position: position(at: path), path: path, reason: reason, remedy: remedy)
    }

    var location: SourceLocation {
        SourceLocation(file: file.path, line: position.line, column: position.column)
    }
}

/// A file that parsed, and its trees once somebody has asked for them.
final class FileText: Sendable {
    private let file: ManifestFile
    private let documents = Mutex<[Document]?>(nil)

    init(_ file: ManifestFile) { self.file = file }

    var path: String { file.path }

    fileprivate func document(_ index: Int) -> Document? {
        documents.withLock { documents in
            let all = documents ?? (try? DocumentList.items(of: file).map(\.document)) ?? []
            documents = all
            return all.first { $0.index == index }
        }
    }
}
