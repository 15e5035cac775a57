internal import Foundation

/// A container image for hosts that reach no registry: `--image NAME=TARFILE`.
public struct LabImage: Hashable, Sendable, Codable {
    /// As the manifests write it: `docker.io/library/alpine:3.20`.
    public let name: String
    /// An absolute path.
    public let path: String

    /// Parses `NAME=TARFILE`.
    ///
    /// - Throws: `LabError.badImageOption` when a part is missing or the file is not readable.
    public init(parsing text: String) throws(LabError) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, FileManager.default.isReadableFile(atPath: parts[1]) else {
            throw .badImageOption(text)
        }
        name = parts[0]
        path = URL(fileURLWithPath: parts[1]).standardizedFileURL.path
    }

    /// An archive of `podman save` or `docker save` (it has an index) is loaded; a root file system is imported.
    func install(enter: ([String]) -> [String]) throws(LabError) {
        let entries = try Command(["tar", "--list", "--file", path]).run().split(separator: "\n")
        let isArchive = entries.contains { ["manifest.json", "index.json", "./index.json"].contains($0) }
        guard isArchive else {
            // Quiet, and through standard input: the file may lie where the host has a mount of its own.
            try Command(enter(["podman", "import", "--quiet", "-", name]), inputPath: path, timeout: .seconds(300))
                .run()
            return
        }
        let output = try Command(enter(["podman", "load", "--quiet"]), inputPath: path, timeout: .seconds(300)).run()
        // "Loaded image: NAME", one line each; one image may have been saved under another name, or as an id.
        let loaded = output.split(separator: "\n").compactMap { line in
            line.range(of: "Loaded image").flatMap { _ in line.split(separator: " ").last.map(String.init) }
        }
        if let first = loaded.first, !loaded.contains(name) {
            try Command(enter(["podman", "tag", first, name])).run()
        }
    }
}
