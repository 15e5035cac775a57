/// Where a volume is mounted in a container, as the path that it leads to.
struct MountPath: Hashable {
    /// Without empty ones and `.`: `//srv/./a/` is `/srv/a`.
    let components: [Substring]

    init(_ path: String) { components = path.split(separator: "/").filter { $0 != "." } }

    /// What runtimes let mount below /proc: the files that lxcfs provides (runc, libcontainer/rootfs_linux.go).
    private static let procFiles: Set<Substring> = [
        "cpuinfo", "diskstats", "loadavg", "meminfo", "slabinfo", "stat", "swaps", "uptime",
    ]

    /// Why nothing may be mounted there; nil when it may. A directory below /sys or /dev is mounted in practice (a device,
    /// /dev/shm, /sys/fs/cgroup); over these directories themselves, or below /proc, no container works as it should, and
    /// a mount over /proc can take its confinement away.
    var problem: (reason: String, remedy: String)? {
        let shown = "/" + components.joined(separator: "/")
        if components.contains("..") { return ("has the component \"..\"", "write the path that it leads to") }
        switch (components.first, components.count) {
        case (nil, _): return ("/ is the container's root, which its image provides", "mount to a directory below it")
        case ("sys", 1), ("dev", 1), ("proc", 1):
            return ("\(shown) is the kernel's, and a container needs its own", "mount to another directory")
        case ("proc", 2) where MountPath.procFiles.contains(components[1]): return nil
        case ("proc", _):
            return (
                "\(shown) lies below /proc, which is the kernel's, and a container needs its own",
                "mount to another directory"
            )
        default: return nil
        }
    }
}
