internal import Descriptors
internal import Glibc
internal import Manifest
internal import ManifestWatch

/// The policy file of this host, which counts only if nobody but root can change it.
struct PolicyFile: Sendable {
    let path: String
    /// Its authors must not be able to write the policy.
    let manifestDirectory: String

    /// The result of reading the file.
    enum Contents: Hashable, Sendable {
        /// There is none: the default is in force.
        case absent
        case bytes([UInt8])
        /// It does not count; the reason and its remedy.
        case refused(String)
    }

    /// Reads it and checks who can write it. Blocks, on a local file of at most 1 MiB.
    func read() -> Contents {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return errno == ENOENT ? .absent : .refused("cannot be read: \(SystemError.text(of: errno))")
        }
        guard let real = PolicyFile.realPath(path) else {
            return .refused("leads nowhere: \(SystemError.text(of: errno)); put the file itself there")
        }
        if let directory = PolicyFile.realPath(manifestDirectory), (real + "/").hasPrefix(directory + "/") {
            return .refused(
                "lies in the manifest directory, whose authors it is to bound; keep it elsewhere, such as in /etc/wgctl"
            )
        }
        // From the root directory down: whoever can write a directory can put another file there.
        var prefix = ""
        for name in real.split(separator: "/") {
            if let fault = PolicyFile.fault(of: prefix.isEmpty ? "/" : prefix) { return .refused(fault) }
            prefix += "/\(name)"
        }
        if let fault = PolicyFile.fault(of: real) { return .refused(fault) }
        do throws(ManifestScan.Failure) {
            switch try ManifestScan.file(real).contents {
            case .bytes(let bytes): return .bytes(bytes)
            case .unreadable(let reason): return .refused(reason)
            }
        } catch {
            return .refused("cannot be read: \(error)")
        }
    }

    /// Why others than root can change a file or directory; nil when nobody can. As sshd(8) StrictModes.
    private static func fault(of path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return "cannot be read: \(path): \(SystemError.text(of: errno))" }
        let name = escaped(path)
        guard status.st_uid == 0 else {
            return "\(name) belongs to user \(status.st_uid), who could change it; chown root it"
        }
        // In a sticky directory (/tmp) nobody but root can replace root's files.
        let isSticky = status.st_mode & S_IFMT == S_IFDIR && status.st_mode & S_ISVTX != 0
        guard status.st_mode & 0o022 == 0 || isSticky else {
            return "\(name) is writable by others than root; chmod go-w it"
        }
        return nil
    }

    private static func realPath(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
