/// Files of sysctl.d(5).
enum SysctlFile {
    struct Assignment: Hashable {
        /// The path below /proc/sys.
        var key: String
        var value: String
        var path: String
    }

    static func assignments(_ file: TextFile) -> [Assignment] {
        file.text.split(separator: "\n").compactMap { line in
            let line = line.trimmed
            guard !line.hasPrefix("#"), !line.hasPrefix(";"), let equals = line.firstIndex(of: "=") else { return nil }
            // A dash in front only silences errors.
            let key = line[..<equals].trimmed.drop { $0 == "-" }
            return Assignment(
                key: path(of: key), value: line[line.index(after: equals)...].trimmed, path: file.path)
        }
    }

    /// The first separator of a key decides which one it uses; in the dotted form a slash means a dot.
    private static func path(of key: Substring) -> String {
        guard key.first(where: { $0 == "." || $0 == "/" }) == "." else { return String(key) }
        return String(key.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
    }
}
