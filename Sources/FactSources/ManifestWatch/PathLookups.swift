import Glibc

/// The directory entries that a path goes through, symbolic links resolved. Replacing one of them (`..data` of a
/// ConfigMap volume) changes what the path leads to, and causes a notification only for the directory that contains it.
struct PathLookups {
    struct Lookup: Hashable {
        /// The directory, below `base`.
        var directory: RelativePath
        var name: [UInt8]
    }

    /// Where lookups start: "" for the file system's root, `/proc/self/fd/N` for an opened directory, which ".."
    /// and absolute links then may not leave.
    var base: String

    /// Every lookup of `path`, in order. Ends early at a missing entry, at a link that leaves the base, and after
    /// 40 links (the kernel's limit, path_resolution(7)).
    func of(_ path: RelativePath) -> [Lookup] {
        var pending = Self.components(path.bytes)[...]
        var directories: [[UInt8]] = []
        var lookups: [Lookup] = []
        var links = 0
        while let name = pending.popFirst() {
            if name == Array("..".utf8) {
                if directories.popLast() == nil, !base.isEmpty { return lookups }
                continue
            }
            let directory = RelativePath(bytes: Array(directories.joined(separator: [UInt8(ascii: "/")])))
            lookups.append(Lookup(directory: directory, name: name))
            guard let target = readLink(directory.appending(name)) else {
                directories.append(name)
                continue
            }
            links += 1
            guard links <= 40 else { return lookups }
            if target.first == UInt8(ascii: "/") {
                guard base.isEmpty else { return lookups }
                directories = []
            }
            pending = (Self.components(target) + pending)[...]
        }
        return lookups
    }

    /// `base` and a path below it, for a system call.
    func systemPath(_ path: RelativePath) -> RelativePath {
        RelativePath(bytes: Array(base.utf8) + [UInt8(ascii: "/")] + path.bytes)
    }

    private func readLink(_ path: RelativePath) -> [UInt8]? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = systemPath(path).withCString { readlink($0, &buffer, buffer.count) }
        return count < 0 ? nil : buffer[..<count].map { UInt8(bitPattern: $0) }
    }

    private static func components(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != [UInt8(ascii: ".")] }
    }
}
