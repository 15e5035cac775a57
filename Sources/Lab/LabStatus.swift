/// One host of a lab, as `wgctl lab status` shows it.
public struct LabHostStatus: Hashable, Sendable {
    public var name: String
    /// Pid 1 of the host as the machine sees it; nil: not running.
    public var pid: Int32?
    /// The daemon's pid as the machine sees it; nil: not running.
    public var daemonPID: Int32?
    /// Of `eth0`.
    public var addresses: [String]
    /// The daemon's control socket as a path on the machine; nil: the host does not run.
    public var controlSocket: String?
    /// How late it receives edits; nil: at once.
    public var lag: Duration?
    /// How many edits have been made that it has not received.
    public var waitingEdits: Int
}

extension Lab {
    /// Every host, sorted by name.
    ///
    /// - Throws: `LabError.noSuchLab`, `.badRecord`.
    public func hosts() throws(LabError) -> [LabHostStatus] {
        try record().hosts.map { recorded in
            let host = host(recorded.name)
            return LabHostStatus(
                name: recorded.name, pid: host.process?.pid, daemonPID: host.daemon, addresses: recorded.addresses,
                controlSocket: host.controlSocket, lag: recorded.lagMilliseconds.map { .milliseconds($0) },
                waitingEdits: recorded.lagMilliseconds == nil ? 0 : host.revisions.waiting().count)
        }
    }

    /// Nodes that were added to the manifests and got no host, with the reasons.
    ///
    /// - Throws: as `hosts`.
    public func refusals() throws(LabError) -> [String: String] { try record().refusals ?? [:] }

    /// The manifest directory that the lab was started with.
    public func manifests() throws(LabError) -> String { try record().manifests }
}
