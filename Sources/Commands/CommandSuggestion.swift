internal import ArgumentParser
internal import Schema

/// A mistyped command with the one that was probably meant.
enum CommandSuggestion {
    /// - Returns: nil when the first word is a command, or an option.
    static func text(for arguments: [String]) -> String? {
        guard let word = arguments.first, !word.hasPrefix("-"), !word.hasPrefix("---") else { return nil }
        let names = WgctlCommand.configuration.subcommands.flatMap { command in
            [command._commandName] + command.configuration.aliases
        }
        guard !names.contains(word), word != "help" else { return nil }
        let hint = suggestion(for: word, among: names).map { " (did you mean \($0)?)" } ?? ""
        return "unknown command \"\(word.printable)\"\(hint); commands: \(names.sorted().joined(separator: ", "))"
    }
}
