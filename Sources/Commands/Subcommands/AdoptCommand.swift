internal import ArgumentParser
internal import ControlAPI

/// `wgctl adopt`
struct AdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt",
        abstract: "Finish the rename of this host's Node: the new Node takes over tunnel and containers.",
        discussion: """
            A Node that gets another name in the manifests would be deleted on its host under the old name, so wgd \
            keeps it (PruneBlocked). This command hands what the host has over to the Node with the new name: \
            interfaces, peers and containers stay as they are, and no packet is lost. Other hosts need nothing.

            The new Node is the one with this host's public key, else the one called as this host (WGD_NODE or the \
            host name). It is refused while the old Node is still in the manifests.

            EXAMPLES:
              wgctl adopt --from host-b
              wgctl adopt --from host-b --to host-bee

            \(ExitStatus.help)
            """)

    @Option(help: "The Node that this host serves, by its old name.", completion: ObjectCompletion.names(.nodes))
    var from: String

    @Option(help: "The Node to go on as.", completion: ObjectCompletion.names(.nodes))
    var to: String?

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailure {
            let client = connection.client
            let node = try await client.adopt(from: from, to: to)
            try await waitUntilServed(node, client)
            Terminal.note("this host serves node/\(node.printable), with what node/\(from.printable) had")
        }
    }

    /// The daemon begins anew within its process, which takes moments.
    private func waitUntilServed(_ node: String, _ client: ControlClient) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if let summary = try? await client.summary(), summary.node == node { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw CommandFailure(
            "wgd has taken node/\(node.printable) over, and has not answered for 30 s since: see its log")
    }
}
