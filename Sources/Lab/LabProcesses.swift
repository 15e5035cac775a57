internal import Glibc

/// The processes of a lab: those whose network namespace is one that this lab made.
///
/// The namespace's file in the lab's folder holds its inode, which no other namespace can have meanwhile, so this
/// is a proof of ownership that needs no record and survives a crash at any moment.
enum LabProcesses {
    /// Device and inode of a namespace's file.
    struct NamespaceID: Hashable { let device: UInt64, inode: UInt64 }

    /// The namespaces whose files are mounted in a folder; a file without a mount has the folder's own device.
    ///
    /// The mounts are seen in the mount namespace alone in which the lab was started: elsewhere the processes that the
    /// lab recorded say which namespaces are its.
    static func namespaces(in folder: LabFolder) -> Set<NamespaceID> {
        let mounted = namespaces(files: listDirectory(folder.namespaces).map { folder.namespace($0) }, in: folder)
        let records = listDirectory("\(folder.path)/hosts").map { folder.host($0).initRecord } + [folder.followerRecord]
        let all = mounted.union(
            records.compactMap { recorded(at: $0) }.compactMap { identity(of: "/proc/\($0.pid)/ns/net") })
        // Whatever a record says: this machine's own namespace, and the caller's, are no lab's.
        return all.subtracting(["/proc/1/ns/net", "/proc/self/ns/net"].compactMap { identity(of: $0) })
    }

    /// A process of the lab that runs; nil when it has ended.
    static func recorded(at path: String) -> ProcessIdentity? {
        guard let recorded = try? decodeJSON(ProcessIdentity.self, at: path),
            identity(ofProcess: recorded.pid) == recorded
        else { return nil }
        return recorded
    }

    /// The same of some files only.
    static func namespaces(files: [String], in folder: LabFolder) -> Set<NamespaceID> {
        guard let parent = identity(of: folder.namespaces) else { return [] }
        return Set(files.compactMap { identity(of: $0) }.filter { $0.device != parent.device })
    }

    /// Pids in the namespaces, ascending. Our own is never among them.
    static func pids(in namespaces: Set<NamespaceID>) -> [pid_t] {
        guard !namespaces.isEmpty else { return [] }
        return listDirectory("/proc").compactMap { pid_t($0) }.filter { pid in
            guard pid != getpid(), let id = identity(of: "/proc/\(pid)/ns/net") else { return false }
            return namespaces.contains(id)
        }.sorted()
    }

    /// Kills them all and waits until they are gone. With a host's pid 1 die all processes of its pid namespace.
    ///
    /// - Throws: `LabError.processesRemain` after 20 s.
    static func killAll(in namespaces: Set<NamespaceID>) throws(LabError) {
        let deadline = ContinuousClock.now + .seconds(20)
        var killed: Set<pid_t> = []
        // Those that are children of this very process are reaped here; the system's init reaps the others.
        defer { for pid in killed { waitpid(pid, nil, WNOHANG) } }
        while true {
            let remaining = pids(in: namespaces)
            if remaining.isEmpty { return }
            guard ContinuousClock.now < deadline else { throw .processesRemain(remaining) }
            for pid in remaining { kill(pid, SIGKILL) }
            killed.formUnion(remaining)
            usleep(5_000)
        }
    }

    /// nil when no process has the pid, or a dead one that is not yet reaped.
    static func identity(ofProcess pid: pid_t) -> ProcessIdentity? {
        // The name in parentheses may hold anything; the fields are counted from its end (proc(5)).
        guard let text = readFile("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", let start = UInt64(fields[19]) else { return nil }
        return ProcessIdentity(pid: pid, startTime: start)
    }

    private static func identity(of path: String) -> NamespaceID? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return NamespaceID(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
