internal import ArgumentParser
internal import ControlAPI
internal import Daemon
internal import Foundation
internal import Glibc
internal import Logging
internal import Synchronization

/// `wgctl down`
struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Take away everything on this host that is wgctl's own, and nothing else.",
        discussion: """
            Containers, networks, interfaces and routes that the daemon made are removed, and sysctls put back to what \
            they were. The key and the records stay. The daemon ends, and changes nothing more until it is started again.
            When no daemon runs, wgctl does the same itself, as root.

            EXAMPLES:
              wgctl down
              # of a wgd that ran with this --state-dir, and does not run any more:
              wgctl down --state-dir /srv/wgctl

            \(ExitStatus.help)
            """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var local: LocalOptions

    @Option(
        help: ArgumentHelp(
            "Podman's API socket, used when no daemon answers (or WGD_PODMAN_SOCKET; default: "
                + "/run/podman/podman.sock).", valueName: "path"))
    var podmanSocket: String?

    func run() async throws {
        try await reportingFailure {
            var removed: [String]
            var failures: [String] = []
            do {
                removed = try await withWaiting { try await connection.client.down() }
            } catch let error as ControlError {
                // A daemon that is there and does not answer may be at work: only its absence makes it our turn.
                guard case .notRunning = error else { throw error }
                (removed, failures) = try await withoutDaemon(error)
            }
            Terminal.print(removed.map(\.printable))
            Terminal.note(removed.isEmpty ? "nothing of wgctl's was here" : "\(removed.count) removed or put back")
            if !failures.isEmpty { throw CommandFailure(failures.joined(separator: "\n").printable) }
        }
    }

    /// Says meanwhile which containers the daemon waits for.
    private func withWaiting(_ body: @escaping @Sendable () async throws -> [String]) async throws -> [String] {
        let client = connection.client
        let notes = WaitingNotes()
        let watch = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(2))
                guard let node = try? await client.summary().node,
                    let own = try? FieldSelector("node=\(node)", kind: .containers),
                    let containers = try? await client.allObjects(ObjectQuery(.containers, fields: own))
                else { continue }
                let going = containers.compactMap { object -> (String, Int)? in
                    guard case .container(let container) = object else { return nil }
                    return container.terminationSeconds.map { (container.name, $0) }
                }
                notes.tell(Dictionary(going) { first, _ in first })
            }
        }
        defer { watch.cancel() }
        return try await body()
    }

    private func withoutDaemon(_ error: ControlError) async throws -> (removed: [String], failures: [String]) {
        let directory = local.stateDirectory(connection)
        guard geteuid() == 0 else {
            throw CommandFailure("\(error); taking things away without it needs root: run sudo wgctl down")
        }
        guard access(directory + "/state.db", F_OK) == 0 else {
            throw CommandFailure(
                "\(error), and \(directory) holds no state.db: nothing was set up from there; "
                    + "name the daemon's state directory with --state-dir", ExitStatus.noDaemon)
        }
        let node = await LocalOptions.recordedNode(stateDirectory: directory)
        var options = DaemonOptions(node: node ?? DaemonCommand.hostName(), stateDirectory: directory)
        let variable = ProcessInfo.processInfo.environment["WGD_PODMAN_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        if let path = podmanSocket ?? variable { options.podmanSocket = path }
        var logger = Logger(label: "wgctl") { PrintableLog.standardError(label: $0) }
        logger.logLevel = .error
        do {
            let notes = WaitingNotes()
            let outcome = try await WithoutDaemon.down(options, logger: logger) { notes.tell($0) }
            return (outcome.changes, outcome.failures)
        } catch {
            throw CommandFailure("\(error)".printable)
        }
    }
}

/// Says once of each container that it has not ended yet.
private final class WaitingNotes: Sendable {
    private let told = Mutex<Set<String>>([])

    /// - Parameter containers: the seconds that each has to end after SIGTERM, by name.
    func tell(_ containers: [String: Int]) {
        for (name, seconds) in containers.sorted(by: { $0.key < $1.key }) {
            guard told.withLock({ $0.insert(name).inserted }) else { continue }
            Terminal.note(
                "waiting for container \(name.printable), which has at most \(seconds) s to end after SIGTERM; "
                    + "podman kill \(name.printable) ends it now")
        }
    }
}
