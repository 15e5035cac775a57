/// A place in a file, as editors count.
public struct Position: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    public static let start = Position(line: 1, column: 1)

    public var description: String { "\(line):\(column)" }

    public static func < (a: Position, b: Position) -> Bool {
        a.line == b.line ? a.column < b.column : a.line < b.line
    }
}

/// A way down a tree, printed as `spec.overlays[0].name`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    public enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) { self.steps = steps }

    /// A path of mapping keys alone.
    public init(keys: String...) { steps = keys.map { .key($0) } }

    public static func + (path: FieldPath, key: String) -> FieldPath { FieldPath(path.steps + [.key(key)]) }
    public static func + (path: FieldPath, index: Int) -> FieldPath { FieldPath(path.steps + [.index(index)]) }

    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .key(let key) where key.utf8.allSatisfy(FieldPath.isPlain) && !key.isEmpty:
                text += text.isEmpty ? key : ".\(key)"
            case .key(let key): text += "[\(quoted(key))]"
            }
        }
        return text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
            || byte == 0x2d || byte == 0x5f
    }
}
