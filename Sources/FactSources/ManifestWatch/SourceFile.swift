internal import Algorithms

/// One manifest file of a snapshot.
public struct SourceFile: Sendable, Hashable {
    /// The path below the manifest directory, with `/` between components. Invalid UTF-8 shows as U+FFFD;
    /// control characters are as they are: escape them before printing.
    public var path: String
    /// What was read, or why nothing could be.
    public var contents: Contents

    /// A file's bytes, or the reason why its documents keep their last good version.
    public enum Contents: Sendable, Hashable {
        /// The whole file, at most 1 MiB; shared with the previous snapshot when the file did not change.
        case bytes([UInt8])
        /// The file exists and cannot or must not be read. The text gives reason and remedy, without the path.
        /// Where `path` is a symbolic link to a directory, this applies to everything that was below it.
        case unreadable(reason: String)
    }

    /// A file of a snapshot.
    public init(path: String, contents: Contents) {
        self.path = path
        self.contents = contents
    }
}

/// The contents of the manifest directory now.
public enum SourceUpdate: Sendable, Hashable {
    /// Every manifest file, sorted by the bytes of its path: complete, of one moment, stable.
    case snapshot([SourceFile])
    /// The directory as a whole cannot be read completely: nothing may change until the next snapshot.
    case unavailable(reason: String)
}

extension SourceUpdate {
    /// Gives files of a snapshot other contents, in place: what that costs does not grow with the number of files.
    ///
    /// - Returns: whether anything differs now; nil, and nothing is done, when a file is not among them or is
    ///   unreadable, as two names with the same text are.
    mutating func replaceContents(_ changed: [RelativePath: Scan.File]) -> Bool? {
        guard case .snapshot(var files) = self else { return nil }
        // Makes this the only reference to the array, so that changing it copies nothing.
        self = .unavailable(reason: "")
        defer { self = .snapshot(files) }
        var isNew = false
        for path in changed.keys {
            guard let index = files.index(of: path), case .bytes = files[index].contents else { return nil }
        }
        for (path, file) in changed {
            guard let index = files.index(of: path), files[index].contents != file.contents else { continue }
            files[index].contents = file.contents
            isNew = true
        }
        return isNew
    }
}

extension [SourceFile] {
    /// Where a file is in a list that is sorted by the bytes of the paths; nil when it is not in it.
    func index(of path: RelativePath) -> Int? {
        let index = partitioningIndex { !$0.path.utf8.lexicographicallyPrecedes(path.bytes) }
        return index < endIndex && self[index].path.utf8.elementsEqual(path.bytes) ? index : nil
    }
}
