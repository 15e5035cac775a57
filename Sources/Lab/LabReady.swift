internal import ControlAPI

extension Lab {
    /// Follows every host until all are Ready, one has failed for good, or the time is over.
    ///
    /// Tells each change of what a host waits for.
    /// - Parameter beginning: What "Ready after" counts from; the time limit counts from the call.
    /// - Throws: `LabError.notReady` with those that are not; `.noSuchLab`.
    public func waitUntilReady(
        within timeout: Duration, beginning: ContinuousClock.Instant = .now,
        progress: @escaping @Sendable (LabProgress) -> Void
    ) async throws {
        let deadline = ContinuousClock.now + timeout
        let names = try record().hosts.map(\.name)
        let late = try await withThrowingTaskGroup(of: String?.self) { group in
            for name in names {
                group.addTask { try await self.follow(name, since: beginning, until: deadline, progress) ? nil : name }
            }
            return try await group.reduce(into: [String]()) { $0 += $1.map { [$0] } ?? [] }
        }
        guard late.isEmpty else {
            throw LabError.notReady(hosts: late.sorted(), seconds: Int(timeout.components.seconds))
        }
    }

    /// Whether the host became Ready in time.
    private func follow(
        _ name: String, since start: ContinuousClock.Instant, until deadline: ContinuousClock.Instant,
        _ progress: @Sendable (LabProgress) -> Void
    ) async throws -> Bool {
        var told = ""
        func tell(_ message: String) {
            guard message != told else { return }
            told = message
            progress(LabProgress(host: name, message: message))
        }
        while ContinuousClock.now < deadline {
            switch await readiness(of: name) {
            case .ready(let note):
                let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
                let seconds = "\(milliseconds / 1000).\(milliseconds % 1000 / 100)"
                tell("Ready after \(seconds) s" + (note.map { " (\($0))" } ?? ""))
                return true
            case .waiting(let reason): tell("waiting: \(reason)")
            case .failed(let reason):
                tell("failed: \(reason)")
                return false
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    /// What readiness depends on: the host's own Node, its containers and its peers.
    private static func report(_ client: ControlClient) async throws -> StatusReport {
        let summary = try await client.summary()
        var report = StatusReport(node: summary.node, daemon: summary.daemon, fileErrors: summary.fileErrors)
        let own = try FieldSelector("node=\(summary.node)", kind: .containers)
        let queries = [
            ObjectQuery(.nodes, names: [summary.node]), ObjectQuery(.containers, fields: own), ObjectQuery(.peers),
        ]
        for query in queries {
            for object in try await client.allObjects(query) {
                switch object {
                case .resource(let resource): report.nodes.append(resource)
                case .container(let container): report.containers.append(container)
                case .peer(let peer, _): report.peers.append(peer)
                case .route, .event: break
                }
            }
        }
        return report
    }

    /// What a host's daemon says of itself, or why it cannot be asked.
    public func readiness(of name: String) async -> HostReadiness {
        guard let socket = host(name).controlSocket else {
            return .failed("\(LabError.hostIsDown(name, lab: self.name))")
        }
        do {
            return HostReadiness(try await Self.report(ControlClient(socketPath: socket)))
        } catch ControlError.notRunning {
            return .waiting("wgd does not answer yet")
        } catch {
            return .waiting("\(error)")
        }
    }
}
