internal import Resources

/// What a cell says of its object, shown as a colour on a terminal.
public enum Tone: String, Sendable, Codable {
    case plain
    case good = "32"
    case warning = "33"
    case bad = "31"
}

public struct Cell: Hashable, Sendable {
    public var text: String
    public var tone: Tone = .plain

    public init(_ text: String, _ tone: Tone = .plain) {
        self.text = text
        self.tone = tone
    }

    /// A list on one line; `-` for none.
    public init(list: [String]) { self.init(list.isEmpty ? "-" : list.joined(separator: ",")) }
}

/// A plain text is a string, one with a tone `[TEXT, TONE]`: a page has thousands of them.
extension Cell: Codable {
    public init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self.init(text)
            return
        }
        var parts = try decoder.unkeyedContainer()
        let text = try parts.decode(String.self)
        // A tone that this release does not know changes no text.
        self.init(text, Tone(rawValue: try parts.decode(String.self)) ?? .plain)
    }

    public func encode(to encoder: any Encoder) throws {
        guard tone != .plain else {
            var container = encoder.singleValueContainer()
            return try container.encode(text)
        }
        var parts = encoder.unkeyedContainer()
        try parts.encode(text)
        try parts.encode(tone.rawValue)
    }
}

extension Cell {
    init(readyStatus status: Condition.Status?) {
        switch status {
        case .true: self.init("True", .good)
        case .false: self.init("False", .bad)
        case .unknown: self.init("Unknown", .warning)
        case nil: self.init("-")
        }
    }
}

extension [Condition] {
    subscript(type: Condition.ConditionType) -> Condition? { first { $0.type == type } }

    /// The READY column.
    var readyCell: Cell { Cell(readyStatus: self[.ready]?.status) }

    /// The STATUS column: the reason of the first condition that is not True; `-` when nothing is known.
    var statusCell: Cell {
        for type in Condition.ConditionType.allCases {
            guard let condition = self[type], condition.status != .true else { continue }
            return Cell(condition.reason, condition.status == .false ? .bad : .warning)
        }
        guard let last = self[.ready] ?? self[.programmed] ?? self[.accepted] else { return Cell("-") }
        return Cell(last.reason, .good)
    }
}
