internal import ControlAPI
internal import Daemon
internal import Foundation
internal import JSON
internal import Records
internal import Resources

/// Where the state to show comes from: the daemon, or what it last recorded when it does not answer.
struct StateSource {
    var client: ControlClient
    var statePath: String

    /// Asks the daemon how it is, and reads the records when it does not answer.
    ///
    /// - Throws: `ControlError` when it refuses or is of another release; `CommandFailure` with status 3 when there is
    ///   neither a daemon nor a record.
    func open(now: Date = Date()) async throws -> OpenState {
        do {
            return OpenState(summary: try await client.summary(), origin: .daemon(client))
        } catch let error as ControlError {
            guard error.isSilence else { throw error }
            return try await recorded(because: error, now: now)
        }
    }

    private func recorded(because error: ControlError, now: Date) async throws -> OpenState {
        do {
            let records = try Records.readOnly(path: statePath)
            guard let text = try await records.report() else {
                throw CommandFailure("\(error); and nothing is recorded in \(statePath)", ExitStatus.noDaemon)
            }
            let report = try StatusReport(recordedText: text).with(try await records.lastGood())
            let remark = Self.remark(
                error, lastSeen: try await records.lastHeartbeat(), runningProcess: runningProcess(), now: now)
            return OpenState(
                summary: report.summary, remark: remark,
                origin: .recorded(report) { object in try await records.events(for: object) })
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
            guard let seen else { return "\(error); showing the last recorded state" }
            return "wgd has not been running for \(seen.0) (last seen \(seen.1)); showing the last recorded state"
        case .noAnswer, .forbidden, .otherRelease, .refused:
            let since = seen.map { "; it was last seen \($0.0) ago (\($0.1))" } ?? ""
            return "\(error)\(since); showing the last recorded state"
        }
    }
}

/// The state, to be read page by page.
struct OpenState {
    enum Origin {
        case daemon(ControlClient)
        /// The last report of a daemon, and its events by object.
        case recorded(StatusReport, events: (String?) async throws -> [Event])
    }

    var summary: StatusSummary
    /// What to say on standard error when this is not the daemon's own answer.
    var remark: String?
    var origin: Origin

    /// What an operator must not miss, on standard error.
    func note() {
        if let remark { Terminal.note(remark) }
        for warning in summary.warningsBesideObjects { Terminal.note(warning) }
    }

    func table(_ query: ObjectQuery, now: Date) async throws -> ObjectTable {
        switch origin {
        case .daemon(let client): try await client.table(query)
        case .recorded(let report, _):
            ObjectTable(
                query.kind, query.page(of: report.entries(query.kind)), showsLabels: query.showsLabels, now: now)
        }
    }

    func documents(_ query: ObjectQuery) async throws -> (items: [JSONValue], next: ObjectKey?) {
        switch origin {
        case .daemon(let client): return try await client.documents(query)
        case .recorded(let report, _):
            let page = query.page(of: report.entries(query.kind))
            return (try page.objects.map { try $0.json() }, page.next)
        }
    }

    /// Every object that a query selects.
    func objects(_ query: ObjectQuery) async throws -> [ListedObject] {
        switch origin {
        case .daemon(let client): return try await client.allObjects(query)
        case .recorded(let report, _):
            var query = query
            query.limit = .max
            return query.page(of: report.entries(query.kind)).objects
        }
    }

    /// Events of one object, or of all.
    func events(for object: String?) async throws -> [Event] {
        switch origin {
        case .daemon(let client): try await client.events(for: object)
        case .recorded(_, let events): try await events(object)
        }
    }
}
