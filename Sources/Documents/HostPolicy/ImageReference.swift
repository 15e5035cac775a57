/// Where an image comes from: `REGISTRY/PATH[:TAG][@DIGEST]`, by the rules of
/// github.com/distribution/reference (normalize.go), which Podman follows too.
struct ImageReference: Hashable {
    /// The registry, then the components of the path; without tag and digest.
    let components: [Substring]

    /// nil for a short name or an image id, which names no registry: Podman looks such a name up in its own
    /// registries.conf(5), so only the host knows where it leads.
    init?(_ text: String) {
        let name = text.prefix { $0 != "@" }
        var parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, let registry = parts.first, let last = parts.last,
            registry.contains(".") || registry.contains(":") || registry == "localhost"
        else { return nil }
        // A colon after the last slash begins the tag.
        parts[parts.count - 1] = last.prefix { $0 != ":" }
        if registry == "index.docker.io" { parts[0] = "docker.io" }
        if parts[0] == "docker.io", parts.count == 2 { parts.insert("library", at: 1) }
        components = parts
    }

    /// Whether it begins with `REGISTRY[/PATH]`, matched by whole components.
    func isBelow(_ prefix: String) -> Bool { components.starts(with: prefix.split(separator: "/")) }
}
