internal import Foundation
internal import Glibc
internal import NetAddress

/// Making hosts: all of them for `up`, one for a Node that is added later.
extension Lab {
    /// Makes the namespaces, folders and processes of hosts that the record has already, and starts their daemons.
    ///
    /// - Parameters:
    ///   - places: of the hosts, in the record's underlay.
    ///   - lags: how late hosts receive edits, by name.
    func makeHosts(
        at places: Range<Int>, _ growth: LabRecord.Growth, manifests: String, lags: [String: Duration] = [:],
        progress: @escaping @Sendable (LabProgress) -> Void
    ) throws {
        let underlay = growth.underlay
        var publicKeys = (try? decodeJSON([String: String].self, at: folder.peerKeys)) ?? [:]
        for host in underlay.hosts[places] {
            let labHost = self.host(host.name)
            let lag = lags[host.name].map { HostConfiguration.Lag(manifests: manifests, milliseconds: $0.milliseconds) }
            if lag != nil { try Delivery.begin(labHost.revisions, from: manifests) }
            let settings = DaemonSettings(
                node: host.name, manifests: lag == nil ? manifests : labHost.revisions.current, policy: folder.policy,
                peerKeys: folder.peerKeys)
            let configuration = HostConfiguration(
                name: host.name, folder: labHost.folder.path, daemon: growth.startsDaemon ? settings.arguments : [],
                lag: lag)
            publicKeys[host.name] = try labHost.prepare(
                hostsFile: underlay.hostsFile(for: host.name), executable: growth.executable,
                settings: settings.file(hasPeerKeys: growth.startsDaemon), configuration: configuration)
        }
        // The daemons read it again when it changes.
        try writeFile(encodeJSON(publicKeys), to: folder.peerKeys)
        for place in places { try makeNamespaces(ofHostAt: place, underlay) }

        let hosts = underlay.hosts[places].map { self.host($0.name) }
        let guardians = try hosts.map { try $0.start(executable: growth.executable) }
        try inParallel(hosts.count) { index in
            let host = hosts[index]
            try host.waitUntilStarted(guardian: guardians[index])
            for image in growth.images {
                let prefix = try host.entering([], lab: name)
                try image.install { prefix + $0 }
            }
            host.startDaemon()
            let addresses = underlay.hosts[places.lowerBound + index].addresses.map(\.description)
            let late = lags[host.name].map { ", receives edits \($0.text) late" } ?? ""
            progress(LabProgress(host: host.name, message: "started, \(addresses.joined(separator: ", "))\(late)"))
        }
    }

    /// A veth is made from the router's end, so both namespaces come first.
    private func makeNamespaces(ofHostAt place: Int, _ underlay: Underlay) throws(LabError) {
        let setup = underlay.setup(ofHostAt: place) { folder.namespace($0) }
        let own = [setup.natRouter, setup.end].compactMap { $0 }
        for namespace in own { try NetworkNamespace(file: folder.namespace(namespace.name)).create() }
        try NetworkNamespace(file: folder.namespace(Underlay.routerName)).apply(ip: setup.router)
        for namespace in own { try NetworkNamespace(file: folder.namespace(namespace.name)).apply(namespace) }
    }

    /// Ends and removes a host that could not be made as a whole.
    func removeHost(at place: Int, _ underlay: Underlay) throws(LabError) {
        let name = underlay.hosts[place].name
        let host = folder.host(name)
        let files = [name, Underlay.natRouterName(of: name)].map { folder.namespace($0) }
        try LabProcesses.killAll(in: LabProcesses.namespaces(files: files, in: folder))
        try LabCgroups(hosts: [host]).remove(scratch: "\(folder.path)/cgroup")
        try unmountAll(below: host.path)
        for file in files {
            umount2(file, Int32(MNT_DETACH))
            unlink(file)
        }
        // It goes with its other end's namespace, some time later.
        let router = NetworkNamespace(file: folder.namespace(Underlay.routerName))
        _ = try? Command(router.entering(["ip", "link", "delete", Underlay.port(ofHostAt: place)])).run()
        try? FileManager.default.removeItem(atPath: host.path)
        var keys = (try? decodeJSON([String: String].self, at: folder.peerKeys)) ?? [:]
        keys[name] = nil
        try writeFile(encodeJSON(keys), to: folder.peerKeys)
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
