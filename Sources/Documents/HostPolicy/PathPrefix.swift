/// An absolute path by its components, as text: nothing is looked up, so symbolic links stand for themselves.
struct PathPrefix: Hashable {
    let components: [Substring]

    /// nil with a `..`, which would make the text lie about where it leads. `//` and `/./` are `/`.
    init?(_ path: String) {
        components = path.split(separator: "/").filter { $0 != "." }
        if components.contains("..") { return nil }
    }

    /// Whether a path is this one or below it.
    func contains(_ other: PathPrefix) -> Bool { other.components.starts(with: components) }
}
