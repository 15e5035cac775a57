internal import NetAddress

extension Doctor {
    static func clock(_ host: HostInspection) -> [Diagnosis] {
        let area = Diagnosis.Area.clock
        let clock = host.clock
        var found: [Diagnosis] = []
        if clock.isSynchronised {
            found.append(area.ok("synchronised", "the kernel says so"))
        } else {
            found.append(
                area.warning(
                    "synchronised", "the kernel's clock is not steered (STA_UNSYNC)",
                    why:
                        "peers refuse a handshake whose time is before their last one: a clock that goes back cuts this "
                        + "host off",
                    remedy: ["apt-get install systemd-timesyncd", "timedatectl set-ntp true"]))
        }
        // A minute, because file times are not exact on every file system.
        if let last = clock.lastRecord, last > clock.now + 60 {
            found.append(
                area.problem(
                    "direction", "\(last - clock.now) s before wgd last wrote its records",
                    why: "the clock went back: peers refuse this host's handshakes until it has caught up",
                    remedy: ["timedatectl set-ntp true"]))
        }
        return found
    }

    static func daemon(_ host: HostInspection, _ expected: ExpectedHost) -> [Diagnosis] {
        [node(expected), manifests(host), watching(host), state(host), key(host, expected), processes(host)]
    }

    private static func node(_ expected: ExpectedHost) -> Diagnosis {
        let area = Diagnosis.Area.daemon
        if let reason = expected.assumption {
            return area.warning(
                "node", reason, why: "this host takes part in nothing; the checks above look at the default names",
                remedy: [
                    "add a Node with this host's name, or put WGD_NODE=NAME into /etc/default/wgd",
                    "wgctl validate DIRECTORY",
                ])
        }
        if let change = expected.nameChange {
            return area.warning(
                "node", change, why: "whoever looks for the host's name in the manifests does not find it",
                remedy: [
                    "put WGD_NODE=NODE into /etc/default/wgd, and restart wgd; or rename the Node: wgctl help adopt"
                ])
        }
        let tunnels = expected.tunnels.map { "\($0.names.wireguard) on port \($0.listenPort)" }
        return area.ok("node", tunnels.isEmpty ? "in no overlay" : tunnels.listed)
    }

    private static func manifests(_ host: HostInspection) -> Diagnosis {
        let area = Diagnosis.Area.daemon
        let directory = host.daemon.manifests
        switch directory.manifests {
        case .unseen(let reason):
            return area.problem(
                "manifests", reason, why: "wgd reads what this host must look like there",
                remedy: ["mkdir -p \(directory.path)", "or name another with WGD_MANIFESTS= in /etc/default/wgd"])
        case .seen(let count):
            if let fault = directory.fault {
                return area.problem(
                    "manifests", fault,
                    why:
                        "whoever can write them rules this host: wgd reads nothing there, save on a host that an earlier "
                        + "release served, which it warns",
                    remedy: [])
            }
            guard let first = directory.refused.first else {
                return area.ok("manifests", "\(count) in \(directory.path)")
            }
            let more = directory.refused.count > 1 ? " (and \(directory.refused.count - 1) more)" : ""
            return area.problem(
                "manifests", "\(first)\(more)", why: "wgd does not read it, and deletes nothing meanwhile",
                remedy: directory.refused.contains { $0.contains(" writable ") }
                    ? ["chmod -R go-w \(directory.path)"] : [])
        }
    }

    private static func watching(_ host: HostInspection) -> Diagnosis {
        let area = Diagnosis.Area.daemon
        let directory = host.daemon.manifests
        if let kind = directory.silentFileSystem {
            return area.warning(
                "watching", "\(directory.path) is on \(kind), which tells of no changes",
                why: "an edit is seen at the next look, up to 30 s later",
                remedy: ["keep manifests on a local file system: docs/gitops.md"])
        }
        if let error = host.daemon.inotifyError {
            return area.warning(
                "watching", error, why: "changes are found by polling each second",
                remedy: ["sysctl -w fs.inotify.max_user_instances=1024 fs.inotify.max_user_watches=65536"])
        }
        return area.ok("watching", "inotify")
    }

    private static func state(_ host: HostInspection) -> Diagnosis {
        let area = Diagnosis.Area.daemon
        let state = host.daemon.state
        let why = "keys and records are kept there"
        if state.isReadOnly {
            return area.problem(
                "state", "\(state.path) is on a read-only file system", why: why,
                remedy: ["mount it writable, or name another with WGD_STATE_DIR= in /etc/default/wgd"])
        }
        // Records of a fleet take a few megabytes; without space for the key the first start fails.
        if state.freeBytes < 16 << 20 || state.freeFiles < 16 {
            let what = state.freeFiles < 16 ? "\(state.freeFiles) files" : "\(state.freeBytes >> 20) MiB"
            return area.problem(
                "state", "\(what) left for \(state.path)", why: why, remedy: ["free space there"])
        }
        if let mode = state.mode, mode & 0o077 != 0 {
            return area.warning(
                "state", "\(state.path) has mode \(String(mode, radix: 8))", why: "others may look into it",
                remedy: ["chmod 700 \(state.path)"])
        }
        if let owner = state.owner, owner != 0 {
            return area.warning(
                "state", "\(state.path) belongs to user \(owner)", why: "that user can take the host's key",
                remedy: ["chown root: \(state.path)"])
        }
        return area.ok("state", state.mode == nil ? "\(state.path) will be made" : state.path)
    }

    private static func processes(_ host: HostInspection) -> Diagnosis {
        let area = Diagnosis.Area.daemon
        guard case .seen(let found) = host.daemon.processes else {
            return area.unknown("process", "in which network a wgd runs, only root can see")
        }
        let processes = found.sorted()
        guard processes.count > 1 else {
            return area.ok("process", processes.first.map { "wgd runs, pid \($0)" } ?? "wgd does not run")
        }
        let pids = processes.map { "\($0)" }
        return area.problem(
            "process", "\(processes.count) wgd in one network: pids \(pids.listed)",
            why: "each undoes what the other does",
            remedy: ["stop all but one: ps -o pid,ppid,args -p \(pids.joined(separator: ","))"])
    }
}

extension DaemonFacts {
    var isRunning: Bool {
        if case .seen(let processes) = processes { !processes.isEmpty } else { false }
    }
}
