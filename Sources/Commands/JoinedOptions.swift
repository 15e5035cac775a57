/// `-ojson` and `-lsite=a` as kubectl reads them: ArgumentParser takes the text before `=` for the option's name.
enum JoinedOptions {
    /// Splits a value from its short option, up to `--`.
    static func split(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        let options = arguments[..<end].flatMap { word -> [String] in
            guard word.count > 2, let name = ["-o", "-l"].first(where: { word.hasPrefix($0) }) else { return [word] }
            // `-o=json`: as the parser reads it.
            return word.dropFirst(2).first == "=" ? [word] : [name, String(word.dropFirst(2))]
        }
        return options + arguments[end...]
    }
}
