internal import ControlAPI
internal import Descriptors
internal import Foundation
internal import Glibc
internal import NetAddress
internal import Probes

/// Probes the paths of one host. wgctl does it itself, not wgd: entering containers and sending raw packets needs root,
/// which wgd is not, and what only may read must not make a host send.
struct CheckRun: Sendable {
    /// Paths that are probed at once. Most of that time is waiting for those that do not answer.
    static let window = 256

    let client: ControlClient
    let options: ProbeOptions.Values
    var selection = CheckSelection()
    /// The file of the host's network namespace; nil: this process is in it.
    var networkNamespace: String?
    /// Where the host's files are; empty: at `/`.
    var root = ""
    var pace = Pace()
    /// Told how many paths are done, of how many.
    var onProgress: @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }

    /// - Throws: `ControlError`; `CommandFailure` for a name that nothing has, and without the rights to probe.
    func report() async throws -> CheckReport {
        let list = try await client.paths()
        let paths = try selection.paths(in: list)
        let before = try await client.traffic()
        let measured = try await measure(paths)
        let end = Date().timeIntervalSince1970
        var after = before
        // The daemon reads its devices once a second at most. Where the clock was set back, that moment never comes.
        let deadline = ContinuousClock.now + .seconds(5)
        while after.readAt < end, !paths.isEmpty, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(100))
            after = try await client.traffic()
        }
        return CheckReport(
            node: list.node, paths: verdicts(paths, measured, before, after, host: .node(list.node)),
            problems: list.problems + selection.unprobed(in: list), remarks: list.remarks + after.errors,
            requiresPath: options.requiresPath)
    }

    private func measure(_ paths: [CheckedPath]) async throws -> [PathProbe.Measurement] {
        let probes = try openProbes(paths)
        return try await withThrowingTaskGroup(of: (Int, PathProbe.Measurement).self) { group in
            var measured = [PathProbe.Measurement](repeating: .init(), count: paths.count)
            var next = 0
            func addNext() {
                guard next < paths.count else { return }
                let (index, path) = (next, paths[next])
                next += 1
                group.addTask {
                    guard path.peer.noPath == nil, path.peer.keyMissing == nil,
                        let probe = probes[path.networkNamespace]
                    else {
                        return (index, .init())
                    }
                    return (index, await probe.measure(path.address, from: path.source))
                }
            }
            for _ in 0..<Self.window { addNext() }
            var done = 0
            for try await (index, measurement) in group {
                if case .noSocket(_, EPERM) = measurement.error {
                    throw CommandFailure("probes need raw sockets: run wgctl as root")
                }
                measured[index] = measurement
                done += 1
                onProgress(done, paths.count)
                addNext()
            }
            return measured
        }
    }

    /// By the namespace that a path names; none for a container that has ended meanwhile.
    private func openProbes(_ paths: [CheckedPath]) throws -> [String?: PathProbe] {
        var probes: [String?: PathProbe] = [:]
        for namespace in Set(paths.map(\.networkNamespace)) {
            do throws(SystemError) {
                let file = namespace.map { root + $0 } ?? networkNamespace
                let echo: EchoProbe
                if let file { echo = try EchoProbe(networkNamespace: file) } else { echo = EchoProbe() }
                probes[namespace] = PathProbe(echo, count: options.count, timeout: options.timeout) { [pace] in
                    await pace.wait()
                }
            } catch {
                if error.code == EPERM || error.code == EACCES {
                    throw CommandFailure("\(error.operation): probing from a container takes root")
                }
            }
        }
        return probes
    }

    private func verdicts(
        _ paths: [CheckedPath], _ measured: [PathProbe.Measurement], _ before: TrafficReport, _ after: TrafficReport,
        host: Place
    ) -> [PathResult] {
        struct Reached: Hashable {
            var from: Place
            var overlay: String
            var node: String
            var family: IPAddress.Family
        }
        func key(_ path: CheckedPath, from place: Place) -> Reached {
            Reached(
                from: place, overlay: path.overlay.name, node: path.peer.node, family: path.address.family)
        }
        let isReached = Dictionary(
            zip(paths, measured).filter { $0.0.to.kind == .node }.map { path, measured in
                (key(path, from: path.from), !measured.roundTrips.isEmpty)
            }, uniquingKeysWith: { $0 || $1 })
        let (before, after, readAt) = (counters(before), counters(after), after.readAt)
        return zip(paths, measured).map { path, measured in
            let peer = PeerName(overlay: path.overlay.name, node: path.peer.node)
            return PathVerdict(
                path: path, measured: measured, before: before[peer], after: after[peer], readAt: readAt,
                toleratedLoss: options.toleratedLoss,
                hostReachesNode: isReached[key(path, from: host)],
                originReachesNode: path.to.kind == .node ? nil : isReached[key(path, from: path.from)]
            ).result()
        }
    }

    private struct PeerName: Hashable {
        var overlay: String
        var node: String
    }

    private func counters(_ report: TrafficReport) -> [PeerName: TrafficReport.Peer] {
        Dictionary(report.peers.map { (PeerName(overlay: $0.overlay, node: $0.node), $0) }) { first, _ in first }
    }
}
