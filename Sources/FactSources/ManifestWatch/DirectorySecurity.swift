import Glibc

/// Who could replace what a path leads to: every directory on the way, symbolic links included, and what is listed
/// below.
///
/// Trusts root and one owner, as sshd(8) does with StrictModes and `PolicyFile` does for the policy. In a sticky
/// directory of root (/tmp) others cannot replace root's directories, so it may be on the way; it cannot be the
/// manifest directory itself, where everybody could add files.
enum DirectorySecurity {
    /// Why others than root and the directory's owner could change its contents; nil when nobody else could.
    ///
    /// - Parameter root: the opened directory.
    static func fault(of directory: String, opened root: RootDirectory) -> String? {
        guard let status = try? RootDirectory.status(of: root.descriptor) else { return nil }
        if let fault = fault(of: status, named: directory, owner: status.st_uid, canBeSticky: false) { return fault }
        let lookups = PathLookups(base: "")
        var known: Set<RelativePath> = []
        for lookup in lookups.of(RelativePath(bytes: Array(directory.utf8))) {
            let above =
                lookup.directory.bytes.isEmpty
                ? RelativePath(bytes: [UInt8(ascii: "/")]) : lookups.systemPath(lookup.directory)
            guard let parent = self.status(of: above) else { continue }
            if known.insert(above).inserted,
                let fault = fault(of: parent, named: above.text, owner: status.st_uid, canBeSticky: true)
            {
                return fault
            }
            // In a sticky directory anybody can create the entry first, so it must belong to root.
            let entry = lookups.systemPath(lookup.directory.appending(lookup.name))
            if parent.st_mode & S_ISVTX != 0, parent.st_mode & 0o022 != 0, let link = self.status(of: entry),
                link.st_uid != 0
            {
                return "\(entry.text) belongs to user \(link.st_uid) in \(above.text), where everybody can make it; "
                    + "chown root it, or keep the manifests elsewhere"
            }
        }
        return nil
    }

    /// Why others than root and an owner could write one directory; nil when they could not.
    static func fault(
        of status: stat, named name: String, owner: uid_t, canBeSticky: Bool = false
    ) -> String? {
        guard status.st_uid == 0 || status.st_uid == owner else {
            return "\(name) belongs to user \(status.st_uid), who could replace what is in it; chown root it"
        }
        if canBeSticky, status.st_mode & S_ISVTX != 0, status.st_uid == 0 { return nil }
        if status.st_mode & 0o002 != 0 {
            return "\(name) is writable by everybody, who could then rule this host; chmod o-w it"
        }
        if status.st_mode & 0o020 != 0, status.st_gid != 0 {
            return
                "\(name) is writable by group \(status.st_gid), whose members could then rule this host; chmod g-w it"
        }
        return nil
    }

    private static func status(of path: RelativePath) -> stat? {
        var status = stat()
        return path.withCString({ lstat($0, &status) }) == 0 ? status : nil
    }
}
