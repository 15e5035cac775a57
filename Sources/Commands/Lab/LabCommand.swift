public import ArgumentParser
internal import Foundation
internal import Lab

/// `wgctl lab`: the hosts of a manifest directory on this machine.
public struct LabCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Bring the hosts of a manifest directory up on this machine, one namespace per Node.",
        discussion: """
            Each host has its own network, processes, Podman and wgd. Try it, rehearse
            a change before pushing it:

              wgctl lab up manifests/two-hosts
              wgctl lab check
              wgctl lab exec host-a -- wgctl get nodes
              wgctl lab exec host-a -- podman exec pod-a ping -c 3 10.0.0.20
              wgctl lab down

            The daemons follow the manifests as you edit them, and a Node that is
            added gets its host. Private keys of real hosts are not here, so each lab
            host makes its own, and every daemon uses those public keys in place of
            the manifests'.
            """,
        subcommands: [
            LabUpCommand.self, LabListCommand.self, LabStatusCommand.self, LabCheckCommand.self, LabExecCommand.self,
            LabLogsCommand.self,
            LabDownCommand.self, LabHostInitCommand.self, LabDeliverCommand.self, LabFollowCommand.self,
        ])

    public init() {}
}

/// `--name`, which the subcommands about one lab take.
struct LabNameOption: ParsableArguments {
    /// Where neither the option nor `WGCTL_LAB` names one.
    private static let lastResort = "lab"

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp(
            "The lab's name (or WGCTL_LAB; default: \(lastResort)); several can be up at once. Their folders are in "
                + "WGCTL_LAB_DIR, or /var/lib/wgctl-lab.", valueName: "name"), completion: LabCompletion.labs)
    var givenName: String?

    /// Of the lab that commands without `--name` are about.
    static var defaultName: String {
        ProcessInfo.processInfo.environment["WGCTL_LAB"].flatMap { $0.isEmpty ? nil : $0 } ?? lastResort
    }

    var name: String { givenName ?? Self.defaultName }

    func lab() throws -> Lab { try Lab(name: name) }
}
