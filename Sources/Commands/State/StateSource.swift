internal import ArgumentParser
internal import ControlAPI
internal import Daemon
internal import Foundation
internal import Records
internal import Resources

/// The state to show: the daemon's, or the last that it recorded when none answers.
struct StateSource {
    var client: ControlClient
    var statePath: String

    struct Snapshot {
        var report: StatusReport
        var events: [Event]
        /// What to say on standard error when this is not the daemon's own answer.
        var remark: String?
    }

    /// - Parameter eventsOf: whose events to read; nil for all; none are read unless `wantsEvents`.
    /// - Throws: `CommandFailure` with status 3 when there is neither a daemon nor a record.
    func snapshot(wantsEvents: Bool = false, of object: String? = nil, now: Date = Date()) async throws -> Snapshot {
        do {
            let report = try await client.report()
            return Snapshot(report: report, events: wantsEvents ? try await client.events(for: object) : [])
        } catch let error as ControlError {
            if case .refused = error { throw error }
            return try await recorded(wantsEvents: wantsEvents, of: object, because: error, now: now)
        }
    }

    /// What `wgctl status` shows, and what to say when it is not the daemon's own answer.
    ///
    /// - Throws: as `snapshot`.
    func summary(now: Date = Date()) async throws -> (summary: StatusSummary, remark: String?) {
        do {
            return (try await client.summary(), nil)
        } catch let error as ControlError {
            if case .refused = error { throw error }
            let snapshot = try await recorded(wantsEvents: false, of: nil, because: error, now: now)
            return (snapshot.report.summary, snapshot.remark)
        }
    }

    private func recorded(
        wantsEvents: Bool, of object: String?, because error: ControlError, now: Date
    ) async throws -> Snapshot {
        do {
            let records = try Records.readOnly(path: statePath)
            guard let text = try await records.report() else {
                throw CommandFailure("\(error); and nothing is recorded in \(statePath)", ExitStatus.noDaemon)
            }
            let lastSeen = try await records.lastHeartbeat()
            return Snapshot(
                report: try StatusReport(recordedText: text).with(try await records.lastGood()),
                events: wantsEvents ? try await records.events(for: object) : [],
                remark: Self.remark(error, lastSeen: lastSeen, runningProcess: runningProcess(), now: now))
        } catch let failure as RecordsError {
            throw CommandFailure("\(error); \(failure)", ExitStatus.noDaemon)
        } catch is DecodingError {
            throw CommandFailure(
                "\(error); the state recorded in \(statePath) is of another version", ExitStatus.noDaemon)
        }
    }

    /// A daemon whose control socket cannot be made runs all the same.
    private func runningProcess() -> String? {
        InstanceLock.runningProcess(
            stateDirectory: URL(fileURLWithPath: statePath).deletingLastPathComponent().path)
    }

    /// - Parameter runningProcess: the id of the daemon's process, if there is one.
    static func remark(_ error: ControlError, lastSeen: Date?, runningProcess: String? = nil, now: Date) -> String {
        let seen = lastSeen.map { (Age.text(since: $0, now: now), timestampText($0)) }
        switch error {
        case .notRunning(let path):
            if let runningProcess {
                return
                    "wgd (pid \(runningProcess)) runs, but nothing listens on \(path): see its warnings, or name its "
                    + "socket with --socket; showing the last recorded state"
            }
            let since = seen.map { " since \($0.0) (last seen \($0.1))" } ?? ""
            return "wgd is not running\(since); showing the last recorded state"
        case .noAnswer, .refused:
            let since = seen.map { "; it was last seen \($0.0) ago (\($0.1))" } ?? ""
            return "\(error)\(since); showing the last recorded state"
        }
    }
}
