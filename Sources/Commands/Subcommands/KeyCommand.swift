internal import ArgumentParser
internal import ControlAPI
internal import Daemon
internal import Foundation

/// `wgctl key`
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Show this host's WireGuard public key.",
        discussion: """
            EXAMPLES:
              wgctl key show        # for spec.publicKey of this host's Node
            """,
        subcommands: [Show.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Print the public key on a line; the private key is never shown.",
            discussion: """
                When no daemon answers, the key file is read where that is allowed, else the recorded key shown.

                EXAMPLES:
                  wgctl key show

                \(ExitStatus.help)
                """)

        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var local: LocalOptions

        func run() async throws {
            try await reportingFailure {
                do {
                    guard let key = try await connection.client.publicKey() else {
                        throw CommandFailure("this host has no key yet; see the daemon's warnings in wgctl status")
                    }
                    Terminal.print(["\(key)"])
                } catch let error as ControlError {
                    if case .refused = error { throw error }
                    Terminal.print([try await withoutDaemon(error)])
                }
            }
        }

        /// The key in the key file; where that is not there or not for us to read, the one that was recorded.
        private func withoutDaemon(_ error: ControlError) async throws -> String {
            do {
                let key = try WithoutDaemon.publicKey(stateDirectory: local.stateDirectory(connection))
                if let key { return "\(key)" }
            } catch {
                Terminal.note("warning: \("\(error)".printable)")
            }
            let state = try await connection.source.open()
            if let remark = state.remark { Terminal.note(remark) }
            let own = try await state.objects(ObjectQuery(.nodes, names: [state.summary.node]))
            guard case .resource(let node)? = own.first, let key = node.status.publicKey else {
                throw CommandFailure("\(error); no key is recorded", ExitStatus.noDaemon)
            }
            return "\(key)"
        }
    }
}
