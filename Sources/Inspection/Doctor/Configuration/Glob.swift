/// Shell patterns as fnmatch(3) has them, but for brackets' negation and classes.
enum Glob {
    static func matches(_ pattern: some StringProtocol, _ name: String) -> Bool {
        matches(Array(pattern)[...], Array(name)[...])
    }

    private static func matches(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        switch first {
        case "*":
            return matches(pattern.dropFirst(), name) || (!name.isEmpty && matches(pattern, name.dropFirst()))
        case "?": return !name.isEmpty && matches(pattern.dropFirst(), name.dropFirst())
        case "[":
            guard let close = pattern.firstIndex(of: "]"), let character = name.first else { return false }
            let set = pattern[pattern.index(after: pattern.startIndex)..<close]
            return contains(set, character) && matches(pattern[(close + 1)...], name.dropFirst())
        default: return name.first == first && matches(pattern.dropFirst(), name.dropFirst())
        }
    }

    /// `0-9abc`
    private static func contains(_ set: ArraySlice<Character>, _ character: Character) -> Bool {
        var rest = set
        while let first = rest.popFirst() {
            if rest.count >= 2, rest.first == "-" {
                rest.removeFirst()
                if let last = rest.popFirst(), first <= character, character <= last { return true }
            } else if first == character {
                return true
            }
        }
        return false
    }
}
