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

            The daemons follow the manifests as you edit them. Nodes that are added
            later get no host: take the lab down and up again. Private keys of real
            hosts are not here, so each lab host makes its own, and every daemon uses
            those public keys in place of the manifests'.
            """,
        subcommands: [
            LabUpCommand.self, LabStatusCommand.self, LabCheckCommand.self, LabExecCommand.self, LabLogsCommand.self,
            LabDownCommand.self, LabHostInitCommand.self, LabDeliverCommand.self,
        ])

    public init() {}
}

/// `--name`, which all subcommands take.
struct LabNameOption: ParsableArguments {
    @Option(
        name: .long,
        help: "The lab's name; several can be up at once. Their folders are in WGCTL_LAB_DIR, or /var/lib/wgctl-lab.")
    var name = "lab"

    func lab() throws -> Lab { try Lab(name: name) }
}
