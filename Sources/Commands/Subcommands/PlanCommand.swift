internal import ArgumentParser
internal import ControlAPI
internal import Daemon
internal import Foundation
internal import HostPolicy
internal import HostState
internal import JSON
internal import NetAddress
internal import Planner
internal import Resources

/// `wgctl plan`
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show all that a host must have by manifests, for any host, without a daemon.",
        discussion: """
            Mistakes go to standard error as `wgctl validate` shows them; what is valid is planned. What only the \
            host can know is taken as given: its key is the one in its Node, its underlay carries 1500 bytes. Without \
            PATH, this host's manifests are planned; without --node, for this host.

            EXAMPLES:
              wgctl plan
              wgctl plan manifests --node host-a
              wgctl plan manifests --node host-a -o json
              wgctl plan manifests --node host-a --policy policy.yaml
              diff <(wgctl plan old --node host-a) <(wgctl plan new --node host-a)

            EXIT STATUS:
              0   planned
              1   no valid Node has this name
              2   could not run: no such path, not readable, or no manifest there
              64  wrong command line
            """)

    @OptionGroup var options: PlanOptions

    @Option(name: .shortAndLong, help: "text or json.")
    var output: PlanFormat = .text

    enum PlanFormat: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    func run() async throws {
        try await reportingFailure {
            let desired = try await options.desiredHost()
            switch output {
            case .text: Terminal.print(text: desired.text)
            case .json: Terminal.print(text: try Rendering.text(try JSONValue(encoding: desired), .json))
            }
        }
    }
}

/// Which host of which manifests, for commands that plan without a daemon.
struct PlanOptions: ParsableArguments {
    @OptionGroup var manifests: ManifestPaths

    @Option(
        help: ArgumentHelp(
            "The host's Node (or WGD_NODE; default: what wgd serves or served last, the host name).",
            valueName: "name"))
    var node: String?

    @Option(help: ArgumentHelp("What the underlay carries; an overlay's own mtu goes before.", valueName: "bytes"))
    var underlayMTU: UInt32 = 1500

    @Option(
        help: ArgumentHelp(
            "A JSON file that maps node names to public keys to use in place of the manifests'.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var peerKeys: String?

    @OptionGroup var policy: PolicyOption

    func validate() throws {
        guard (1280...65535).contains(underlayMTU) else {
            throw ValidationError("--underlay-mtu \(underlayMTU): write 1280 to 65535 bytes")
        }
    }

    /// Plans, and says on standard error what is refused.
    ///
    /// - Throws: `CommandFailure`.
    func desiredHost() async throws -> DesiredHost { try await plan().host }

    /// The same, with the members of its overlays that cannot be its peers for want of a key.
    func plan() async throws -> (host: DesiredHost, keyless: [Planner.KeylessMember]) {
        let keys = try readPeerKeys()
        let input = try await manifests.input()
        let variable = ProcessInfo.processInfo.environment["WGD_NODE"].flatMap { $0.isEmpty ? nil : $0 }
        let node = if let node = node ?? variable { node } else { await HostSettings.ofThisHost().options.node }
        let policy = try policy.hostPolicy()
        let accepted = try input.accepted(policy: policy, node: node)
        for line in Verdict(accepted, fileCount: input.files.count).lines { Terminal.note(line) }
        let judgement = policy?.judge(accepted.live, node: node)
        let resources = judgement?.resources ?? accepted.live
        guard let own = resources.nodes.first(where: { $0.metadata.name == node }) else {
            throw CommandFailure(missing(node, in: accepted))
        }
        let facts = HostFacts(
            node: node, publicKeys: keys, ownPublicKey: keys[node] ?? own.spec.publicKey, underlayMTU: underlayMTU,
            frozen: judgement?.frozen ?? .init())
        return (
            Planner.plan(resources, facts: facts),
            Planner.keylessMembers(in: resources, of: node, publicKeys: keys)
        )
    }

    private func missing(_ node: String, in accepted: AcceptedSet) -> String {
        if accepted.acceptances.contains(where: { $0.key == ResourceKey(.node, node) }) {
            return "node \"\(node.printable)\" is not valid: see above"
        }
        let names = accepted.live.nodes.map(\.metadata.name)
        let known = names.isEmpty ? "no valid Node" : names.prefix(10).joined(separator: ", ")
        let whose = self.node == nil ? " (this host's; name another with --node)" : ""
        return "node \"\(node.printable)\" not found\(whose); there is \(known)\(names.count > 10 ? ", …" : "")"
    }

    private func readPeerKeys() throws -> [String: PublicKey] {
        guard let peerKeys else { return [:] }
        do {
            return try JSONDecoder().decode(
                [String: PublicKey].self, from: Data(contentsOf: URL(fileURLWithPath: peerKeys)))
        } catch {
            throw CommandFailure(
                "--peer-keys \(peerKeys.printable): not a JSON object of node names and public keys",
                ExitStatus.couldNotRun)
        }
    }
}
