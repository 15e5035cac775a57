internal import ArgumentParser
internal import ControlAPI
internal import Foundation
internal import Records

/// Where wgd keeps its state: for what wgctl does itself when no daemon answers.
struct LocalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's state directory, used when no daemon answers (or WGD_STATE_DIR; default: where the state "
                + "database is).", valueName: "path"))
    var stateDir: String?

    func stateDirectory(_ connection: ConnectionOptions) -> String {
        let variable = ProcessInfo.processInfo.environment["WGD_STATE_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        return stateDir ?? variable
            ?? URL(fileURLWithPath: connection.source.statePath).deletingLastPathComponent().path
    }

    /// The Node that this host last was; nil when nothing is recorded.
    static func recordedNode(stateDirectory: String) async -> String? {
        guard let records = try? Records.readOnly(path: stateDirectory + "/state.db"),
            let text = try? await records.report()
        else { return nil }
        return try? StatusReport(recordedText: text).node
    }
}
