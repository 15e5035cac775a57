internal import Glibc

/// What makes a namespace look like a machine of its own: its /run, its state, its containers, its names.
///
/// Runs as a host's pid 1 in a private mount namespace, so all of it goes away with the host.
struct HostMounts {
    let folder: HostFolder

    /// Where a directory is put together before it is moved to its place.
    private static let scratch = "/run/.lab-scratch"

    func apply() throws(LabError) {
        try mountFilesystem("proc", on: "/proc")
        // Empty: no trace of the machine's own daemons, nor of another host's /run/wireguard and /run/netns.
        try mountFilesystem("tmpfs", on: "/run", options: "mode=0755")
        for directory in ["/run/lock", "/run/podman"] { try makeDirectory(directory) }
        try rebuild("/var/lib", adding: ["wgctl", "containers"])
        try bind(folder.wgctlState, on: "/var/lib/wgctl")
        try bind(folder.containerStorage, on: "/var/lib/containers")
        try bind(folder.etcContainers, on: "/etc/containers")
        try bind(folder.etcHosts, on: "/etc/hosts")
        if access(folder.etcDefault, F_OK) == 0 { try bind(folder.etcDefault, on: "/etc/default") }
        if access("/etc/hostname", F_OK) == 0 { try bind(folder.etcHostname, on: "/etc/hostname") }
        try completeCgroups()
    }

    /// With cgroup v1, crun insists on every controller that the kernel has; machines often leave hugetlb out.
    private func completeCgroups() throws(LabError) {
        guard LabCgroups.lacksHugetlb else { return }
        try rebuild(LabCgroups.root, adding: ["hugetlb"])
        try mountFilesystem("cgroup", on: "\(LabCgroups.root)/hugetlb", options: "hugetlb")
    }

    /// Puts an equal directory in a directory's place, with room for more: each entry a bind mount of the old one.
    ///
    /// A mount point that the machine lacks can be added this way without making it on the machine.
    private func rebuild(_ directory: String, adding names: [String]) throws(LabError) {
        let missing = names.filter { access("\(directory)/\($0)", F_OK) != 0 }
        if missing.isEmpty { return }
        try makeDirectory(Self.scratch)
        try mountFilesystem("tmpfs", on: Self.scratch, options: "mode=0755")
        for name in listDirectory(directory) {
            let (old, new) = ("\(directory)/\(name)", "\(Self.scratch)/\(name)")
            var status = stat()
            guard lstat(old, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                try makeDirectory(new)
                try bind(old, on: new)
            case S_IFREG:
                try writeFile("", to: new)
                try bind(old, on: new)
            case S_IFLNK:
                var target = [CChar](repeating: 0, count: Int(PATH_MAX))
                guard readlink(old, &target, target.count - 1) > 0, symlink(target, new) == 0 else {
                    throw .system(call: "symlink", subject: new, errno: errno)
                }
            default: continue
            }
        }
        for name in missing { try makeDirectory("\(Self.scratch)/\(name)") }
        guard mount(Self.scratch, directory, nil, UInt(MS_MOVE), nil) == 0 else {
            throw .system(call: "mount --move", subject: directory, errno: errno)
        }
        rmdir(Self.scratch)
    }

    private func bind(_ source: String, on target: String) throws(LabError) {
        guard mount(source, target, nil, UInt(MS_BIND | MS_REC), nil) == 0 else {
            throw .system(call: "mount --bind \(source)", subject: target, errno: errno)
        }
    }

    private func mountFilesystem(_ type: String, on target: String, options: String = "") throws(LabError) {
        guard mount(type, target, type, 0, options) == 0 else {
            throw .system(call: "mount -t \(type)", subject: target, errno: errno)
        }
    }
}
