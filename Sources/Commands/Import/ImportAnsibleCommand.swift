internal import ArgumentParser
internal import Foundation
internal import Import
internal import Manifest

/// `wgctl import ansible`
struct ImportAnsibleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ansible",
        abstract: "Make an Overlay and its Nodes of an Ansible inventory with WireGuard's variables.",
        discussion: """
            Reads the inventory (INI or YAML) with its group_vars and host_vars as Ansible does, and understands the \
            variables of the roles githubixx.ansible_role_wireguard (wireguard_address, …) and \
            mawalu.wireguard_private_networking (vpn_ip, …). Hosts with none of them are left out. Templates and \
            vaults are not opened: they are reported.

            EXAMPLES:
              wgctl import ansible . --directory manifests
              wgctl import ansible inventories/production/hosts.yml --group vpn

            \(ImportCommand.exitStatus)
            """)

    @Argument(
        help: ArgumentHelp(
            "A directory with an inventory (hosts, hosts.ini, hosts.yml, …), or the inventory.", valueName: "path"),
        completion: .file())
    var path: String

    @Option(help: ArgumentHelp("Only the hosts of this group, as the play's `hosts`.", valueName: "name"))
    var group: String?

    @OptionGroup var output: ImportOutput

    func run() async throws {
        try await reportingFailure(ExitStatus.couldNotRun) {
            let source = try AnsibleDirectory(path)
            try output.write { () throws(ImportFailure) in
                try AnsibleImport.run(
                    source.files, prefix: source.prefix, inventory: source.inventory, group: group,
                    overlay: output.overlay)
            }
        }
    }
}
