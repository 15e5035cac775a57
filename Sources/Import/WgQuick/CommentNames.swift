/// A host's name in the comments around its section, in the manners that people and programs write them.
extension ConfigurationText.Section {
    /// The name tag, or a short comment above or below the header.
    var nameInComments: String? {
        nameTag ?? (leading.reversed() + opening).lazy.compactMap(Self.name(inProse:)).first
    }

    /// `# Name = laptop`, `# friendly_name=laptop`.
    var nameTag: String? {
        (opening + inner + leading).lazy.compactMap { value(ofComment: $0, keys: ["name", "friendly_name"]) }.first
    }

    /// `# PublicKey = …`, as programs note it beside a private key.
    var publicKeyInComments: String? {
        (opening + inner).lazy.compactMap { value(ofComment: $0, keys: ["publickey", "public_key", "public key"]) }
            .first
    }

    private func value(ofComment comment: String, keys: Set<String>) -> String? {
        let parts = comment.split(maxSplits: 1) { $0 == "=" || $0 == ":" }.map { trimmed($0) }
        guard parts.count == 2, keys.contains(parts[0].lowercased()), !parts[1].isEmpty else { return nil }
        return parts[1]
    }

    /// Words that say only that a name follows.
    private static let heralds: Set<String> = ["client", "peer", "host", "node", "begin", "begin_peer", "name"]

    /// `laptop`, `Client laptop`, `### begin laptop ###`, `Client: laptop (42)`; nil for sentences and for settings that
    /// are commented out.
    private static func name(inProse comment: String) -> String? {
        // An address of somebody's mail is no name of a host.
        guard !comment.contains("="), !comment.contains("@"), comment.utf8.count <= 40 else { return nil }
        var words = comment.split { $0.isWhitespace || $0 == "#" }
        // `Email:`, `Created at:` begin what a program notes down.
        let notes = words.prefix { !$0.hasSuffix(":") }
        if notes.count < words.count, !heralds.contains(words[notes.count].dropLast().lowercased()) { return nil }
        while let first = words.first, words.count > 1,
            heralds.contains(first.lowercased().filter { $0 != ":" })
        {
            words.removeFirst()
        }
        words = Array(words.prefix { !$0.hasPrefix("(") })
        guard (1...3).contains(words.count), words.contains(where: { $0.utf8.contains(where: isLetterOrDigit) }) else {
            return nil
        }
        return words.joined(separator: "-")
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
