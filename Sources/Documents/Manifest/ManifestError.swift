/// A mistake of an author, printed as `FILE:LINE:COLUMN: path: reason, remedy`. Never holds a raw line of the file.
public struct ManifestError: Error, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// Relative to the manifest directory, not yet escaped.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in characters.
    public var column: Int
    /// `spec.overlays[0].name`; empty for the whole file.
    public var path: String
    public var reason: String
    /// What to write instead; empty when the reason says it.
    public var remedy: String

    public init(file: String, position: Position, path: FieldPath, reason: String, remedy: String) {
        self.file = file
        line = position.line
        column = position.column
        self.path = path.description
        self.reason = reason
        self.remedy = remedy
    }

    public var position: Position { Position(line: line, column: column) }

    public var description: String {
        "\(escaped(file)):\(line):\(column): \(path.isEmpty ? "" : "\(path): ")\(reason)"
            + (remedy.isEmpty ? "" : ", \(remedy)")
    }

    public static func < (a: ManifestError, b: ManifestError) -> Bool {
        (a.file, a.position, a.path, a.reason) < (b.file, b.position, b.path, b.reason)
    }
}
