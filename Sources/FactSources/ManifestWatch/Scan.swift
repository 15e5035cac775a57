/// One walk over the manifest directory.
struct Scan {
    struct File: Hashable {
        var identity: FileIdentity
        var contents: SourceFile.Contents

        var size: Int {
            if case .bytes(let bytes) = contents { bytes.count } else { 0 }
        }
    }

    var files: [RelativePath: File] = [:]
    /// Of all contents.
    var totalBytes = 0
    /// Every directory that was listed, as it was before it was listed.
    var directories: [RelativePath: FileIdentity] = [:]
    var mounts: [RelativePath: MountIdentity] = [:]
    /// Where something changed during the scan: only its cache is of use then.
    var changing: Set<RelativePath> = []

    /// The files as they are published. Two names that are one `String` (invalid UTF-8, two spellings of an accent)
    /// look the same to every reader of the path, so both are unreadable.
    var sourceFiles: [SourceFile] {
        var sources: [SourceFile] = []
        var positions: [String: Int] = [:]
        for (path, file) in files.sorted(by: { $0.key < $1.key }) {
            if let other = positions[path.text] {
                sources[other].contents = .unreadable(
                    reason: "shares its name, but for the spelling in bytes, with another file; rename one of them")
                continue
            }
            positions[path.text] = sources.count
            let contents =
                path.isValidText ? file.contents : .unreadable(reason: "has a name that is not UTF-8; rename it")
            sources.append(SourceFile(path: path.text, contents: contents))
        }
        return sources
    }

    /// How many bytes more there are with `changed` in place of what was there.
    func growth(with changed: [RelativePath: File]) -> Int {
        changed.reduce(0) { $0 + $1.value.size - (files[$1.key]?.size ?? 0) }
    }

    mutating func replace(_ changed: [RelativePath: File]) {
        totalBytes += growth(with: changed)
        files.merge(changed) { _, new in new }
    }

    /// Files of `earlier` that are gone, sorted.
    func vanished(since earlier: Scan) -> [RelativePath] {
        earlier.files.keys.filter { files[$0] == nil }.sorted()
    }

    /// Files that had contents in `earlier` and are empty now, sorted.
    func emptied(since earlier: Scan) -> [RelativePath] {
        files.filter { path, file in
            guard file.contents == .bytes([]), case .bytes(let before)? = earlier.files[path]?.contents else {
                return false
            }
            return !before.isEmpty
        }.keys.sorted()
    }

    /// The directory whose unmounting, or a mount over it, made a file of `earlier` vanish.
    func remounted(since earlier: Scan) -> RelativePath? {
        for path in vanished(since: earlier) {
            for directory in path.ancestors {
                if let mount = mounts[directory], let before = earlier.mounts[directory], mount != before {
                    return directory
                }
            }
        }
        return nil
    }
}

/// Why a directory as a whole gave no scan.
struct ScanFailure: Error, Hashable {
    var reason: String
}
