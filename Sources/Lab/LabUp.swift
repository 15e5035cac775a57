internal import Foundation
internal import Glibc
internal import NetAddress

/// What `Lab.up` is to bring up.
public struct LabOptions: Sendable {
    /// The manifest directory, given to every daemon as it stands: a symbolic link is followed when it is switched.
    public var manifests: String
    /// The text of every host's policy file; nil: there is none, so the default is in force.
    public var policy: String?
    public var images: [LabImage]
    /// The hosts that receive edits late; all others read the directory itself.
    public var lags: [LabLag]
    /// The file that has `wgctl lab host-init` and, called as `wgd`, the daemon.
    public var executable: String
    /// False: hosts with Podman alone, for a daemon started by hand (under a debugger, say).
    public var startsDaemon: Bool
    /// How long all hosts have to become Ready.
    public var timeout: Duration

    public init(
        manifests: String, policy: String? = nil, images: [LabImage] = [], lags: [LabLag] = [],
        executable: String, startsDaemon: Bool = true,
        timeout: Duration = .seconds(120)
    ) {
        self.manifests = manifests
        self.policy = policy
        self.images = images
        self.lags = lags
        self.executable = executable
        self.startsDaemon = startsDaemon
        self.timeout = timeout
    }
}

/// A line of progress.
public struct LabProgress: Hashable, Sendable {
    /// nil: the lab as a whole.
    public var host: String?
    public var message: String

    public init(host: String?, message: String) {
        self.host = host
        self.message = message
    }
}

extension Lab {
    /// Starts the hosts and, with daemons, waits until all are Ready.
    ///
    /// - Throws: as `start`, when nothing is left, and `LabError.notReady`, when the lab stays up to be looked at.
    public func up(
        nodes: [LabNode], options: LabOptions, progress: @escaping @Sendable (LabProgress) -> Void
    ) async throws {
        let beginning = ContinuousClock.now
        try await start(nodes: nodes, options: options, progress: progress)
        if options.startsDaemon {
            try await waitUntilReady(within: options.timeout, beginning: beginning, progress: progress)
        }
    }

    /// Makes the hosts and starts Podman and the daemon on each; returns when every daemon was started.
    ///
    /// What a crashed lab of this name left behind is cleared first. On failure everything is taken away again.
    /// - Throws: `LabError`.
    public func start(
        nodes: [LabNode], options: LabOptions, progress: @escaping @Sendable (LabProgress) -> Void
    ) async throws {
        try await offPool { [self] in
            guard geteuid() == 0 else { throw LabError.notRoot }
            let manifests = try ManifestPlace.absolute(options.manifests)
            guard !nodes.isEmpty else { throw LabError.noNodes(path: manifests, complaints: []) }
            let underlay = try Underlay(nodes: nodes)
            let lags = try LabLag.delays(options.lags, hosts: nodes.map(\.name), lab: name)
            try makeDirectory(folder.path)
            let isUp = isUp
            let lock = try isUp ? folder.lock() : lockPastFollower()
            defer { close(lock) }
            if isUp { throw LabError.alreadyUp(lab: name) }
            try clear()
            do {
                try build(underlay, manifests: manifests, options: options, lags: lags, progress: progress)
            } catch {
                try clear()
                try FileManager.default.removeItem(atPath: folder.path)
                throw error
            }
        }
    }

    private func build(
        _ underlay: Underlay, manifests: String, options: LabOptions, lags: [String: Duration],
        progress: @escaping @Sendable (LabProgress) -> Void
    ) throws {
        let growth = LabRecord.Growth(
            underlay: underlay, images: options.images, executable: options.executable,
            startsDaemon: options.startsDaemon)
        var record = LabRecord(
            manifests: manifests, hosts: underlay.hosts.map { LabRecord.Host($0, lag: lags[$0.name]) },
            isComplete: false, growth: growth)
        try writeFile(encodeJSON(record), to: folder.record)
        if let policy = options.policy { try writeFile(policy, to: folder.policy) }
        try makeDirectory(folder.namespaces)
        try NetworkNamespace(file: folder.namespace(Underlay.routerName)).create()
        try NetworkNamespace(file: folder.namespace(Underlay.routerName)).apply(underlay.router)
        progress(LabProgress(host: nil, message: "underlay: \(underlay.summary)"))
        try makeHosts(
            at: underlay.hosts.indices, growth, manifests: manifests, lags: lags, progress: progress)
        record.isComplete = true
        try writeFile(encodeJSON(record), to: folder.record)
        try startFollower(executable: options.executable)
    }
}

extension Underlay {
    fileprivate var summary: String {
        let behindNAT = hosts.filter(\.isBehindNAT).count
        return "\(hosts.count) hosts around one router" + (behindNAT == 0 ? "" : ", \(behindNAT) behind NAT")
    }
}
