internal import ArgumentParser
internal import ControlAPI
internal import Daemon
internal import Foundation
internal import Records

/// What this host's wgd is told, or would be: by a flag, the environment, the daemon that runs, the settings of its unit.
struct HostSettings {
    /// What systemd gives wgd (packaging/wgd.service).
    static let unitSettings = "/etc/default/wgd"

    /// Its `node` is what the host serves, its `hostName` what wgd would be told that the host is called.
    let options: DaemonOptions

    /// - Parameters:
    ///   - flags: by the variable that each stands for.
    ///   - daemon: one that runs.
    init(flags: [String: String], daemon: StatusSummary?, unitSettings: String? = nil) {
        let environment = ProcessInfo.processInfo.environment
        let unit = Self.variables(
            unitSettings ?? (try? String(contentsOfFile: Self.unitSettings, encoding: .utf8)) ?? "")
        func value(_ name: String, ofDaemon: String? = nil) -> String? {
            [flags[name], environment[name], ofDaemon, unit[name]].compactMap(\.self).first { !$0.isEmpty }
        }
        var options = DaemonOptions(node: value("WGD_NODE") ?? DaemonCommand.hostName())
        if let value = value("WGD_MANIFESTS", ofDaemon: daemon?.daemon.manifests) { options.manifestDirectory = value }
        if let value = value("WGD_POLICY") { options.policyPath = value }
        if let path = value("WGD_PEER_KEYS"), let keys = try? PeerKeysFile.read(path) { options.peerKeys = keys }
        if let value = value("WGD_STATE_DIR") { options.stateDirectory = value }
        if let value = value("WGD_PODMAN_SOCKET") { options.podmanSocket = value }
        // What it serves counts, whatever wgd would be told at its next start.
        if flags["WGD_NODE"] == nil, let daemon { options.node = daemon.node }
        self.options = options
    }

    /// As `WGCTL_SOCKET` and the rest of the environment say it, with the Node that the host served last where no daemon
    /// says which it serves.
    ///
    /// - Parameter flags: by the variable that each stands for.
    static func ofThisHost(flags: [String: String] = [:]) async -> HostSettings {
        let daemon = try? await ConnectionOptions.parse([]).client.summary()
        let settings = HostSettings(flags: flags, daemon: daemon)
        guard daemon == nil, flags["WGD_NODE"] == nil,
            let records = try? Records.readOnly(path: settings.options.databasePath),
            let served = try? await records.served()?.node
        else { return settings }
        var options = settings.options
        options.node = served
        return HostSettings(options)
    }

    private init(_ options: DaemonOptions) { self.options = options }

    /// The form of systemd's EnvironmentFile=: `NAME=VALUE`, the value plain or in quotes.
    static func variables(_ text: String) -> [String: String] {
        var variables: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.hasPrefix("#"), !line.hasPrefix(";"), let equals = line.firstIndex(of: "=") else { continue }
            var value = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
            if let quote = value.first, "\"'".contains(quote), value.count > 1, value.last == quote {
                value = String(value.dropFirst().dropLast())
            }
            variables[line[..<equals].trimmingCharacters(in: .whitespaces)] = value
        }
        return variables
    }
}
