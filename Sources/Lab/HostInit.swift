internal import Glibc

/// Pid 1 of a lab host: mounts what is the host's own, starts Podman and the daemon, reaps, restarts what died.
///
/// `SIGUSR1` starts the daemon: `lab up` sends it once the images are in. Killing this process ends the host.
public enum HostInit {
    /// A variable that says where something is on the machine, and would be wrong on a host.
    static func isMachineVariable(_ name: String) -> Bool {
        name.hasPrefix("WGCTL_") || name.hasPrefix("XDG_")
            || ["CONTAINERS_CONF", "CONTAINER_HOST", "NOTIFY_SOCKET", "DBUS_SESSION_BUS_ADDRESS"].contains(name)
    }

    /// Takes over the calling thread and returns only on failure.
    ///
    /// - Parameter configuration: Path of the host's `configuration.json`.
    /// - Throws: `LabError` when the host cannot be made; the caller's exit ends the host.
    public static func run(configuration path: String) throws -> Never {
        // The old /proc is still mounted and belongs to the machine, so it knows our pid there.
        var target = [CChar](repeating: 0, count: 32)
        guard readlink("/proc/self", &target, target.count - 1) > 0,
            let pid = pid_t(String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)),
            let identity = LabProcesses.identity(ofProcess: pid)
        else { throw LabError.system(call: "readlink", subject: "/proc/self", errno: errno) }
        let configuration = try decodeJSON(HostConfiguration.self, at: path)
        let folder = HostFolder(path: configuration.folder)
        guard sethostname(configuration.name, configuration.name.utf8.count) == 0 else {
            throw LabError.system(call: "sethostname", subject: configuration.name, errno: errno)
        }
        let signals = try SignalPipe(SIGCHLD, SIGUSR1)
        try HostMounts(folder: folder).apply()
        setenv("PATH", "\(folder.programs):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1)
        setenv("HOME", "/root", 1)
        for name in environment().keys where isMachineVariable(name) { unsetenv(name) }
        let podman = SupervisedProgram(
            arguments: ["podman", "system", "service", "--time=0", "unix:///run/podman/podman.sock"],
            log: folder.podmanLog)
        // Our own binary, even when the file was replaced by a newer build since.
        let daemon = SupervisedProgram(arguments: configuration.daemon, path: "/proc/self/exe", log: folder.daemonLog)
        var programs = [podman, daemon]
        if configuration.lag != nil {
            programs.append(
                SupervisedProgram(
                    arguments: ["wgctl", "lab", "deliver", path], path: "/proc/self/exe", log: folder.deliveryLog))
        }
        // The daemon waits for its signal.
        for index in programs.indices where index != 1 { try programs[index].start() }
        try writeFile(encodeJSON(identity), to: folder.initRecord)
        while true {
            let isWaiting = programs.contains { $0.restartTime != nil }
            let signal = signals.next(within: isWaiting ? 200 : nil)
            if signal == SIGUSR1, !configuration.daemon.isEmpty { programs[1].startIfStopped() }
            var status: Int32 = 0
            while case let pid = waitpid(-1, &status, WNOHANG), pid > 0 {
                for index in programs.indices where programs[index].pid == pid { programs[index].ended(status) }
            }
            for index in programs.indices { programs[index].restartIfDue() }
        }
    }
}
