internal import Glibc

/// The cgroups that Podman made for a lab's containers and that a killed host leaves behind.
///
/// A container's cgroup carries its id, and the ids stand in the storage of the lab's own hosts: so only theirs go.
struct LabCgroups {
    static let root = "/sys/fs/cgroup"

    private let containerIDs: Set<String>

    /// Reads the ids from the names in each host's container storage.
    init(hosts: [HostFolder]) {
        var ids: Set<String> = []
        for host in hosts {
            for driver in ["overlay", "vfs"] {
                let names = listDirectory("\(host.containerStorage)/storage/\(driver)-containers")
                ids.formUnion(names.filter { $0.utf8.count == 64 })
            }
        }
        containerIDs = ids
    }

    /// Removes them from every hierarchy. Their processes are dead by now, so they are empty.
    ///
    /// - Parameter scratch: A directory for the mount of a hierarchy that the machine itself has not mounted.
    func remove(scratch: String) throws(LabError) {
        guard !containerIDs.isEmpty else { return }
        guard Self.isVersion1 else { return remove(below: Self.root) }
        for hierarchy in listDirectory(Self.root) { remove(below: "\(Self.root)/\(hierarchy)") }
        guard Self.lacksHugetlb else { return }
        try makeDirectory(scratch)
        guard mount("cgroup", scratch, "cgroup", 0, "hugetlb") == 0 else {
            throw .system(call: "mount -t cgroup", subject: scratch, errno: errno)
        }
        remove(below: scratch)
        guard umount2(scratch, Int32(MNT_DETACH)) == 0 else {
            throw .system(call: "umount", subject: scratch, errno: errno)
        }
    }

    private static var isVersion1: Bool { access("\(root)/cgroup.controllers", F_OK) != 0 }

    /// Whether the kernel has the controller of cgroup v1, and the machine has not mounted it. A directory of the name
    /// says nothing: one that somebody made for a mount stays behind, and takes crun's files like any other.
    static var lacksHugetlb: Bool {
        let isMounted = (readFile("/proc/self/mounts") ?? "").contains(" \(root)/hugetlb cgroup ")
        return isVersion1 && !isMounted && (readFile("/proc/cgroups") ?? "").contains("\nhugetlb\t")
    }

    private func remove(below hierarchy: String) {
        let parent = "\(hierarchy)/libpod_parent"
        for name in listDirectory(parent) {
            let id = String(name.split(separator: "-").last ?? "")
            if name.hasPrefix("libpod-"), containerIDs.contains(id) { removeTree("\(parent)/\(name)") }
        }
        // Fails, as it should, while it holds another Podman's containers.
        rmdir(parent)
    }

    /// A cgroup's files cannot be unlinked: only its directories are removed, the innermost first.
    private func removeTree(_ path: String) {
        for name in listDirectory(path) {
            var status = stat()
            if lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                removeTree("\(path)/\(name)")
            }
        }
        // A process that was killed leaves its cgroup a moment after it has gone from /proc.
        var attempts = 0
        while rmdir(path) != 0, errno == EBUSY, attempts < 400 {
            attempts += 1
            usleep(5_000)
        }
    }
}
