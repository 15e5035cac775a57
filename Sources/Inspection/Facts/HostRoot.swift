internal import Descriptors
internal import Doctor
internal import Glibc

/// The files of a host: `/`, or a directory in its place.
public struct HostRoot: Sendable {
    private let directory: String

    /// - Parameter directory: no slash at its end; empty for the host itself.
    public init(_ directory: String = "") { self.directory = directory }

    /// The real path of a path on the host.
    func real(_ path: String) -> String { directory + path }

    func exists(_ path: String) -> Bool { access(real(path), F_OK) == 0 }

    /// The first of several paths that exists.
    func first(_ paths: [String]) -> String? { paths.first(where: exists) }

    /// The text of a file; nil when it cannot be read.
    func text(_ path: String, limit: Int = 1 << 20) -> String? {
        // O_NONBLOCK: a FIFO under this name must not hang us.
        guard let file = try? Descriptor(opening: real(path), flags: O_RDONLY | O_NONBLOCK),
            let bytes = try? file.readAll(limit: limit)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names in a directory, sorted; none when it cannot be read.
    func names(in path: String) -> [String] {
        guard let stream = opendir(real(path)) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Files of directories that are merged: sorted by name, and of several files with one name only the first
    /// directory's.
    func files(in directories: [String], suffix: String) -> [TextFile] {
        var paths: [String: String] = [:]
        for directory in directories {
            for name in names(in: directory) where name.hasSuffix(suffix) && paths[name] == nil {
                paths[name] = "\(directory)/\(name)"
            }
        }
        return paths.sorted { $0.key < $1.key }.compactMap { _, path in
            text(path).map { TextFile(path: path, text: $0) }
        }
    }

    /// The same below each directory that systemd and similar programs read, in order of precedence.
    func configuration(_ folder: String, suffix: String) -> [TextFile] {
        files(in: ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { "\($0)/\(folder)" }, suffix: suffix)
    }
}
