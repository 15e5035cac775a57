internal import ArgumentParser
internal import ControlAPI
internal import Foundation

/// Where the daemon and its records are.
struct ConnectionOptions: ParsableArguments {
    static let defaultStatePath = "/var/lib/wgctl/state.db"

    @Option(
        help: ArgumentHelp(
            "The daemon's control socket (or WGCTL_SOCKET; default: \(ControlServer.defaultSocketPath)).",
            valueName: "path"))
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The state database, read when no daemon answers (or WGCTL_STATE; default: \(defaultStatePath)).",
            valueName: "path"))
    var state: String?

    var client: ControlClient {
        ControlClient(socketPath: setting(socket, "WGCTL_SOCKET") ?? ControlServer.defaultSocketPath)
    }

    var source: StateSource {
        StateSource(client: client, statePath: setting(state, "WGCTL_STATE") ?? Self.defaultStatePath)
    }

    private func setting(_ flag: String?, _ variable: String) -> String? {
        if let flag { return flag }
        let value = ProcessInfo.processInfo.environment[variable]
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }
}
