internal import Foundation
internal import Glibc
internal import NetAddress

/// What `Lab.up` is to bring up.
public struct LabOptions: Sendable {
    /// The manifest directory, given to every daemon as it stands.
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
            let manifests = try LabManifests.resolve(options.manifests)
            guard !nodes.isEmpty else { throw LabError.noNodes(path: manifests, complaints: []) }
            let underlay = try Underlay(nodes: nodes)
            let lags = try LabLag.delays(options.lags, hosts: nodes.map(\.name), lab: name)
            try makeDirectory(folder.path)
            let lock = try folder.lock()
            defer { close(lock) }
            if let record = try? record(), record.isComplete,
                record.hosts.contains(where: { host($0.name).process != nil })
            {
                throw LabError.alreadyUp(lab: name)
            }
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
        var record = LabRecord(
            manifests: manifests,
            hosts: underlay.hosts.map {
                LabRecord.Host(
                    name: $0.name, endpointAddresses: $0.endpointAddresses.map(\.description),
                    addresses: $0.addresses.map(\.description), lagMilliseconds: lags[$0.name]?.milliseconds)
            },
            isComplete: false)
        try writeFile(encodeJSON(record), to: folder.record)
        if let policy = options.policy { try writeFile(policy, to: folder.policy) }
        try makeDirectory(folder.namespaces)
        var publicKeys: [String: String] = [:]
        for host in underlay.hosts {
            let labHost = self.host(host.name)
            let lag = lags[host.name].map { HostConfiguration.Lag(manifests: manifests, milliseconds: $0.milliseconds) }
            if lag != nil { try Delivery.begin(labHost.revisions, from: manifests) }
            let daemon = [
                "wgd", "--node", host.name, "--manifests", lag == nil ? manifests : labHost.revisions.current,
                "--policy", folder.policy,
                "--peer-keys", folder.peerKeys, "--trust-manifest-writers",
            ]
            let configuration = HostConfiguration(
                name: host.name, folder: labHost.folder.path, daemon: options.startsDaemon ? daemon : [],
                lag: lag)
            publicKeys[host.name] = try labHost.prepare(
                hostsFile: underlay.hostsFile(for: host.name), executable: options.executable,
                configuration: configuration)
        }
        try writeFile(encodeJSON(publicKeys), to: folder.peerKeys)
        let setups = underlay.namespaces { folder.namespace($0) }
        for setup in setups { try NetworkNamespace(file: folder.namespace(setup.name)).create() }
        for setup in setups { try NetworkNamespace(file: folder.namespace(setup.name)).apply(setup) }
        progress(LabProgress(host: nil, message: "underlay: \(underlay.summary)"))

        let hosts = underlay.hosts.map { self.host($0.name) }
        let guardians = try hosts.map { try $0.start(executable: options.executable) }
        try inParallel(hosts.count) { index in
            let host = hosts[index]
            try host.waitUntilStarted(guardian: guardians[index])
            for image in options.images {
                let prefix = try host.entering([], lab: name)
                try image.install { prefix + $0 }
            }
            host.startDaemon()
            let addresses = underlay.hosts[index].addresses.map(\.description).joined(separator: ", ")
            let late = lags[host.name].map { ", receives edits \($0.text) late" } ?? ""
            progress(LabProgress(host: host.name, message: "started, \(addresses)\(late)"))
        }
        record.isComplete = true
        try writeFile(encodeJSON(record), to: folder.record)
    }
}

extension Underlay {
    fileprivate var summary: String {
        let behindNAT = hosts.filter(\.isBehindNAT).count
        return "\(hosts.count) hosts around one router" + (behindNAT == 0 ? "" : ", \(behindNAT) behind NAT")
    }
}

/// Runs a body for 0 ..< count side by side, waits for all, and throws the first failure.
private func inParallel(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let group = DispatchGroup()
    let failures = FailureBox()
    for index in 0..<count {
        DispatchQueue.global().async(group: group) {
            do { try body(index) } catch { failures.keep(error, index: index) }
        }
    }
    group.wait()
    if let error = failures.first { throw error }
}

/// The failure of the lowest index, so that the same mistake gives the same message.
private final class FailureBox: @unchecked Sendable {
    // Unchecked: the lock guards the dictionary.
    private let lock = NSLock()
    private var errors: [Int: any Error] = [:]

    func keep(_ error: any Error, index: Int) { lock.withLock { errors[index] = error } }
    var first: (any Error)? { lock.withLock { errors.min { $0.key < $1.key }?.value } }
}
