internal import ArgumentParser
internal import ControlAPI
internal import Daemon
internal import Doctor
internal import Foundation
internal import Glibc
internal import HostPolicy
internal import Inspection
internal import Planner
internal import Records
internal import Resources

/// `wgctl doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find what on this host keeps wgctl from working, or will, and say what to do about it.",
        discussion: """
            Looks at the kernel, Podman, systemd-networkd, NetworkManager, the firewall, sysctls, the clock, and what \
            wgd needs. Nothing is changed. It works with and without a running wgd, before the first start too. Each \
            problem and warning comes with what was found, why it matters, and commands or the content of files to \
            paste. Without root, what it could not look at is said.

            EXAMPLES:
              sudo wgctl doctor
              sudo wgctl doctor --all
              # before wgd is set up:
              sudo wgctl doctor --node host-a --manifests ./manifests
              sudo wgctl doctor --strict -o json

            EXIT STATUS:
              0   no problem was found (with --strict: no warning either)
              1   there is a problem
              2   could not run
              64  wrong command line
            """)

    @Flag(help: "Show what is in order, too.")
    var all = false

    @Flag(help: "Let warnings fail as problems do.")
    var strict = false

    @Option(name: .shortAndLong, help: "json or yaml.")
    var output: DoctorFormat?

    @Option(
        help: ArgumentHelp(
            "This host's Node (or WGD_NODE; default: what wgd serves or is recorded to, /etc/default/wgd, the host name).",
            valueName: "name"))
    var node: String?

    @Option(
        help: ArgumentHelp(
            "The manifest directory (or WGD_MANIFESTS; default: what wgd says, /etc/default/wgd, "
                + "/etc/wgctl/manifests).", valueName: "path"), completion: .directory)
    var manifests: String?

    @Option(
        help: ArgumentHelp(
            "wgd's state directory (or WGD_STATE_DIR; default: /etc/default/wgd, /var/lib/wgctl).", valueName: "path"))
    var stateDir: String?

    @Option(
        help: ArgumentHelp(
            "Podman's API socket (or WGD_PODMAN_SOCKET; default: /etc/default/wgd, /run/podman/podman.sock).",
            valueName: "path"))
    var podmanSocket: String?

    @Option(
        help: ArgumentHelp(
            "The daemon's control socket (or WGCTL_SOCKET; default: \(ControlServer.defaultSocketPath)).",
            valueName: "path"))
    var socket: String?

    enum DoctorFormat: String, ExpressibleByArgument, CaseIterable {
        case json, yaml
    }

    func run() async throws {
        try await reportingFailure(ExitStatus.couldNotRun) {
            let text = DoctorText(
                diagnoses: try await diagnoses(), showsAll: all, isColoured: Terminal.isColoured)
            switch output {
            case nil: Terminal.print(text.lines)
            case .json: Terminal.print(text: try Rendering.text(text.json, .json))
            case .yaml: Terminal.print(text: try Rendering.text(text.json, .yaml))
            }
            if text.count(.problem) > 0 || (strict && text.count(.warning) > 0) { throw ExitStatus.failure }
        }
    }

    private func diagnoses() async throws -> [Diagnosis] {
        let socketOption = socket.map { ["--socket", $0] } ?? []
        let daemon = try? await ConnectionOptions.parse(socketOption).client.summary()
        let flags = [
            "WGD_NODE": node, "WGD_MANIFESTS": manifests, "WGD_STATE_DIR": stateDir,
            "WGD_PODMAN_SOCKET": podmanSocket,
        ].compactMapValues(\.self)
        var options = HostSettings(flags: flags, daemon: daemon).options
        if daemon == nil, node == nil, let served = await Self.recordedNode(options) { options.node = served }
        var expected = try Self.expectation(options)
        expected.nameChange = daemon?.daemon.nameChange
        if daemon == nil, options.node != options.hostName {
            expected.nameChange = "this host is called \(options.hostName), and wgd serves Node/\(options.node) on it"
        }
        let inspector = HostInspector(
            stateDirectory: options.stateDirectory, keyDirectory: options.keyDirectory,
            manifestDirectory: options.manifestDirectory, podmanSocket: options.podmanSocket)
        let host = await inspector.inspect(ports: Set(expected.tunnels.map(\.listenPort)))
        return Doctor.diagnose(host, expecting: expected)
    }

    /// The Node that this host served last; nil when nothing is recorded.
    private static func recordedNode(_ options: DaemonOptions) async -> String? {
        guard let records = try? Records.readOnly(path: options.databasePath) else { return nil }
        return try? await records.served()?.node
    }

    /// What the manifests want of this host, or the defaults where they do not know it.
    private static func expectation(_ options: DaemonOptions) throws -> ExpectedHost {
        guard let input = try? ManifestInput(paths: [options.manifestDirectory]) else {
            return .defaults(because: "there are no manifests in \(options.manifestDirectory)")
        }
        let resources = try input.accepted().live
        guard resources.nodes.contains(where: { $0.metadata.name == options.node }) else {
            return .defaults(because: "no valid Node is named \(options.node)")
        }
        var expected = ExpectedHost(Planner.plan(resources, facts: HostFacts(node: options.node)))
        expected.identity = identity(options, in: resources)
        return expected
    }

    /// By which key the other hosts know this one.
    private static func identity(_ options: DaemonOptions, in resources: ResourceSet) -> ExpectedHost.Identity? {
        guard let node = resources.nodes.first(where: { $0.metadata.name == options.node }) else { return nil }
        let overlays = Set(node.spec.overlays.map(\.name))
        var identity = ExpectedHost.Identity(
            node: options.node, publicKey: node.spec.publicKey,
            hasPeers: resources.nodes.contains { other in
                other.metadata.name != options.node && other.spec.overlays.contains { overlays.contains($0.name) }
            })
        // A policy that cannot be read pins nothing; wgd says what is wrong with it.
        let pins = (try? HostPolicy(file: try PolicyOption.read(options.policyPath)))?.pins ?? [:]
        for (keys, source) in [
            (pins, "the pin in \(options.policyPath)"), (options.peerKeys, "the entry in --peer-keys"),
        ] {
            guard let key = keys[options.node] else { continue }
            (identity.publicKey, identity.source) = (key, source)
        }
        return identity
    }
}
