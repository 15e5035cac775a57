internal import Foundation
internal import Glibc
internal import ManifestWatch
internal import Resources

/// Gives a host to each Node that is added to the manifests while a lab is up.
///
/// It runs in the router's network namespace, so that `down` finds and ends it as it does every process of the lab.
public struct LabFollower: Sendable {
    private let lab: Lab
    /// Told what happens, line by line.
    private let log: @Sendable (LabProgress) -> Void
    private var acceptor: Acceptor
    private var lastGood: [LastGood] = []
    /// The addresses that each Node had when it was last in the manifests.
    private var seen: [String: LabNode] = [:]

    public init(_ lab: Lab, log: @escaping @Sendable (LabProgress) -> Void) throws {
        self.lab = lab
        self.log = log
        acceptor = try Acceptor()
    }

    /// Follows the manifests until cancelled.
    ///
    /// - Throws: `LabError` when the lab's record cannot be read.
    public mutating func run() async throws {
        if let own = LabProcesses.identity(ofProcess: getpid()) {
            try writeFile(encodeJSON(own), to: lab.folder.followerRecord)
        }
        let source = ManifestSource(directory: try lab.manifests(), trust: .warning)
        for await update in source.updates() {
            guard case .snapshot(let files) = update else { continue }
            let accepted = acceptor.accept(LabManifests.files(files), lastGood: lastGood)
            lastGood = accepted.lastGood
            let nodes = accepted.live.nodes.map(LabNode.init).sorted { $0.name < $1.name }
            for node in nodes { seen[node.name] = node }
            do {
                try await offPool { [lab, seen, log] in try lab.grow(to: nodes, seen: seen, log: log) }
            } catch {
                log(LabProgress(host: nil, message: "\(error)"))
            }
        }
    }
}

extension Lab {
    /// Starts the follower, which lives as long as the lab.
    func startFollower(executable: String) throws(LabError) {
        let root = (folder.path as NSString).deletingLastPathComponent
        let router = NetworkNamespace(file: folder.namespace(Underlay.routerName))
        _ = try startProgram(
            router.entering([executable, "lab", "follow", name, root]), log: folder.followerLog)
    }

    /// Holds the lab. Of a lab that is complete only the follower holds it for long, and it is ended.
    ///
    /// - Throws: `LabError.busy` when another `up` or `down` holds it, `.noSuchLab`.
    func lockPastFollower() throws(LabError) -> Int32 {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            guard folder.exists else { throw missing }
            do { return try folder.lock() } catch {
                guard case .busy = error, (try? record())?.isComplete == true, ContinuousClock.now < deadline else {
                    throw error
                }
                if let follower = LabProcesses.recorded(at: folder.followerRecord) { kill(follower.pid, SIGKILL) }
                usleep(20_000)
            }
        }
    }

    /// Makes a host for each node that has none.
    ///
    /// - Parameter seen: every node as it last was in the manifests.
    func grow(to nodes: [LabNode], seen: [String: LabNode], log: @escaping @Sendable (LabProgress) -> Void) throws {
        guard let before = try? record(), before.isComplete, before.growth != nil else { return }
        let known = Set(before.hosts.map(\.name))
        guard nodes.contains(where: { !known.contains($0.name) }) || before.refusals != nil else { return }
        let lock = try patientLock()
        defer { close(lock) }
        var record = try self.record()
        var refusals: [String: String] = [:]
        for node in nodes where !known.contains(node.name) {
            do {
                if let old = Self.renamed(node, from: known, to: nodes, seen: seen) {
                    throw LabError.renamed(node: node.name, host: old)
                }
                try add(node, to: &record, log: log)
            } catch {
                refusals[node.name] = "\(error)"
                if before.refusals?[node.name] != "\(error)" {
                    log(LabProgress(host: node.name, message: "gets no host: \(error)"))
                }
            }
        }
        record.refusals = refusals.isEmpty ? nil : refusals
        try writeFile(encodeJSON(record), to: folder.record)
    }

    /// Waits for the `up` that has just started this process; a `down` ends it.
    private func patientLock() throws(LabError) -> Int32 {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do { return try folder.lock() } catch {
                guard case .busy = error, ContinuousClock.now < deadline else { throw error }
                usleep(20_000)
            }
        }
    }

    private func add(
        _ node: LabNode, to record: inout LabRecord, log: @escaping @Sendable (LabProgress) -> Void
    ) throws {
        guard var growth = record.growth else { return }
        let names = growth.underlay.names
        growth.underlay = try growth.underlay.adding(node)
        let place = growth.underlay.hosts.count - 1
        let without = record
        record.growth = growth
        record.hosts = (record.hosts + [LabRecord.Host(growth.underlay.hosts[place])]).sorted { $0.name < $1.name }
        try writeFile(encodeJSON(record), to: folder.record)
        do {
            try makeHosts(at: place..<place + 1, growth, manifests: record.manifests, progress: log)
            guard growth.underlay.names != names else { return }
            for host in growth.underlay.hosts {
                try overwriteFile(growth.underlay.hostsFile(for: host.name), at: folder.host(host.name).etcHosts)
            }
        } catch {
            try removeHost(at: place, growth.underlay)
            record = without
            throw error
        }
    }

    /// The host whose Node has this one's addresses and is no longer in the manifests: the same host under a new name,
    /// whose daemon goes on serving it.
    static func renamed(
        _ node: LabNode, from hosts: Set<String>, to nodes: [LabNode], seen: [String: LabNode]
    ) -> String? {
        let there = Set(nodes.map(\.name))
        return hosts.subtracting(there).sorted().first { old in
            seen[old].map { !$0.overlayAddresses.isDisjoint(with: node.overlayAddresses) } ?? false
        }
    }
}
