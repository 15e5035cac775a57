internal import Glibc

/// What must run outside of this daemon's control group and sandbox is started by systemd, where it runs the host.
public enum Systemd {
    private static let program = "/usr/bin/systemd-run"

    /// Whether systemd runs this host, and would start a unit in our own namespaces: not so for a host of the lab.
    public static var runsThisHost: Bool {
        access("/run/systemd/system", F_OK) == 0 && access(program, X_OK) == 0
            && (isUnit(executedAs: getenv("SYSTEMD_EXEC_PID").map { String(cString: $0) }) || sharesNamespacesWithInit)
    }

    /// A program as a transient unit of its own.
    ///
    /// - Parameter options: of `systemd-run`, such as `--unit=NAME`.
    public static func unit(_ options: [String], _ command: [String]) -> Program {
        Program(path: program, arguments: options + ["--collect", "--quiet", "--"] + command)
    }

    /// Whether systemd itself executed this very process (systemd.exec(5), `$SYSTEMD_EXEC_PID`).
    ///
    /// A sandboxed unit cannot be told by its namespaces: its mounts are its own, and without CAP_SYS_PTRACE those
    /// of process 1 cannot even be read.
    static func isUnit(executedAs pid: String?) -> Bool { pid == String(getpid()) }

    private static var sharesNamespacesWithInit: Bool {
        ["net", "mnt"].allSatisfy { kind in
            var ours = stat()
            var theirs = stat()
            return stat("/proc/thread-self/ns/\(kind)", &ours) == 0 && stat("/proc/1/ns/\(kind)", &theirs) == 0
                && ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev
        }
    }
}
