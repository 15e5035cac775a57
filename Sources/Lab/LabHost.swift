internal import Glibc

/// One host of a lab, from outside.
struct LabHost: Sendable {
    let name: String
    let folder: HostFolder
    let namespace: NetworkNamespace

    var revisions: Revisions { Revisions(path: folder.deliveries) }

    /// Makes the host's folder: its state, its key, its /etc files. Returns its public key.
    ///
    /// - Parameter settings: its `/etc/default/wgd`.
    func prepare(
        hostsFile: String, executable: String, settings: String, configuration: HostConfiguration
    ) throws(LabError) -> String {
        for directory in [folder.wgctlState, folder.containerStorage, folder.programs, folder.logs] {
            try makeDirectory(directory)
        }
        try writeFile(hostsFile, to: folder.etcHosts)
        try writeFile(name + "\n", to: folder.etcHostname)
        try prepareContainersConfiguration()
        if access("/etc/default", F_OK) == 0 {
            try Command(["cp", "--archive", "/etc/default", folder.etcDefault]).run()
            try writeFile(settings, to: "\(folder.etcDefault)/wgd")
        }
        try prepareProgram(executable)
        try writeFile(encodeJSON(configuration), to: folder.configuration)
        return try HostKeys.make(in: folder)
    }

    /// wgctl and wgd in the host's search path: links, or a copy where a link would lead into what hosts have anew.
    private func prepareProgram(_ executable: String) throws(LabError) {
        var target = executable
        if LabFolder.isHidden(executable) {
            target = "\(folder.path)/program"
            try Command(["cp", executable, target]).run()
        }
        for program in ["wgctl", "wgd"] where symlink(target, "\(folder.programs)/\(program)") != 0 {
            throw .system(call: "symlink", subject: "\(folder.programs)/\(program)", errno: errno)
        }
    }

    /// The machine's /etc/containers (policy, registries) with networks and an engine configuration of its own.
    private func prepareContainersConfiguration() throws(LabError) {
        guard access("/etc/containers", F_OK) == 0 else {
            throw .missingProgram("podman", package: "podman netavark crun aardvark-dns")
        }
        try Command(["cp", "--archive", "/etc/containers", folder.etcContainers]).run()
        try Command(["rm", "--recursive", "--force", "\(folder.etcContainers)/networks"]).run()
        try makeDirectory("\(folder.etcContainers)/networks")
        // lock_type: the default locks are in /dev/shm, which hosts share. cgroup_manager, events_logger: no
        // systemd or journal is inside. default_ulimits: crun may not raise limits where CAP_SYS_RESOURCE is missing.
        let text = """
            [containers]
            default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
            log_driver = "k8s-file"

            [engine]
            cgroup_manager = "cgroupfs"
            events_logger = "file"
            lock_type = "file"

            [network]
            network_backend = "netavark"

            """
        try writeFile(text, to: "\(folder.etcContainers)/containers.conf")
    }

    /// Starts pid 1 in namespaces of its own and returns the pid of its guard outside.
    func start(executable: String) throws(LabError) -> pid_t {
        let command =
            ["unshare", "--fork", "--kill-child", "--pid", "--mount", "--uts", "--ipc", "--"]
            + [executable, "lab", "host-init", folder.configuration]
        return try startProgram(namespace.entering(command), log: folder.initLog)
    }

    /// Waits until pid 1 has mounted everything and Podman answers.
    ///
    /// - Throws: `LabError.hostDidNotStart` with the end of its log.
    func waitUntilStarted(guardian: pid_t) throws(LabError) {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            if let process, access("/proc/\(process.pid)/root/run/podman/podman.sock", F_OK) == 0 { return }
            var status: Int32 = 0
            guard waitpid(guardian, &status, WNOHANG) == 0, ContinuousClock.now < deadline else {
                let logs = [folder.initLog, folder.podmanLog].compactMap { readFile($0)?.trimmed }
                throw .hostDidNotStart(name, output: String(logs.joined(separator: "\n").suffix(2000)))
            }
            usleep(5_000)
        }
    }

    /// Pid 1 as the machine sees it; nil when the host does not run.
    var process: ProcessIdentity? { LabProcesses.recorded(at: folder.initRecord) }

    /// The arguments that run a command on the host, in every namespace of its own and with its programs in PATH.
    ///
    /// - Throws: `LabError.hostIsDown`.
    func entering(_ command: [String], lab: String) throws(LabError) -> [String] {
        guard let process else { throw .hostIsDown(name, lab: lab) }
        let path = "\(folder.programs):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        let kept = environment().filter { !HostInit.isMachineVariable($0.key) && $0.key != "PATH" }
        return ["nsenter", "--target=\(process.pid)", "--net", "--mount", "--pid", "--uts", "--ipc", "--"]
            + ["env", "-i"] + kept.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } + ["PATH=\(path)"]
            + command
    }

    /// The socket of the host's daemon, reached through pid 1's root: short whatever the lab's folder is called.
    var controlSocket: String? { process.map { "/proc/\($0.pid)/root/run/wgctl/wgd.sock" } }

    /// Starts the daemon, which pid 1 holds back until the images are in.
    func startDaemon() {
        if let process { kill(process.pid, SIGUSR1) }
    }

    /// The pid of the running daemon as the machine sees it: a child of pid 1 called wgd.
    var daemon: pid_t? {
        guard let process else { return nil }
        // A child is listed under the thread that made it (proc(5)).
        let tasks = "/proc/\(process.pid)/task"
        let children = listDirectory(tasks).compactMap { readFile("\(tasks)/\($0)/children") }
        return children.flatMap { $0.split(separator: " ") }.compactMap { pid_t($0) }.sorted().first { pid in
            readFile("/proc/\(pid)/cmdline")?.split(separator: "\0").first == "wgd"
        }
    }
}
