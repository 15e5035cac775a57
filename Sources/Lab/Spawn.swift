internal import Glibc
internal import Synchronization

/// Held while descriptors are made that no child may inherit, and while a child is made (Go's `syscall.ForkLock`).
let spawnLock = Mutex(())

/// Starts a program found in `PATH` or the system's directories.
///
/// The child gets default signals and an empty mask, whatever this process has set.
/// - Parameter path: The file to run in place of the one that `arguments[0]` names.
/// - Throws: `LabError.missingProgram` with the package to install, `.system`.
func spawn(
    _ arguments: [String], path: String? = nil, newSession: Bool = false,
    files: (inout posix_spawn_file_actions_t) -> Void
) throws(LabError) -> pid_t {
    let program = if let path { path } else { try ProgramPath.find(arguments[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    files(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // 0x80 is POSIX_SPAWN_SETSID (<spawn.h>), which is visible to GNU sources only.
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | (newSession ? 0x80 : 0))
    var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    vector.append(nil)
    defer { for pointer in vector { free(pointer) } }
    var variables: [UnsafeMutablePointer<CChar>?] = environment().map { strdup("\($0.key)=\($0.value)") }
    variables.append(nil)
    defer { for pointer in variables { free(pointer) } }
    var pid: pid_t = 0
    let code = spawnLock.withLock { _ in
        // What others opened without CLOEXEC (a shell's descriptors, Foundation's sockets) would live on in a daemon.
        for descriptor in listDirectory("/proc/self/fd").compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        return posix_spawn(&pid, program, &actions, &attributes, vector, variables)
    }
    guard code == 0 else { throw .system(call: "posix_spawn", subject: program, errno: code) }
    return pid
}

/// Starts a program that lives on, in a session of its own, with both outputs appended to a log file.
func spawnDaemon(_ arguments: [String], path: String? = nil, log: String) throws(LabError) -> pid_t {
    try spawn(arguments, path: path, newSession: true) { actions in
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o640)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
}

/// "exited with 1" or "was killed by signal 9", from a wait status (wait(2)).
func describeExit(_ status: Int32) -> String {
    let signal = status & 0x7f
    return signal == 0 ? "exited with \((status >> 8) & 0xff)" : "was killed by signal \(signal)"
}

/// Where the system's programs are, and which Debian package brings each.
enum ProgramPath {
    private static let packages = [
        "ip": "iproute2", "nft": "nftables", "nsenter": "util-linux", "unshare": "util-linux", "tee": "coreutils",
        "tar": "tar", "tail": "coreutils", "wg": "wireguard-tools", "podman": "podman netavark crun aardvark-dns",
    ]

    static func find(_ name: String) throws(LabError) -> String {
        if name.contains("/") { return name }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        for directory in directories where access("\(directory)/\(name)", X_OK) == 0 { return "\(directory)/\(name)" }
        throw .missingProgram(name, package: packages[name] ?? name)
    }
}
