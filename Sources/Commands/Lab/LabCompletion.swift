internal import ArgumentParser
internal import Lab

/// What a shell offers where a lab or one of its hosts is to be named.
enum LabCompletion {
    static let labs = CompletionKind.custom { _, _, _ in Lab.names() }

    /// Hosts of the lab that the words before name.
    static let hosts = CompletionKind.custom { words, _, _ in
        (try? Lab(name: lab(in: words)).hostNames) ?? []
    }

    /// The value of `--name`, or the lab that commands without it are about.
    static func lab(in words: [String]) -> String {
        var name: String?
        for (index, word) in words.enumerated() {
            if word == "--name", words.indices.contains(index + 1) { name = words[index + 1] }
            // Bash breaks words at an equals sign.
            if name == "=", words.indices.contains(index + 2) { name = words[index + 2] }
            if word.hasPrefix("--name=") { name = String(word.dropFirst("--name=".count)) }
        }
        return name.flatMap { $0.isEmpty ? nil : $0 } ?? LabNameOption.defaultName
    }
}
