internal import Schema

/// What is wrong with a text that is meant for an image, where more can be said than that it is none.
enum ImageProblem {
    /// How other programs say where an image comes from (containers-transports(5)); Podman takes registries here.
    private static let transports = [
        "containers-storage:", "dir:", "docker-archive:", "docker-daemon:", "oci:", "oci-archive:", "ostree:", "sif:",
    ]

    private static let remedy = "write REGISTRY/NAME:TAG or REGISTRY/NAME@DIGEST"

    /// nil for a text that nothing is known against: the pattern decides.
    static func problem(in text: String) -> TextRule.Problem? {
        if let slashes = text.firstRange(of: "://") {
            return .init(
                "begins with \(text[..<slashes.upperBound]), which is not part of an image", remedy: "leave it out")
        }
        if let transport = transports.first(where: { text.hasPrefix($0 + "/") || text.hasPrefix($0 + ".") }) {
            return .init("begins with \(transport), and images come from registries alone", remedy: remedy)
        }
        if text.hasPrefix("sha256:"), text.utf8.count == 71 {
            return .init("is a digest without the image's name", remedy: remedy)
        }
        if text.hasSuffix(":") {
            return .init("ends with a colon and has no tag", remedy: "write the tag, or leave : out")
        }
        guard let part = components(of: text).first(where: { $0.utf8.contains { (0x41...0x5a).contains($0) } }) else {
            return nil
        }
        return .init("has capitals in \(part), which no image's name has", remedy: "write it in lower case")
    }

    /// The components of the path: without registry, tag and digest, whose letters may be capitals.
    private static func components(of text: String) -> [Substring] {
        var parts = text.prefix { $0 != "@" }.split(separator: "/", omittingEmptySubsequences: false)
        if let last = parts.popLast() { parts.append(last.prefix { $0 != ":" }) }
        // What tells a registry from a path (github.com/distribution/reference, normalize.go).
        if parts.count > 1, let first = parts.first,
            first.contains(where: { ".:".contains($0) }) || first == "localhost"
        {
            parts.removeFirst()
        }
        return parts
    }
}
