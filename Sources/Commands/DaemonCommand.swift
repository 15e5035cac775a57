public import ArgumentParser
internal import ControlAPI
internal import Daemon
internal import Foundation
internal import Logging
internal import NetAddress
internal import Resources

/// `wgd`: converges this host to what the manifests say.
public struct DaemonCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "wgd",
        abstract: "Converge this host's network and containers to the manifests.",
        discussion: """
            Watches a directory of Node, Overlay and Gateway manifests and keeps interfaces, WireGuard peers, \
            addresses, routes and containers as they say. Stopping it leaves the network up; `wgctl down` takes \
            it away.

            EXAMPLES
              wgd                                        # as systemd runs it
              wgd --node host-a --manifests ./manifests  # try a directory by hand

            EXIT CODES
              0   stopped by a signal or by `wgctl down`
              2   another wgd holds the state directory
              1   could not start: the reason is on standard error
            """,
        version: ProgramVersion.current)

    @Option(help: "This host's Node name; default: the host name. [env: WGD_NODE]")
    var node: String?

    @Option(help: "The manifest directory; default: /etc/wgctl/manifests. [env: WGD_MANIFESTS]")
    var manifests: String?

    @Option(help: "What manifests may ask of this host; default: /etc/wgctl/policy.yaml. [env: WGD_POLICY]")
    var policy: String?

    @Option(help: "Holds state.db and keys/; default: /var/lib/wgctl. [env: WGD_STATE_DIR]")
    var stateDir: String?

    @Option(help: "The control socket; default: /run/wgctl/wgd.sock. [env: WGCTL_SOCKET]")
    var socket: String?

    @Option(
        help: """
            The group whose members may read over the control socket; default: wgctl, where there is such a group. \
            [env: WGD_SOCKET_GROUP]
            """)
    var socketGroup: String?

    @Option(help: "Podman's API socket; default: /run/podman/podman.sock. [env: WGD_PODMAN_SOCKET]")
    var podmanSocket: String?

    @Option(help: "Seconds between full looks at everything; default: 30. [env: WGD_RESYNC]")
    var resync: Double?

    @Option(
        help: """
            Per cent of the live resources and containers that one change of the manifests may delete; more waits for \
            `wgctl prune --confirm`; default: 30. [env: WGD_PRUNE_PERCENT]
            """)
    var prunePercent: Int?

    @Option(
        help: "Fewer deletions than this are never too many, whatever their share; default: 5. [env: WGD_PRUNE_COUNT]")
    var pruneCount: Int?

    @Option(help: "Seconds that one manifest may take to be read; default: 30. [env: WGD_PARSE_TIMEOUT]")
    var parseTimeout: Int?

    @Option(
        help: "A JSON file that maps node names to public keys to use in place of the manifests'. [env: WGD_PEER_KEYS]")
    var peerKeys: String?

    @Flag(
        help: """
            Read a manifest directory that others than root and its owner can write, and warn: for labs and tests. \
            [env: WGD_TRUST_MANIFEST_WRITERS=1]
            """)
    var trustManifestWriters = false

    @Option(help: "trace, debug, info, notice, warning, error or critical; default: info. [env: WGD_LOG_LEVEL]")
    var logLevel: String?

    public init() {}

    public static var _errorPrefix: String { WgctlCommand._errorPrefix }

    public func run() async throws {
        LoggingSystem.bootstrap(PrintableLog.standardError)
        var logger = Logger(label: "wgd")
        let level = setting(logLevel, "WGD_LOG_LEVEL") ?? "info"
        guard let level = Logger.Level(rawValue: level) else {
            throw ValidationError("--log-level \(level): write trace, debug, info, notice, warning, error or critical")
        }
        logger.logLevel = level
        do {
            try await Daemon(options: try options(), logger: logger).run()
        } catch let error as InstanceLock.LockError {
            logger.critical("\(error)")
            // Whatever else keeps it from the lock may pass: systemd tries again after 1 only.
            if case .held = error { throw ExitCode(2) }
            throw ExitCode(1)
        } catch let error as ValidationError {
            throw error
        } catch {
            logger.critical("\(error)")
            throw ExitCode(1)
        }
    }

    private func options() throws -> DaemonOptions {
        var options = DaemonOptions(node: setting(node, "WGD_NODE") ?? DaemonCommand.hostName())
        if let value = setting(manifests, "WGD_MANIFESTS") { options.manifestDirectory = value }
        if let value = setting(policy, "WGD_POLICY") { options.policyPath = value }
        if let value = setting(stateDir, "WGD_STATE_DIR") { options.stateDirectory = value }
        if let value = setting(socket, "WGCTL_SOCKET") { options.controlSocket = value }
        if let value = setting(socketGroup, "WGD_SOCKET_GROUP") {
            guard SocketGroup.id(value) != nil else {
                throw ValidationError(
                    "--socket-group \(value): there is no such group; create it: groupadd --system \(value)")
            }
            options.socketGroup = value
        }
        if let value = setting(podmanSocket, "WGD_PODMAN_SOCKET") { options.podmanSocket = value }
        if let value = resync ?? setting(nil, "WGD_RESYNC").flatMap(Double.init) {
            guard (1...3600).contains(value) else {
                throw ValidationError("--resync \(value): write 1 to 3600 seconds")
            }
            options.resync = .milliseconds(Int64(value * 1000))
        }
        if let value = try number(parseTimeout, "WGD_PARSE_TIMEOUT", "--parse-timeout", 1...3600) {
            options.parseTimeout = .seconds(value)
        }
        options.trustsManifestWriters =
            trustManifestWriters || setting(nil, "WGD_TRUST_MANIFEST_WRITERS").map { $0 != "0" } ?? false
        let limits = options.pruneLimits
        options.pruneLimits = PruneLimits(
            percent: try number(prunePercent, "WGD_PRUNE_PERCENT", "--prune-percent", 0...100) ?? limits.percent,
            count: try number(pruneCount, "WGD_PRUNE_COUNT", "--prune-count", 1...Int.max) ?? limits.count)
        if let path = setting(peerKeys, "WGD_PEER_KEYS") {
            do {
                options.peerKeys = try PeerKeysFile.read(path)
                options.peerKeysPath = path
            } catch {
                throw ValidationError("--peer-keys \(path): not a JSON object of node names and public keys: \(error)")
            }
        }
        return options
    }

    private func number(
        _ flag: Int?, _ variable: String, _ option: String, _ range: ClosedRange<Int>
    ) throws -> Int? {
        guard let text = setting(flag.map { "\($0)" }, variable) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let most = range.upperBound == .max ? "" : " to \(range.upperBound)"
            throw ValidationError("\(option) \(text): write a number from \(range.lowerBound)\(most)")
        }
        return number
    }

    private func setting(_ flag: String?, _ variable: String) -> String? {
        flag ?? ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// gethostname(2) up to the first dot: what `hostname -s` prints.
    static func hostName() -> String {
        ProcessInfo.processInfo.hostName.split(separator: ".").first.map(String.init) ?? "localhost"
    }
}
